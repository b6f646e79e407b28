import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  DIRECT_BURST_BYTES_MAX,
  DIRECT_BYTES_PER_SECOND_MAX,
  DIRECT_PIECE_BYTES_MAX,
  DIRECT_REST_MS,
  DIRECT_TIME_MS_MAX,
  DIRECT_TURN_BYTES_MAX,
  type PieceIndex,
} from "../core/index.ts";
import { DirectWrites } from "./direct-writes.ts";
import { systemFileCalls, type FileCalls } from "./file-calls.ts";
import { isLocalDisk } from "./local-disk.ts";
import { faultyDirect, openStore, temporaryFolder, writeAll, writePiece } from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";
import { StorageWorkers } from "./storage-workers.ts";
import type { WriteJob } from "./worker-job.ts";

const SETTINGS = { openFilesMax: 2, blockBytes: 16_384, readBytes: 16_384, writeBatchBytes: 65_536, faults: [] };

/** Of the event loop. */
function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

/** Time is what the test says; each append to the journal takes `appendMs`, of which `waitedMs` without a processor. */
function sample(appendMs = 0, waitedMs = 0): { direct: DirectWrites; time: { now: number } } {
  const time = { now: 0 };
  let waited = 0;
  const calls: FileCalls = {
    ...systemFileCalls,
    lstat: () => ({ isFile: () => true }) as ReturnType<FileCalls["lstat"]>,
    open: () => 7,
    close: () => {},
    append: (_fd, bytes) => {
      time.now += appendMs;
      waited += waitedMs;
      return bytes.length;
    },
  };
  const direct = new DirectWrites({ calls, settings: SETTINGS, time: { now: () => time.now, waitedMs: () => waited } });
  return { direct, time };
}

function write(lengthBytes: number): WriteJob {
  return {
    kind: "write",
    root: "/nowhere",
    place: { piece: 0, lengthBytes, paddedLengthBytes: lengthBytes, leafCount: 1, parts: [] },
    memory: new SharedArrayBuffer(lengthBytes),
    sha1: null,
    sha256: null,
    journal: "/nowhere.journal",
    journalSeed: 1,
    times: new SharedArrayBuffer(0),
    isOnLocalDisk: true,
  };
}

test("long pieces, and more than so many bytes at once or a second, are left to the I/O threads", () => {
  const { direct, time } = sample();
  assert.equal(direct.takes(write(DIRECT_PIECE_BYTES_MAX + 1)), false);
  const piece = write(DIRECT_PIECE_BYTES_MAX / 4);
  let taken = 0;
  while (direct.takes(piece)) taken += piece.place.lengthBytes;
  assert.equal(taken, DIRECT_BURST_BYTES_MAX);
  for (; time.now < 1_000; time.now++) if (direct.takes(piece)) taken += piece.place.lengthBytes;
  const later = taken - DIRECT_BURST_BYTES_MAX;
  assert.ok(later <= DIRECT_BYTES_PER_SECOND_MAX && later > DIRECT_BYTES_PER_SECOND_MAX * 0.95, String(later));
});

test("what comes together is done over several turns of the event loop, and all of it before its files are closed", async () => {
  const { direct } = sample();
  const piece = write(DIRECT_PIECE_BYTES_MAX / 4);
  let doneBytes = 0;
  const start = (): void => {
    for (let bytes = 0; bytes < DIRECT_BURST_BYTES_MAX; bytes += piece.place.lengthBytes) {
      void direct.run(piece).then(() => (doneBytes += piece.place.lengthBytes));
    }
  };
  start();
  for (let turns = 1; turns <= DIRECT_BURST_BYTES_MAX / DIRECT_TURN_BYTES_MAX; turns++) {
    await turn();
    assert.equal(doneBytes, turns * DIRECT_TURN_BYTES_MAX);
  }
  await turn();
  assert.equal(doneBytes, DIRECT_BURST_BYTES_MAX);

  start();
  direct.closeUnder("/nowhere");
  await Promise.resolve();
  assert.equal(doneBytes, 2 * DIRECT_BURST_BYTES_MAX);
});

test("a disk that makes the thread wait is left to the I/O threads for a while", async () => {
  const slow = sample(DIRECT_TIME_MS_MAX);
  const piece = write(16_384);
  assert.equal(slow.direct.takes(piece), true);
  assert.deepEqual(await slow.direct.run(piece), { ok: true, leaves: null, inconsistent: false });
  assert.equal(slow.direct.takes(piece), false);
  slow.time.now += DIRECT_REST_MS;
  assert.equal(slow.direct.takes(piece), true);

  const quick = sample(1);
  for (let at = 0; at < 100; at++, quick.time.now += 10) {
    assert.equal(quick.direct.takes(piece), true, "2 ms in 12 are within its share");
    await quick.direct.run(piece);
  }
  const sluggish = sample(4);
  let taken = 0;
  for (let at = 0; at < 100 && sluggish.direct.takes(piece); at++, sluggish.time.now += 10) {
    taken++;
    await sluggish.direct.run(piece);
  }
  assert.ok(taken > 10 && taken < 100, `8 ms in 18 are not: ${taken}`);
});

test("disks that may not answer are left to the I/O threads", () => {
  assert.equal(sample().direct.takes({ ...write(16_384), isOnLocalDisk: false }), false);
});

test("time without a processor is not the disk's", async () => {
  const { direct } = sample(DIRECT_TIME_MS_MAX, DIRECT_TIME_MS_MAX);
  const piece = write(16_384);
  await direct.run(piece);
  assert.equal(direct.takes(piece), true);
});

test("a download of little needs no I/O thread, and what it wrote is on disk", async (t) => {
  const torrent = sampleTorrent({ files: 300_000 });
  const directory = await temporaryFolder(t);
  await using workers = new StorageWorkers({ count: 2 });
  await using store = await openStore(torrent, directory, { workers });
  await writeAll(store, torrent);
  assert.equal(workers.startedCount, (await isLocalDisk(directory)) ? 0 : 1);
  await store.finish();
  const [file] = torrent.info.layout.files;
  assert.ok(file !== undefined);
  assert.ok((await readFile(store.path)).equals(torrent.fileBytes(file.path.join("/"))));
});

test("where a thread is at work it is given the pieces too", async (t) => {
  const torrent = sampleTorrent({ files: 300_000 });
  // Whoever writes ends: a thread, and nothing else.
  const workers = faultyDirect(t, { call: "write", code: "EXIT", times: 1 });
  await using store = await openStore(torrent, await temporaryFolder(t), { workers });
  const job = { kind: "hash", root: "/nowhere", access: "read", runs: [], absentIsError: false } as const;
  const hashing = workers.run({ ...job, sha1: true, sha256: false, leaves: false });
  await assert.rejects(writePiece(store, torrent, 0 as PieceIndex), { code: "storage.worker" });
  await hashing.catch(() => {});
});

test("direct writes can be switched off", async (t) => {
  const torrent = sampleTorrent({ files: 300_000 });
  await using workers = new StorageWorkers({ count: 1, direct: false });
  await using store = await openStore(torrent, await temporaryFolder(t), { workers });
  await writeAll(store, torrent);
  assert.equal(workers.startedCount, 1);
});
