import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../core/index.ts";
import { deriveTwin, parseMetainfo } from "../../metainfo/index.ts";
import type { HashAlgorithm, Vendor } from "../domain.ts";
import type { PreparationProgress } from "./prepare-release.ts";
import { details, prepare, temporaryFolder } from "./sample-origin.test.ts";

const bytes = seededRandom(7).bytes(3_000_001);

function digest(algorithm: HashAlgorithm, of: Buffer = bytes): string {
  return createHash(algorithm).update(of).digest("hex");
}

function vendor(algorithm: HashAlgorithm, hex: string): Vendor {
  return { name: "Contoso", url: "https://contoso.example/", hashes: [{ algorithm, hex }] };
}

const onProgress = (): void => assert.fail("nothing was to be read");

async function fileIn(folder: string): Promise<string> {
  const path = join(folder, "update-1.0+a.bin");
  await writeFile(path, bytes);
  return path;
}

async function folderIn(folder: string): Promise<string> {
  const path = join(folder, "release");
  await mkdir(join(path, "bin"), { recursive: true });
  await mkdir(join(path, "none"));
  await writeFile(join(path, "bin", "run"), bytes.subarray(0, 100_000));
  await chmod(join(path, "bin", "run"), 0o755);
  await writeFile(join(path, "empty"), "");
  await symlink("bin/run", join(path, "start"));
  return path;
}

test("prepareRelease() of a file has its digests, info-hashes, trackers and web seed", async () => {
  await using folder = await temporaryFolder();
  const path = await fileIn(folder.path);
  const { draft, metainfo } = await prepare({ path, details: details("1.0+a", { notes: "new" }) });
  const parsed = parseMetainfo(metainfo);
  assert.deepEqual(draft, {
    product: "update",
    version: "1.0+a",
    channel: "stable",
    name: "update-1.0+a.bin",
    kind: "file",
    fileCount: 1,
    lengthBytes: bytes.length,
    pieceLengthBytes: 65_536,
    sha256: digest("sha256"),
    sha1: digest("sha1"),
    infoHashV1: parsed.infoHashV1,
    infoHashV2: parsed.infoHashV2,
    infoHashTwin: digest("sha1", deriveTwin(parsed)),
    vendor: null,
    notes: "new",
  });
  assert.deepEqual(parsed.trackers, [["http://127.0.0.1/announce"], ["udp://127.0.0.1:6969"]]);
  assert.deepEqual(parsed.webSeeds, ["https://updates.example/files/update/1.0%2Ba/"]);
});

test("prepareRelease() copies a folder with its modes and links, and hashes the copy to the same info-hashes", async () => {
  await using folder = await temporaryFolder();
  const path = await folderIn(folder.path);
  const inPlace = await prepare({ path });
  const copyTo = join(folder.path, "staged");
  const copied = await prepare({ path, copyTo, name: "release" });
  assert.deepEqual(copied.draft, inPlace.draft);
  assert.deepEqual([copied.draft.kind, copied.draft.fileCount, copied.draft.sha256], ["folder", 3, null]);
  assert.equal(copied.path, join(copyTo, "release"));
  assert.equal(inPlace.emptyFolderCount, 1);
  assert.equal((await stat(join(copyTo, "release/bin/run"))).mode & 0o777, 0o755);
  assert.equal(await readlink(join(copyTo, "release/start")), "bin/run");
});

test("prepareRelease() names the artifact as it is told, and reports both phases up to their ends", async () => {
  await using folder = await temporaryFolder();
  const seen: PreparationProgress[] = [];
  const path = await fileIn(folder.path);
  const copyTo = join(folder.path, "staged");
  const { draft } = await prepare({ path, copyTo, name: "other.bin", onProgress: (each) => seen.push(each) });
  assert.equal(draft.name, "other.bin");
  assert.deepEqual(await readFile(join(copyTo, "other.bin")), bytes);
  for (const phase of ["copying", "hashing"] as const) {
    const last = seen.findLast((progress) => progress.phase === phase);
    assert.deepEqual(last, { phase, doneBytes: bytes.length, totalBytes: bytes.length });
  }
});

for (const algorithm of ["sha1", "sha256", "sha512"] as const) {
  test(`prepareRelease() compares the vendor's ${algorithm} and names both where they differ`, async () => {
    await using folder = await temporaryFolder();
    const path = await fileIn(folder.path);
    const hex = digest(algorithm);
    const { draft } = await prepare({
      path,
      details: details("1.0", { vendor: vendor(algorithm, hex.toUpperCase()) }),
    });
    assert.deepEqual(draft.vendor, vendor(algorithm, hex));
    const wrong = hex.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    await assert.rejects(prepare({ path, details: details("1.0", { vendor: vendor(algorithm, wrong) }) }), {
      code: "publish.vendor-hash",
      message: new RegExp(`${algorithm} is ${hex}, and Contoso says ${wrong}`),
    });
  });
}

test("prepareRelease() refuses a vendor's hash of a folder or of a wrong length before it hashes", async () => {
  await using folder = await temporaryFolder();
  const refused = { code: "publish.details" };
  const ofFolder = details("1.0", { vendor: vendor("sha1", digest("sha1")) });
  await assert.rejects(prepare({ path: await folderIn(folder.path), details: ofFolder, onProgress }), refused);
  for (const hex of [digest("sha1").slice(1), `${digest("sha1")}0`, "x".repeat(40), ""]) {
    const what = details("1.0", { vendor: vendor("sha1", hex) });
    await assert.rejects(prepare({ path: await fileIn(folder.path), details: what, onProgress }), refused);
  }
});

test("prepareRelease() refuses what cannot become a torrent before it copies", async () => {
  await using folder = await temporaryFolder();
  const path = await fileIn(folder.path);
  const copyTo = join(folder.path, "staged");
  for (const name of ["a/b", "..", "con.txt", "a."]) {
    await assert.rejects(prepare({ path, copyTo, name }), { name: "MetainfoError" });
  }
  await assert.rejects(stat(copyTo), { code: "ENOENT" });
});

test("prepareRelease() ends with the signal's reason in either phase", async () => {
  await using folder = await temporaryFolder();
  const path = await fileIn(folder.path);
  for (const phase of ["copying", "hashing"]) {
    const stop = new AbortController();
    const reason = new Error(`stopped while ${phase}`);
    const options = {
      path,
      copyTo: join(folder.path, phase),
      signal: stop.signal,
      onProgress: (progress: PreparationProgress) => {
        if (progress.phase === phase) stop.abort(reason);
      },
    };
    await assert.rejects(prepare(options), reason);
  }
});
