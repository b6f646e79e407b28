import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, readlink, writeFile, symlink, readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../core/index.ts";
import { details, signNext, temporaryFolder } from "../publishing/sample-origin.test.ts";
import { openUploads, openWire, present, remotely, TOKEN, type UploadOrigin } from "./sample-uploads.test.ts";

const MIB = 2 ** 20;
const noByte = Buffer.from([0]);
/** The last one is no zero. */
const bytes = Buffer.concat([seededRandom(5).bytes(6 * MIB), Buffer.from([1])]);

async function fileIn(folder: string): Promise<string> {
  const path = join(folder, "update.bin");
  await writeFile(path, bytes);
  return path;
}

async function checkServed({ origin }: UploadOrigin): Promise<void> {
  const path = present(await origin.payloads.artifactPath(details("1.0"), "update.bin"));
  assert.ok((await readFile(path)).equals(bytes));
  const release = present(await origin.catalogue.release(details("1.0")));
  assert.equal(release.sha256, createHash("sha256").update(bytes).digest("hex"));
  // Its folder goes after the answer: the publisher may have asked again and heard of the release by another request.
  const deadline = performance.now() + 10_000;
  while ((await readdir(join(origin.folder, "uploads"))).length > 0) {
    assert.ok(performance.now() < deadline, "the upload's folder is removed");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("publishRemotely() publishes a file as it would be from the origin's own disk", async () => {
  await using folder = await temporaryFolder();
  const heard: string[] = [];
  const onPublished = (ref: { version: string }): Promise<void> => Promise.resolve(void heard.push(ref.version));
  await using served = await openUploads(join(folder.path), { onPublished });
  const phases = new Set<string>();
  const hash = { algorithm: "sha512", hex: createHash("sha512").update(bytes).digest("hex") } as const;
  const vendor = { name: "Contoso", url: "https://contoso.example/", hashes: [hash] };
  const { kind, release } = await remotely(served.url, await fileIn(folder.path), {
    details: details("1.0", { vendor, notes: "new" }),
    onProgress: ({ phase }) => phases.add(phase),
  });
  assert.equal(kind, "published");
  assert.deepEqual(await served.origin.catalogue.release(release), release);
  assert.deepEqual([release.sequence, release.vendor, release.notes], [1, vendor, "new"]);
  assert.deepEqual([...phases], ["hashing", "uploading", "completing"]);
  assert.deepEqual(heard, ["1.0"]);
  await checkServed(served);
});

test("publishRemotely() publishes a folder with its modes, links and empty files", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  const path = join(folder.path, "release");
  await mkdir(join(path, "bin"), { recursive: true });
  for (let index = 0; index < 30; index++) await writeFile(join(path, `f${index}`), bytes.subarray(0, index * 9_999));
  await writeFile(join(path, "bin", "run"), "#!/bin/sh\n");
  await chmod(join(path, "bin", "run"), 0o755);
  await symlink("bin/run", join(path, "start"));
  await remotely(served.url, path);
  const root = present(await served.origin.payloads.artifactPath(details("1.0"), "release"));
  for (let index = 0; index < 30; index++) {
    assert.ok((await readFile(join(root, `f${index}`))).equals(bytes.subarray(0, index * 9_999)));
  }
  assert.equal((await lstat(join(root, "bin/run"))).mode & 0o777, 0o755);
  assert.equal(await readlink(join(root, "start")), "bin/run");
});

test("publishRemotely() goes on where it was when the connection is cut again and again", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  await using wire = await openWire(served.port, MIB, 20);
  const { kind } = await remotely(wire.url, await fileIn(folder.path));
  assert.equal(kind, "published");
  assert.ok(wire.cuts >= 4, `cut ${wire.cuts} times`);
  // What was on its way at a cut is sent again, and nothing else.
  assert.ok(wire.sentBytes < bytes.length + wire.cuts * MIB, `sent ${wire.sentBytes} bytes`);
  await checkServed(served);
});

test("publishRemotely() goes on after a restart of the origin, and after one of its own", async () => {
  await using folder = await temporaryFolder();
  const path = await fileIn(folder.path);
  const first = await openUploads(folder.path);
  {
    // Here the publisher is stopped midway.
    await using wire = await openWire(first.port, 1e9, 0);
    const stop = new AbortController();
    const onProgress = (progress: { phase: string; doneBytes: number }): void => {
      if (progress.phase === "uploading" && progress.doneBytes > 2 * MIB) stop.abort(new Error("stopped"));
    };
    await assert.rejects(remotely(wire.url, path, { signal: stop.signal, onProgress }), /stopped/);
  }
  let restarted: Promise<UploadOrigin> | null = null;
  const restart = async (): Promise<UploadOrigin> => {
    await first[Symbol.asyncDispose]();
    return await openUploads(folder.path, { port: first.port });
  };
  const offsets: number[] = [];
  const { kind } = await remotely(first.url, path, {
    onProgress: ({ phase, doneBytes }) => {
      if (phase === "uploading") offsets.push(doneBytes);
      if (phase === "uploading" && doneBytes > 4 * MIB) restarted ??= restart();
    },
    retryMs: 50,
  });
  await using second = await present(restarted as Promise<UploadOrigin> | null);
  assert.equal(kind, "published");
  assert.ok((offsets[0] ?? 0) > MIB, "began where the stopped one was");
  await checkServed(second);
});

test("publishRemotely() sends nothing where these bytes are published already", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  const path = await fileIn(folder.path);
  const { release } = await remotely(served.url, path);
  await using wire = await openWire(served.port, 1e9, 0);
  assert.deepEqual(await remotely(wire.url, path), { kind: "same", release });
  assert.ok(wire.sentBytes < 100_000, `sent ${wire.sentBytes} bytes`);
  await truncate(path, 1000);
  await assert.rejects(remotely(served.url, path), { code: "publish.exists", status: 409 });
});

test("publishRemotely() sends again what was damaged at the origin", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  let isDamaged = false;
  const { kind } = await remotely(served.url, await fileIn(folder.path), {
    sign: async (_release, _metainfo, current) => {
      // When all has come, and before it is hashed.
      const [id = ""] = await readdir(join(folder.path, "uploads"));
      const path = join(folder.path, "uploads", id, "payload", "update.bin");
      if (!isDamaged) await writeFile(path, "x", { flag: "r+" });
      isDamaged = true;
      return signNext(current);
    },
  });
  assert.equal(kind, "published");
  await checkServed(served);
});

test("publishRemotely() of a file that changes after it was hashed fails, and publishes nothing", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  const path = await fileIn(folder.path);
  const publishing = remotely(served.url, path, {
    onProgress: ({ phase, doneBytes }) => {
      // The last byte, which was not sent yet.
      if (phase === "uploading" && doneBytes < MIB) writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), noByte]));
    },
  });
  await assert.rejects(publishing, { code: "upload.damaged", status: 409 });
  const shorter = remotely(served.url, path, {
    details: details("2.0"),
    name: "other.bin",
    onProgress: ({ phase, doneBytes }) => {
      if (phase === "uploading" && doneBytes < MIB) truncateSync(path, 3 * MIB);
    },
  });
  await assert.rejects(shorter, { code: "upload.changed" });
  assert.equal(await served.origin.catalogue.release(details("2.0")), null);
});

test("publishRemotely() signs again over what changed at the origin meanwhile", async () => {
  await using folder = await temporaryFolder();
  await using served = await openUploads(folder.path);
  const path = await fileIn(folder.path);
  const small = join(folder.path, "small.bin");
  await writeFile(small, "small");
  let signings = 0;
  const { release } = await remotely(served.url, path, {
    sign: async (_release, _metainfo, current) => {
      if (++signings === 1) await remotely(served.url, small, { details: details("0.9") });
      return signNext(current);
    },
  });
  assert.deepEqual([signings, release.sequence], [2, 2]);
});

test("publishRemotely() takes a lost answer to its completion for what it was", async () => {
  await using folder = await temporaryFolder();
  let wireOf: UploadOrigin | null = null;
  await using served = await openUploads(folder.path, {
    // Published, and then nobody hears of it.
    onPublished: () => Promise.resolve(present(wireOf).app.server.closeAllConnections()),
  });
  wireOf = served;
  const { kind } = await remotely(served.url, await fileIn(folder.path));
  assert.equal(kind, "published");
});

test("publishRemotely() asks again while the origin takes its time to verify", async () => {
  await using folder = await temporaryFolder();
  const asked = Promise.withResolvers<void>();
  let requests = 0;
  await using served = await openUploads(folder.path, {
    completionWaitMs: 5,
    accept: async (_signed, _release, _metainfo, current) => {
      await asked.promise;
      return signNext(current);
    },
  });
  served.app.server.on("request", ({ url = "" }: { url?: string }) => {
    if (url.endsWith("/complete") && ++requests === 4) asked.resolve();
  });
  const { kind } = await remotely(served.url, await fileIn(folder.path));
  assert.equal(kind, "published");
  await checkServed(served);
});

test("publishRemotely() tells the origin's refusals by their own codes and does not try them again", async () => {
  await using folder = await temporaryFolder();
  const refusal = Object.assign(new Error("bad signature"), { statusCode: 422 });
  await using served = await openUploads(folder.path, { accept: () => Promise.reject(refusal) });
  const path = await fileIn(folder.path);
  await assert.rejects(remotely(served.url, path, { token: `${TOKEN}!` }), { status: 401 });
  await assert.rejects(remotely(served.url, path), { status: 422 });
  assert.equal(await served.origin.catalogue.release(details("1.0")), null);
  assert.deepEqual(await served.origin.payloads.list("payloads"), []);
  const wrong = { name: "Contoso", url: null, hashes: [{ algorithm: "sha1", hex: "00".repeat(20) }] } as const;
  const lying = remotely(served.url, path, { details: details("1.0", { vendor: wrong }) });
  await assert.rejects(lying, { code: "publish.vendor-hash" });
});

test("publishRemotely() gives up on an origin that cannot be reached, and on one that is none", async () => {
  await using folder = await temporaryFolder();
  const path = await fileIn(folder.path);
  const served = await openUploads(folder.path);
  await served[Symbol.asyncDispose]();
  await assert.rejects(remotely(served.url, path, { retryMs: 0 }), { code: "upload.unreachable", retryable: true });
  for (const url of ["updates.example", "ftp://updates.example", ""]) {
    await assert.rejects(remotely(url, path), { code: "upload.request" });
  }
});
