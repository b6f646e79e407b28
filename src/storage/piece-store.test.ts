import assert from "node:assert/strict";
import { lstat, readdir, readFile, readlink, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { PieceIndex } from "../core/index.ts";
import { openStore, readPiece, temporaryFolder, workers, writeAll, writePiece, hasPiece } from "./sample-store.test.ts";
import { leavesOf, sampleTorrent, sha } from "./sample-torrent.test.ts";

const first = 0 as PieceIndex;
const second = 1 as PieceIndex;

const FOLDER = [
  { path: "a/leer", lengthBytes: 0 },
  { path: "a/run.sh", lengthBytes: 20_000, executable: true },
  { path: "b/größe-日本.bin", lengthBytes: 200_001 },
  { path: "b/tiny", lengthBytes: 1 },
  { path: "b/link", symlinkTarget: "a/run.sh" },
  { path: "z", lengthBytes: 65_536 },
];

for (const version of ["1", "2", "hybrid"] as const) {
  test(`a ${version} folder is written, read back, finished and seeded`, async (t) => {
    const directory = await temporaryFolder(t);
    const torrent = sampleTorrent({ version, files: FOLDER });
    {
      await using store = await openStore(torrent, directory);
      assert.equal(store.localBytes, 0);
      await writeAll(store, torrent);
      for (const piece of torrent.pieces) {
        assert(torrent.pieceBytes(piece).equals(await readPiece(store, torrent, piece)), `piece ${piece}`);
        if (version !== "1") {
          assert.deepEqual(await store.leaves(piece), Buffer.concat(leavesOf(torrent.pieceBytes(piece))));
        }
      }
      assert.deepEqual(await readdir(directory), ["update.part", "update.part.journal", "update.part.lock"]);
      await store.finish();
      assert.equal(store.complete, true);
      assert(
        torrent
          .pieceBytes(torrent.pieces[0] as PieceIndex)
          .equals(await readPiece(store, torrent, torrent.pieces[0] as PieceIndex)),
      );
    }
    assert.deepEqual(await readdir(directory), ["update"]);
    for (const { path, lengthBytes, executable } of FOLDER) {
      if (lengthBytes === undefined) continue;
      assert((await readFile(join(directory, "update", path))).equals(torrent.fileBytes(path)), path);
      assert.equal(((await lstat(join(directory, "update", path))).mode & 0o100) !== 0, executable ?? false, path);
    }
    assert.equal(await readlink(join(directory, "update/b/link")), "../a/run.sh");
    await using seed = await openStore(torrent, directory, { mode: "seed", verify: "full" });
    assert.equal(seed.complete, true);
    assert.equal(seed.localBytes, torrent.info.layout.lengthBytes);
  });
}

test("writePiece() writes nothing of a bad piece and names its blocks", async (t) => {
  const directory = await temporaryFolder(t);
  for (const version of ["1", "2", "hybrid"] as const) {
    const torrent = sampleTorrent({ version, files: 200_000, name: `file${version}` });
    await using store = await openStore(torrent, directory);
    const outcome = await writePiece(store, torrent, first, 20_000);
    assert.equal(outcome.ok, false);
    if (outcome.ok) return;
    assert.equal(outcome.inconsistent, undefined);
    if (version === "1") assert.equal(outcome.leaves, null);
    else {
      const good = leavesOf(torrent.pieceBytes(first));
      const isGood = good.map((leaf, block) => outcome.leaves?.subarray(block * 32, block * 32 + 32).equals(leaf));
      assert.deepEqual(isGood, [true, false, true, true]);
    }
    assert.equal(hasPiece(store, 0), false);
    const onDisk = await readFile(`${store.path}.part`);
    assert(onDisk.equals(Buffer.alloc(200_000)), "nothing was written");
    assert.deepEqual(await writePiece(store, torrent, first), { ok: true }, "the right bytes are taken after that");
  }
});

test("writePiece() tells a hybrid torrent whose halves disagree from a bad peer", async (t) => {
  const torrent = sampleTorrent({ files: 200_000 });
  const other = sha("sha1", Buffer.from("other"));
  const pieceHash = (piece: PieceIndex) => ({ ...torrent.pieceHash(piece), sha1: other });
  await using store = await openStore(torrent, await temporaryFolder(t), { pieceHash });
  const outcome = await writePiece(store, torrent, first);
  assert(!outcome.ok && outcome.inconsistent === true);
  assert.equal(hasPiece(store, 0), false);
});

test("padding in the middle of a v1 piece is zeros, whatever a peer sent there", async (t) => {
  const files = [
    { path: "a", lengthBytes: 10_000 },
    { path: ".pad/6384", lengthBytes: 6384, isPad: true },
    { path: "b", lengthBytes: 80_000 },
  ];
  const directory = await temporaryFolder(t);
  const torrent = sampleTorrent({ version: "1", files });
  await using store = await openStore(torrent, directory);
  assert.deepEqual(await writePiece(store, torrent, first, 12_000), { ok: true });
  assert((await readPiece(store, torrent, first)).equals(torrent.pieceBytes(first)));
  await writePiece(store, torrent, second);
  await store.finish();
  assert.deepEqual(await readdir(join(directory, "update")), ["a", "b"]);
});

test("a store is closed once, and says so to who comes later", async (t) => {
  const torrent = sampleTorrent({ files: 100_000 });
  const store = await openStore(torrent, await temporaryFolder(t));
  await writePiece(store, torrent, first);
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await assert.rejects(readPiece(store, torrent, first), { code: "storage.closed" });
  await assert.rejects(writePiece(store, torrent, second), { code: "storage.closed" });
});

test("open() gives up at once when aborted, and the place is free again", async (t) => {
  const directory = await temporaryFolder(t);
  const torrent = sampleTorrent({ files: 8 << 20 });
  await writeFile(join(directory, "update"), torrent.fileBytes("update"));
  const abort = new AbortController();
  const reason = new Error("the user left");
  const opening = openStore(torrent, directory, { signal: abort.signal, onProgress: () => abort.abort(reason) });
  await assert.rejects(opening, reason);
  assert.deepEqual(await readdir(directory), ["update"]);
  await using store = await openStore(torrent, directory);
  assert.equal(store.complete, true);
});

test("seeding leaves out what is missing or too short, and reads a payload under another name", async (t) => {
  const directory = await temporaryFolder(t);
  const files = [
    { path: "a", lengthBytes: 100_000 },
    { path: "b", lengthBytes: 100_000 },
    { path: "c", lengthBytes: 9 },
  ];
  const torrent = sampleTorrent({ files, version: "2" });
  {
    await using store = await openStore(torrent, directory);
    await writeAll(store, torrent);
    await store.finish();
  }
  await truncate(join(directory, "update/b"), 70_000);
  await rm(join(directory, "update/c"));
  for (const [verify, expected] of [
    ["none", [true, true, false, false, false]],
    ["full", [true, true, true, false, false]],
  ] as const) {
    await using seed = await openStore(torrent, "/nowhere", { mode: "seed", verify, path: join(directory, "update") });
    assert.deepEqual(
      torrent.pieces.map((piece) => hasPiece(seed, piece)),
      expected,
      verify,
    );
    assert.equal(seed.complete, false);
  }
  await truncate(join(directory, "update/a"), 10);
  await using seed = await openStore(torrent, directory, { mode: "seed", verify: "full" });
  workers.closeFiles(join(directory, "update"));
  assert.deepEqual(
    torrent.pieces.map((piece) => hasPiece(seed, piece)),
    [false, false, true, false, false],
  );
});
