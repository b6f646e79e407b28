import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, rmSync, truncateSync } from "node:fs";
import { appendFile, chmod, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { layOutPayload, merkleRoot, treeHeight, type MetainfoVersion, type Payload } from "../metainfo/index.ts";
import { hashPayload } from "./payload-hashes.ts";
import { scanPayload } from "./payload-scan.ts";
import { verifyPayload } from "./payload-verification.ts";
import { openStore, temporaryFolder, workers, writeAll } from "./sample-store.test.ts";
import {
  leavesOf,
  sampleTorrent,
  sha,
  type SampleFile,
  type SampleOptions,
  type SampleTorrent,
} from "./sample-torrent.test.ts";

const FILES: readonly SampleFile[] = [
  { path: "a/empty", lengthBytes: 0 },
  { path: "a/run.sh", lengthBytes: 20_000, executable: true },
  { path: "b/größe-日本.bin", lengthBytes: 700_001 },
  { path: "b/tiny", lengthBytes: 1 },
  { path: "link", symlinkTarget: "b/tiny" },
  { path: "z", lengthBytes: 65_536 },
];

/** The sample as it is once downloaded: DIR/update. */
async function onDisk(t: TestContext, options: SampleOptions): Promise<{ torrent: SampleTorrent; path: string }> {
  const directory = await temporaryFolder(t);
  const torrent = sampleTorrent(options);
  await using store = await openStore(torrent, directory);
  await writeAll(store, torrent);
  await store.finish();
  return { torrent, path: store.path };
}

test("scanPayload() finds files, modes, links and names, and counts empty folders", async (t) => {
  const { path } = await onDisk(t, { files: FILES });
  await mkdir(join(path, "nothing/here"), { recursive: true });
  const scan = await scanPayload(path);
  assert.deepEqual([scan.name, scan.isFolder, scan.emptyFolderCount], ["update", true, 1]);
  const byPath = Object.fromEntries(scan.entries.map((entry) => [entry.path.join("/"), entry]));
  assert.deepEqual(Object.keys(byPath).toSorted(), FILES.map((file) => file.path).toSorted());
  for (const { path: name, lengthBytes = 0, executable = false, symlinkTarget } of FILES) {
    assert.deepEqual(byPath[name], {
      kind: symlinkTarget === undefined ? "regular" : "symlink",
      path: name.split("/"),
      lengthBytes,
      executable,
      symlinkTarget: symlinkTarget?.split("/") ?? null,
    });
  }
});

test("scanPayload() reads one file, also through a link to it", async (t) => {
  const directory = await temporaryFolder(t);
  await writeFile(join(directory, "real"), "12345");
  await symlink("real", join(directory, "latest"));
  const scan = await scanPayload(join(directory, "latest"));
  assert.deepEqual([scan.path, scan.name, scan.isFolder], [join(directory, "real"), "latest", false]);
  assert.deepEqual(
    scan.entries.map(({ path, lengthBytes }) => [path, lengthBytes]),
    [[["latest"], 5]],
  );
});

test("scanPayload() refuses links that leave the tree", async (t) => {
  for (const target of ["/etc/passwd", "..", "../x", "a/../../x", ".", "sub/../.."]) {
    const directory = await temporaryFolder(t);
    await symlink(target, join(directory, "link"));
    await assert.rejects(scanPayload(directory), { code: "storage.unsafe-path", message: /link/ }, target);
  }
  const directory = await temporaryFolder(t);
  await mkdir(join(directory, "sub"));
  await symlink("../sub/x", join(directory, "sub/link"));
  assert.deepEqual((await scanPayload(directory)).entries[0]?.symlinkTarget, ["sub", "x"]);
});

test("scanPayload() names what is missing, of a wrong kind or badly named", async (t) => {
  const directory = await temporaryFolder(t);
  await assert.rejects(scanPayload(join(directory, "none")), { code: "storage.missing", message: /none/ });
  await assert.rejects(scanPayload("/dev/null"), { code: "storage.file-kind", message: /dev.null/ });
  const server = createServer().listen(join(directory, "socket"));
  await once(server, "listening");
  await assert.rejects(scanPayload(directory), { code: "storage.file-kind", message: /socket/ });
  server.close();
  await once(server, "close");
  await writeFile(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x66, 0xff])]), "");
  await assert.rejects(scanPayload(directory), { code: "storage.path", message: /UTF-8/ });
});

async function payloadAt(path: string, version: MetainfoVersion, pieceLengthBytes: number): Promise<Payload> {
  return layOutPayload({ ...(await scanPayload(path)), version, pieceLengthBytes });
}

for (const version of ["1", "2", "hybrid"] as const) {
  for (const pieceLengthBytes of [16_384, 131_072, 1_048_576]) {
    test(`hashPayload() agrees with plain hashing: v${version}, pieces of ${pieceLengthBytes}`, async (t) => {
      const { torrent, path } = await onDisk(t, { files: FILES });
      const payload = await payloadAt(path, version, pieceLengthBytes);
      let lastBytes = 0;
      const onProgress = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void => {
        assert(doneBytes > lastBytes && doneBytes <= totalBytes);
        lastBytes = doneBytes;
      };
      const hashes = await hashPayload({ path, payload, workers, onProgress });
      assert(lastBytes > 0);
      const space = Buffer.alloc(payload.layout.spaceBytes);
      for (const file of payload.layout.files) {
        if (file.kind === "regular") torrent.fileBytes(file.path.join("/")).copy(space, file.offset);
      }
      if (version === "2") assert.equal(hashes.pieces, null);
      else {
        const expected = Array.from({ length: payload.layout.pieceCount }, (_, piece) =>
          sha("sha1", space.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes)),
        );
        assert.deepEqual(hashes.pieces, Buffer.concat(expected));
      }
      for (const file of payload.layout.files) {
        const root = hashes.piecesRoots?.[file.index] ?? null;
        if (version === "1" || file.kind !== "regular" || file.lengthBytes === 0) {
          assert.equal(root, null);
          continue;
        }
        const leaves = Buffer.concat(leavesOf(torrent.fileBytes(file.path.join("/"))));
        assert.deepEqual(root, merkleRoot(leaves));
        const layer = hashes.pieceLayers?.get(root?.toString("hex") ?? "");
        assert.equal(layer === undefined, file.lengthBytes <= pieceLengthBytes);
        if (layer !== undefined) {
          assert.equal(layer.length, Math.ceil(file.lengthBytes / pieceLengthBytes) * 32);
          assert.deepEqual(merkleRoot(layer, treeHeight(pieceLengthBytes / 16_384)), root);
        }
      }
    });
  }
}

test("hashPayload() refuses files that change before or while they are hashed", async (t) => {
  const spoils: readonly (readonly [(path: string) => void, code: string])[] = [
    [(path) => appendFileSync(path, "x"), "storage.changed"],
    [(path) => truncateSync(path, 5), "storage.short"],
    [(path) => rmSync(path), "storage.missing"],
  ];
  for (const [spoil, code] of spoils) {
    const directory = await temporaryFolder(t);
    const late = join(directory, "z");
    await writeFile(late, Buffer.alloc(300_000));
    await writeFile(join(directory, "a"), "");
    await truncate(join(directory, "a"), 100 << 20);
    const payload = await payloadAt(directory, "2", 1 << 20);
    const options = { path: directory, payload, workers };
    let calls = 0;
    const onProgress = (): void => void (calls++ === 0 && spoil(late));
    await assert.rejects(hashPayload({ ...options, onProgress }), { code });
    assert(calls > 0);
    await assert.rejects(hashPayload(options), { code: "storage.changed" });
  }
});

test("hashPayload() stops when aborted", async (t) => {
  const directory = await temporaryFolder(t);
  await writeFile(join(directory, "a"), "");
  await truncate(join(directory, "a"), 200 << 20);
  const payload = await payloadAt(directory, "1", 1 << 20);
  const abort = new AbortController();
  const reason = new Error("enough");
  let doneBytes = 0;
  const onProgress = (progress: { doneBytes: number }): void => {
    doneBytes = progress.doneBytes;
    abort.abort(reason);
  };
  await assert.rejects(hashPayload({ path: directory, payload, workers, signal: abort.signal, onProgress }), reason);
  assert(doneBytes < 100 << 20, `${doneBytes} bytes were hashed`);
});

test("verifyPayload() finds nothing wrong with what is right", async (t) => {
  for (const version of ["1", "2", "hybrid"] as const) {
    const { torrent, path } = await onDisk(t, { version, files: FILES });
    const verdict = await verifyPayload(torrent.info, torrent.pieceHash, path, { workers });
    assert.deepEqual(verdict, { goodPieces: torrent.pieces.length, badPieces: [], badFiles: [] });
  }
});

test("verifyPayload() names each bad file and why", async (t) => {
  const { torrent, path } = await onDisk(t, { version: "2", files: FILES });
  await chmod(join(path, "a/run.sh"), 0o644);
  await rm(join(path, "a/empty"));
  await rm(join(path, "b/tiny"));
  await appendFile(join(path, "z"), "more");
  await rm(join(path, "link"));
  await symlink("z", join(path, "link"));
  const bytes = Buffer.from(torrent.fileBytes("b/größe-日本.bin"));
  bytes[65_536 * 3] = (bytes[65_536 * 3] ?? 0) ^ 1;
  await writeFile(join(path, "b/größe-日本.bin"), bytes);
  const verdict = await verifyPayload(torrent.info, torrent.pieceHash, path, { workers });
  assert.deepEqual(Object.fromEntries(verdict.badFiles.map((file) => [file.path.join("/"), file.reason])), {
    "a/empty": "missing",
    "a/run.sh": "mode",
    "b/größe-日本.bin": "hash",
    "b/tiny": "missing",
    link: "symlink",
    z: "length",
  });
  assert.deepEqual(verdict.badPieces, [4, 12]);
  assert.equal(verdict.goodPieces, torrent.pieces.length - 2);
});

test("verifyPayload() blames a missing file and not its neighbour in the piece", async (t) => {
  const { torrent, path } = await onDisk(t, {
    version: "1",
    files: [
      { path: "a", lengthBytes: 10 },
      { path: "b", lengthBytes: 10 },
    ],
  });
  await rm(join(path, "a"));
  const verdict = await verifyPayload(torrent.info, torrent.pieceHash, path, { workers });
  assert.deepEqual(
    verdict.badFiles.map(({ path: elements, reason }) => [elements, reason]),
    [[["a"], "missing"]],
  );
  assert.deepEqual(verdict.badPieces, [0]);
});

test("verifyPayload() does not look outside through a link", async (t) => {
  const { torrent, path } = await onDisk(t, { version: "2", files: FILES });
  execFileSync("mv", [join(path, "b"), join(dirname(path), "elsewhere")]);
  await symlink("../elsewhere", join(path, "b"));
  const verdict = await verifyPayload(torrent.info, torrent.pieceHash, path, { workers });
  assert.equal(basename(path), "update");
  assert.deepEqual(
    verdict.badFiles.map((file) => file.path.join("/")),
    ["b/größe-日本.bin", "b/tiny"],
  );
  await assert.rejects(verifyPayload(torrent.info, torrent.pieceHash, join(path, "none"), { workers }), {
    code: "storage.missing",
  });
});
