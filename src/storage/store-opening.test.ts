import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { PieceIndex } from "../core/index.ts";
import { hasPiece, openStore, recordingLog, temporaryFolder, writeAll, writePiece } from "./sample-store.test.ts";
import { sampleTorrent, type SampleTorrent } from "./sample-torrent.test.ts";

const first = 0 as PieceIndex;
const folder = sampleTorrent({
  files: [
    { path: "bin/run", lengthBytes: 100_000, executable: true },
    { path: "bin/sub/data", lengthBytes: 150_000 },
    { path: "empty", lengthBytes: 0 },
    { path: "link", symlinkTarget: "bin/run" },
  ],
});
const single = sampleTorrent({ files: 200_000 });

async function downloaded(t: TestContext, torrent: SampleTorrent): Promise<string> {
  const directory = await temporaryFolder(t);
  await using store = await openStore(torrent, directory);
  await writeAll(store, torrent);
  await store.finish();
  return directory;
}

test("a complete artifact is found complete, and nothing is left beside it", async (t) => {
  for (const torrent of [folder, single]) {
    const directory = await downloaded(t, torrent);
    await using store = await openStore(torrent, directory);
    assert.equal(store.complete, true);
    assert.equal(store.localBytes, torrent.info.layout.lengthBytes);
    await store.finish();
    assert.deepEqual(await readdir(directory), ["update"]);
  }
});

test("the journal of a run that was killed right after it gave the final name is removed, another file of its name is not", async (t) => {
  const directory = await temporaryFolder(t);
  const journal = join(directory, "update.part.journal");
  await using store = await openStore(single, directory);
  const bytes = await readFile(journal);
  await writeAll(store, single);
  await store.finish();
  for (const [text, left] of [
    [bytes, ["update"]],
    ["somebody's notes", ["update", "update.part.journal"]],
  ] as const) {
    await writeFile(journal, text);
    await using again = await openStore(single, directory);
    assert.equal(again.complete, true);
    assert.deepEqual(await readdir(directory), left);
  }
});

test("a damaged artifact becomes the .part and is repaired", async (t) => {
  const directory = await downloaded(t, folder);
  await writeFile(join(directory, "update/bin/sub/data"), "short");
  await writeFile(join(directory, "update/mine"), "kept");
  await chmod(join(directory, "update/bin/run"), 0o644);
  await rm(join(directory, "update/link"));
  const log = recordingLog();
  await using store = await openStore(folder, directory, { log });
  assert.equal(store.complete, false);
  assert.equal(store.localBytes, 100_000);
  assert.equal(log.last("storage.repair")["good"], 2);
  assert.deepEqual(await readdir(directory), ["update.part", "update.part.journal", "update.part.lock"]);
  for (const piece of folder.pieces) if (!hasPiece(store, piece)) await writePiece(store, folder, piece);
  await store.finish();
  assert((await readFile(join(directory, "update/bin/sub/data"))).equals(folder.fileBytes("bin/sub/data")));
  assert.equal((await readFile(join(directory, "update/link"))).length, 100_000);
  assert.notEqual((await lstat(join(directory, "update/bin/run"))).mode & 0o100, 0);
  assert.equal(await readFile(join(directory, "update/mine"), "utf8"), "kept");
});

test("an artifact that lacks only a link or a mode needs no piece", async (t) => {
  const directory = await downloaded(t, folder);
  await rm(join(directory, "update/link"));
  await rm(join(directory, "update/empty"));
  await using store = await openStore(folder, directory);
  assert.equal(store.complete, false);
  await store.finish();
  assert.equal((await lstat(join(directory, "update/empty"))).size, 0);
  assert.equal((await lstat(join(directory, "update/link"))).isSymbolicLink(), true);
});

test("what is not ours is never touched", async (t) => {
  const cases: readonly (readonly [name: string, make: (path: string) => Promise<unknown>])[] = [
    ["update", (path) => writeFile(path, "my thesis")],
    ["update", (path) => writeFile(path, Buffer.alloc(200_000, 1))],
    ["update", (path) => mkdir(path)],
    ["update.part", (path) => writeFile(path, Buffer.alloc(200_000, 1))],
  ];
  for (const [name, make] of cases) {
    const directory = await temporaryFolder(t);
    await make(join(directory, name));
    const before = await lstat(join(directory, name));
    await assert.rejects(openStore(single, directory), { code: "storage.exists" }, name);
    const now = await lstat(join(directory, name));
    assert.deepEqual([now.ino, now.size, now.mtimeMs], [before.ino, before.size, before.mtimeMs]);
    assert.deepEqual(await readdir(directory), [name]);
  }
});

test("a .part without a journal is hashed and what is good of it is kept", async (t) => {
  const directory = await downloaded(t, single);
  await rename(join(directory, "update"), join(directory, "update.part"));
  const log = recordingLog();
  await using store = await openStore(single, directory, { log });
  assert.equal(log.last("storage.checked")["hashed"], single.pieces.length);
  assert.equal(store.localBytes, 200_000);
});

test("final and .part together: a good final wins, a bad one stops before anything is lost", async (t) => {
  const directory = await downloaded(t, single);
  await writeFile(join(directory, "update.part"), "half");
  {
    await using store = await openStore(single, directory);
    assert.equal(store.complete, true);
  }
  const bytes = await readFile(join(directory, "update"));
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(join(directory, "update"), bytes);
  await assert.rejects(openStore(single, directory), { code: "storage.exists" });
  assert.deepEqual(await readdir(directory), ["update", "update.part"]);
});

test("finish() does not replace what appeared under the final name meanwhile", async (t) => {
  const directory = await temporaryFolder(t);
  await using store = await openStore(single, directory);
  await writeAll(store, single);
  await writeFile(store.path, "somebody else's");
  await assert.rejects(store.finish(), { code: "storage.exists" });
  assert.equal(await readFile(store.path, "utf8"), "somebody else's");
  await rm(store.path);
  await store.finish();
  assert.equal((await lstat(store.path)).size, 200_000);
});

test("a planted symbolic link never leads a write outside", async (t) => {
  const plants: readonly (readonly [at: string, torrent: SampleTorrent])[] = [
    ["update", single],
    ["update.part", single],
    ["update", folder],
    ["update.part", folder],
    ["update.part/bin", folder],
    ["update.part/bin/sub", folder],
    ["update.part/bin/run", folder],
  ];
  for (const [at, torrent] of plants) {
    const outside = await temporaryFolder(t);
    const target = join(outside, "target");
    if (torrent === folder && at !== "update.part/bin/run") await mkdir(target);
    else await writeFile(target, "");
    const directory = await temporaryFolder(t);
    await mkdir(join(directory, at, ".."), { recursive: true });
    await symlink(target, join(directory, at));
    await assert.rejects(openStore(torrent, directory), { code: "storage.unsafe-path" }, at);
    assert.deepEqual(await readdir(outside), ["target"]);
    assert.equal(
      (await lstat(target)).isDirectory() ? (await readdir(target)).length : (await lstat(target)).size,
      0,
      at,
    );
  }
});

test("planted links under our own working names are replaced or refused, never written through", async (t) => {
  for (const suffix of [".part.journal", ".part.journal.new", ".part.lock"]) {
    const directory = await temporaryFolder(t);
    const outside = join(await temporaryFolder(t), "target");
    await writeFile(outside, "precious");
    await symlink(outside, join(directory, `update${suffix}`));
    const opening = openStore(single, directory);
    if (suffix === ".part.lock") await assert.rejects(opening, { code: "storage.in-use" });
    else {
      await using store = await opening;
      await writePiece(store, single, first);
    }
    assert.equal(await readFile(outside, "utf8"), "precious", suffix);
  }
});

test("a folder that is swapped for a link after open is not followed either", async (t) => {
  const directory = await temporaryFolder(t);
  const outside = await temporaryFolder(t);
  await writeFile(join(outside, "run"), Buffer.alloc(100_000));
  await using store = await openStore(folder, directory);
  await rename(join(directory, "update.part/bin"), join(directory, "aside"));
  await symlink(outside, join(directory, "update.part/bin"));
  await assert.rejects(writePiece(store, folder, first), { code: "storage.unsafe-path" });
  assert((await readFile(join(outside, "run"))).equals(Buffer.alloc(100_000)));
});

test("a second store on the same place is refused until the first one is closed", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using _store = await openStore(single, directory);
    await assert.rejects(openStore(single, directory), { code: "storage.in-use" });
  }
  await using store = await openStore(single, directory);
  assert.equal(store.complete, false);
});

test("pieces whose hash is not known yet are neither found nor lost", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(single, directory);
    await writePiece(store, single, first);
  }
  {
    await using store = await openStore(single, directory, { pieceHash: () => null });
    assert.equal(hasPiece(store, first), true, "the journal is enough");
  }
  await using store = await openStore(single, directory, { pieceHash: () => null, verify: "full" });
  assert.equal(store.localBytes, 0);
});

test("open() names a folder that cannot be made", async (t) => {
  const directory = await temporaryFolder(t);
  await writeFile(join(directory, "file"), "");
  await assert.rejects(openStore(single, join(directory, "file/sub")), { code: "storage.missing" });
  const long = sampleTorrent({ files: 10, name: "n".repeat(250) });
  await assert.rejects(openStore(long, directory), { code: "storage.path" });
});
