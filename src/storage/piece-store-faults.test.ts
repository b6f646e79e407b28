import assert from "node:assert/strict";
import fs, { readdir, readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import type { PieceIndex } from "../core/index.ts";
import { createLayout } from "../metainfo/index.ts";
import type { FileFault } from "./file-calls.ts";
import { ioError } from "./io-failure.ts";
import { StorageError } from "./storage-error.ts";
import {
  faultyDirect,
  faultyWorkers,
  hasPiece,
  openStore,
  pool,
  recordingLog,
  temporaryFolder,
  writeAll,
  writePiece,
} from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";

const first = 0 as PieceIndex;
const files = [
  { path: "a", lengthBytes: 100_000 },
  { path: "b", lengthBytes: 300_000 },
];
const torrent = sampleTorrent({ version: "1", files });

const WRITERS = [
  ["an I/O thread", faultyWorkers],
  ["the network thread", faultyDirect],
] as const;

for (const [writer, faulty] of WRITERS) {
  test(`every first write of ${writer} fails, each piece is tried again, and the download ends well`, async (t) => {
    const directory = await temporaryFolder(t);
    const workers = faulty(t, { call: "write", code: "EIO", times: "each-once" });
    await using store = await openStore(torrent, directory, { workers });
    let failures = 0;
    for (const piece of torrent.pieces) {
      for (let tries = 0; !hasPiece(store, piece) && tries < 5; tries++) {
        await writePiece(store, torrent, piece).catch((error: unknown) => {
          assert(error instanceof StorageError && error.code === "storage.io" && error.retryable, String(error));
          failures++;
        });
      }
    }
    assert(failures >= torrent.pieces.length, "each piece failed at least once");
    await store.finish();
    assert((await readFile(`${directory}/update/b`)).equals(torrent.fileBytes("b")));
    assert.equal(workers.startedCount > 0, writer === "an I/O thread");
  });
}

const FAULTS: readonly (readonly [FileFault, code: string, retryable: boolean])[] = [
  [{ call: "write", code: "ENOSPC", times: 1 }, "storage.disk-full", true],
  [{ call: "write", code: "EDQUOT", times: 1 }, "storage.disk-full", true],
  [{ call: "append", code: "ENOSPC", times: 1 }, "storage.disk-full", true],
  [{ call: "append", code: "PARTIAL", times: 1 }, "storage.disk-full", true],
  [{ call: "open", code: "EMFILE", times: 1 }, "storage.open-files", true],
  [{ call: "open", code: "EACCES", times: 1 }, "storage.permission", false],
  [{ call: "write", code: "EROFS", times: 1 }, "storage.permission", false],
  [{ call: "write", code: "EIO", times: 1 }, "storage.io", true],
];

const CASES = WRITERS.flatMap(([writer, faulty]) => FAULTS.map((fault) => [writer, faulty, ...fault] as const));
for (const [writer, faulty, fault, code, retryable] of CASES) {
  test(`writePiece() reports ${fault.code} of ${fault.call} in ${writer} as ${code} and can be tried again`, async (t) => {
    const directory = await temporaryFolder(t);
    {
      await using store = await openStore(torrent, directory, { workers: faulty(t, fault) });
      await assert.rejects(writePiece(store, torrent, first), (error: unknown) => {
        assert(error instanceof StorageError);
        assert.equal(error.code, code);
        assert.equal(error.retryable, retryable);
        assert(error.message.includes(`${directory}/update.part`), `names the path: ${error.message}`);
        return true;
      });
      assert.equal(hasPiece(store, first), false);
      assert.equal(pool.usedBytes, 0, "the buffer was given back");
      assert.deepEqual(await writePiece(store, torrent, first), { ok: true });
    }
    await using again = await openStore(torrent, directory);
    assert.equal(hasPiece(again, first), true);
  });
}

for (const [writer, faulty] of WRITERS) {
  test(`a write that the system does only in part is carried on by ${writer}`, async (t) => {
    const directory = await temporaryFolder(t);
    const workers = faulty(t, { call: "write", code: "PARTIAL", times: "each-once" });
    await using store = await openStore(torrent, directory, { workers });
    await writeAll(store, torrent);
    await store.finish();
    assert((await readFile(`${directory}/update/b`)).equals(torrent.fileBytes("b")));
  });
}

test("a disk that fills up in the middle leaves a download that goes on later, hashing nothing known", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    for (const piece of torrent.pieces.slice(0, 4)) await writePiece(store, torrent, piece);
  }
  {
    const workers = faultyWorkers(t, { call: "write", code: "ENOSPC", times: 1000 });
    await using store = await openStore(torrent, directory, { workers });
    for (const piece of torrent.pieces.slice(4)) {
      await assert.rejects(writePiece(store, torrent, piece), { code: "storage.disk-full" });
    }
  }
  const log = recordingLog();
  await using store = await openStore(torrent, directory, { log });
  assert.equal(log.last("storage.checked")["trusted"], 4);
  for (const piece of torrent.pieces.slice(4)) await writePiece(store, torrent, piece);
  await store.finish();
  assert.equal(store.complete, true);
});

test("open() refuses a download for which there is no space, before anything is made", async (t) => {
  const directory = await temporaryFolder(t);
  const { info, pieceHash } = sampleTorrent({ version: "1", files: 10 });
  const entry = {
    kind: "regular",
    path: ["update"],
    executable: false,
    symlinkTarget: null,
    piecesRoot: null,
  } as const;
  const layout = createLayout({
    isFolder: false,
    pieceLengthBytes: 2 ** 46,
    entries: [{ ...entry, lengthBytes: 2 ** 50 }],
    placement: "listed",
  });
  await assert.rejects(openStore({ ...torrent, info: { ...info, layout }, pieceHash }, directory), (error: unknown) => {
    assert(error instanceof StorageError && error.code === "storage.disk-full" && error.retryable);
    assert.match(error.message, /needs 1125899906842624 bytes more, but only \d+ are free/);
    return true;
  });
  await assert.rejects(stat(`${directory}/update.part`), { code: "ENOENT" });
});

test("readPiece() and leaves() report an error of the disk, and the next try works", async (t) => {
  const directory = await temporaryFolder(t);
  const v2 = sampleTorrent({ version: "2", files: 60_000 });
  {
    await using store = await openStore(v2, directory);
    await writeAll(store, v2);
    await store.finish();
  }
  const workers = faultyWorkers(t, { call: "read", code: "EIO", times: 2 });
  await using seed = await openStore(v2, directory, { mode: "seed", verify: "none", workers });
  await assert.rejects(seed.leaves(first), { code: "storage.io" });
  const buffer = pool.acquire(60_000);
  assert(buffer !== null);
  await assert.rejects(
    seed.readPiece(first, buffer).finally(() => buffer.release()),
    { code: "storage.io" },
  );
  assert.equal((await seed.leaves(first)).length, 4 * 32);
});

test("a download whose journal cannot be removed is complete, and whoever opens it next removes that", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    await writeAll(store, torrent);
    const { rm } = fs;
    const removing = t.mock.method(fs, "rm", (path: string) =>
      path.endsWith(".journal") ? Promise.reject(ioError("EIO", path, "injected")) : rm(path, { force: true }),
    );
    await store.finish();
    removing.mock.restore();
    assert.equal(store.complete, true);
  }
  assert.deepEqual(await readdir(directory), ["update", "update.part.journal"]);
  await using again = await openStore(torrent, directory);
  assert.equal(again.complete, true);
  assert.deepEqual(await readdir(directory), ["update"]);
});
