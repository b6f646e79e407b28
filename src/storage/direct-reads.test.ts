import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DIRECT_PIECE_BYTES_MAX,
  DIRECT_READ_BURST_BYTES_MAX,
  DIRECT_READ_BYTES_PER_SECOND_MAX,
  DIRECT_REST_MS,
  DIRECT_TIME_MS_MAX,
  MEMORY_COPY_BYTES_PER_SECOND_MIN,
  type PieceIndex,
} from "../core/index.ts";
import { DirectReads } from "./direct-reads.ts";
import { systemFileCalls, type FileCalls } from "./file-calls.ts";
import { isLocalDisk } from "./local-disk.ts";
import { faultyDirect, openStore, readPiece, temporaryFolder, writeAll } from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";
import { StorageWorkers } from "./storage-workers.ts";
import type { ReadJob } from "./worker-job.ts";

const SETTINGS = { openFilesMax: 2, blockBytes: 16_384, readBytes: 16_384, writeBatchBytes: 65_536, faults: [] };
const PIECE_BYTES = DIRECT_PIECE_BYTES_MAX / 4;
const COPY_MS = (1_000 * PIECE_BYTES) / MEMORY_COPY_BYTES_PER_SECOND_MIN;

/** Time is what the test says; each read takes `readMs`, of which `waitedMs` without a processor. */
function sample(readMs = 0, waitedMs = 0): { direct: DirectReads; time: { now: number; looks: number } } {
  const time = { now: 0, looks: 0 };
  let waited = 0;
  const calls: FileCalls = {
    ...systemFileCalls,
    lstat: () => ({ isFile: () => true }) as ReturnType<FileCalls["lstat"]>,
    open: () => 7,
    close: () => {},
    stateOf: () => ({ sizeBytes: 0, modifiedNs: 0n }),
    read: (_fd, into) => {
      time.now += readMs;
      waited += waitedMs;
      return into.length;
    },
  };
  const look = (): number => (time.looks++, waited);
  const direct = new DirectReads({ calls, settings: SETTINGS, time: { now: () => time.now, waitedMs: look } });
  return { direct, time };
}

function read(lengthBytes: number): ReadJob {
  const part = { relative: "", fileIndex: 0, fileOffset: 0, pieceOffset: 0, lengthBytes };
  return {
    kind: "read",
    root: "/nowhere",
    access: "read",
    place: { piece: 0, lengthBytes, paddedLengthBytes: lengthBytes, leafCount: 1, parts: [part] },
    memory: new SharedArrayBuffer(lengthBytes),
    isOnLocalDisk: true,
  };
}

test("reads of long pieces, and of more than so many bytes at once or a second, are left to the I/O threads", () => {
  const { direct, time } = sample();
  assert.equal(direct.takes(read(DIRECT_PIECE_BYTES_MAX + 1)), false);
  const piece = read(PIECE_BYTES);
  let taken = 0;
  while (direct.takes(piece)) taken += PIECE_BYTES;
  assert.equal(taken, DIRECT_READ_BURST_BYTES_MAX);
  for (; time.now < 1_000; time.now += 0.1) while (direct.takes(piece)) taken += PIECE_BYTES;
  const later = taken - DIRECT_READ_BURST_BYTES_MAX;
  const max = DIRECT_READ_BYTES_PER_SECOND_MAX;
  assert.ok(later <= max * 1.001 && later > max * 0.95, String(later));
});

test("a disk that makes the reading thread wait is left to the I/O threads for a while", async () => {
  const piece = read(PIECE_BYTES);
  const slow = sample(DIRECT_TIME_MS_MAX + COPY_MS + 1);
  assert.equal(slow.direct.takes(piece), true);
  await slow.direct.run(piece);
  assert.equal(slow.direct.takes(piece), false);
  slow.time.now += DIRECT_REST_MS;
  assert.equal(slow.direct.takes(piece), true);

  const sluggish = sample(5);
  let taken = 0;
  for (; taken < 200 && sluggish.direct.takes(piece); taken++, sluggish.time.now += 10)
    await sluggish.direct.run(piece);
  assert.ok(taken > 10 && taken < 200, `5 ms in 15 are too many: ${taken}`);
});

test("what the system has in memory, and time without a processor, are not the disk's", async () => {
  const piece = read(PIECE_BYTES);
  for (const { direct } of [sample(COPY_MS), sample(DIRECT_TIME_MS_MAX * 2, DIRECT_TIME_MS_MAX * 2)]) {
    for (let at = 0; at < 1_000; at++) await direct.run(piece);
    assert.equal(direct.takes(piece), true);
  }
});

test("reads from memory cost a look at the time without a processor every ten milliseconds or more, and not each", async () => {
  const { direct, time } = sample(COPY_MS / 4);
  const piece = read(PIECE_BYTES);
  while (time.now < 100) await direct.run(piece);
  assert.ok(time.looks > 1 && time.looks <= 10, String(time.looks));
});

test("reads from disks that may not answer are left to the I/O threads", () => {
  assert.equal(sample().direct.takes({ ...read(16_384), isOnLocalDisk: false }), false);
});

test("a seed needs no I/O thread for pieces of moderate length; with direct reads switched off it does", async (t) => {
  const torrent = sampleTorrent({
    files: [
      { path: "a", lengthBytes: 100_000 },
      { path: "b/c", lengthBytes: 50_000 },
    ],
  });
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    await writeAll(store, torrent);
    await store.finish();
  }
  const isLocal = await isLocalDisk(directory);
  for (const direct of [true, false]) {
    await using workers = new StorageWorkers({ count: 1, direct });
    await using seed = await openStore(torrent, directory, { mode: "seed", verify: "none", workers });
    for (const piece of torrent.pieces) {
      assert.ok((await readPiece(seed, torrent, piece)).equals(torrent.pieceBytes(piece)));
    }
    assert.equal(workers.startedCount, direct && isLocal ? 0 : 1);
  }
});

test("an error of a direct read is reported as the I/O threads report it, and the next try works", async (t) => {
  const torrent = sampleTorrent({ version: "1", files: 60_000 });
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    await writeAll(store, torrent);
    await store.finish();
  }
  const workers = faultyDirect(t, { call: "read", code: "EIO", times: 1 }, { call: "open", code: "EMFILE", times: 1 });
  await using seed = await openStore(torrent, directory, { mode: "seed", verify: "none", workers });
  const first = 0 as PieceIndex;
  await assert.rejects(readPiece(seed, torrent, first), { code: "storage.open-files", retryable: true });
  await assert.rejects(readPiece(seed, torrent, first), { code: "storage.io", retryable: true });
  assert.ok((await readPiece(seed, torrent, first)).equals(torrent.pieceBytes(first)));
  assert.equal(workers.startedCount, 0);
});
