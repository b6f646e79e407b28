import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { THREAD_SHARE_BYTES, type PieceIndex } from "../core/index.ts";
import {
  faultyWorkers,
  hasPiece,
  openStore,
  pool,
  readPiece,
  temporaryFolder,
  writeAll,
  writePiece,
} from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";
import { StorageWorkers } from "./storage-workers.ts";
import type { HashJob, WriteJob } from "./worker-job.ts";

const nothing: HashJob = {
  kind: "hash",
  root: "/nowhere",
  access: "read",
  runs: [],
  sha1: true,
  sha256: false,
  leaves: false,
  absentIsError: false,
};

test("threads start when needed: the second one only while the first has much to do", async () => {
  await using workers = new StorageWorkers({ count: 2 });
  const lengthBytes = THREAD_SHARE_BYTES / 2;
  const place = { piece: 0, lengthBytes, paddedLengthBytes: lengthBytes, leafCount: 0, parts: [] };
  const half = { ...nothing, runs: [{ place, count: 1 }] };
  assert.equal(workers.startedCount, 0);
  await workers.run(nothing);
  await Promise.all([workers.run(half), workers.run(half), workers.run(nothing)]);
  assert.equal(workers.startedCount, 1);
  await Promise.all([workers.run(half), workers.run(half), workers.run(half)]);
  assert.equal(workers.startedCount, 2);
});

test("pieces that are hashed once leave a processor to the network thread; those that are hashed twice keep all threads", async () => {
  const lengthBytes = THREAD_SHARE_BYTES / 2;
  const once: WriteJob = {
    kind: "write",
    root: "/nowhere",
    place: { piece: 0, lengthBytes, paddedLengthBytes: lengthBytes, leafCount: 128, parts: [] },
    memory: new SharedArrayBuffer(lengthBytes),
    sha1: "00",
    sha256: null,
    journal: "/nowhere.journal",
    journalSeed: 1,
    times: new SharedArrayBuffer(0),
    isOnLocalDisk: false,
  };
  const v2 = { ...once, sha1: null, sha256: "00" };
  for (const [job, threads] of [[once, 1] as const, [v2, 1] as const, [{ ...once, sha256: "00" }, 2] as const]) {
    await using workers = new StorageWorkers({ count: 2 });
    for (const { ok } of await Promise.all(Array.from({ length: 6 }, () => workers.run(job)))) assert.ok(!ok);
    assert.equal(workers.startedCount, threads);
  }
  await using alone = new StorageWorkers({ count: 1 });
  await alone.run(once);
  assert.equal(alone.startedCount, 1);
});

test("one thread can be started ahead of its work", async () => {
  await using workers = new StorageWorkers({ count: 2 });
  workers.startOne();
  workers.startOne();
  assert.equal(workers.startedCount, 1);
  await workers.run(nothing);
  assert.equal(workers.startedCount, 1);
});

test("idle threads do not keep the process alive", () => {
  const index = new URL("./index.ts", import.meta.url).href;
  const script = `
    const { StorageWorkers } = await import(${JSON.stringify(index)});
    await new StorageWorkers({ count: 2 }).run(${JSON.stringify(nothing)});
    console.log("idle");`;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = ["--input-type=module", "--eval", script];
  const { status, stdout } = spawnSync(process.execPath, argv, { env, encoding: "utf8", timeout: 20_000 });
  assert.equal(stdout, "idle\n");
  assert.equal(status, 0);
});

test("a thread that dies fails its jobs, gives their buffers back, and is replaced", async (t) => {
  const torrent = sampleTorrent({ files: 300_000 });
  const workers = faultyWorkers(t, { call: "write", code: "EXIT", times: 1 });
  await using store = await openStore(torrent, await temporaryFolder(t), { workers });
  const tries = torrent.pieces.map((piece) => writePiece(store, torrent, piece));
  for (const tried of await Promise.allSettled(tries)) {
    assert(tried.status === "rejected");
    assert.equal((tried.reason as { code?: string }).code, "storage.worker");
  }
  assert.equal(pool.usedBytes, 0);
  assert.equal(hasPiece(store, 0), false);
  assert.equal(workers.startedCount, 0);
  await workers.run(nothing);
  assert.equal(workers.startedCount, 1);
});

test("dispose waits for the jobs that were given and refuses new ones", async (t) => {
  const torrent = sampleTorrent({ files: 300_000 });
  const workers = new StorageWorkers({ count: 2 });
  const store = await openStore(torrent, await temporaryFolder(t), { workers });
  const writing = writeAll(store, torrent);
  await workers[Symbol.asyncDispose]();
  await writing;
  assert.equal(hasPiece(store, 4), true);
  await assert.rejects(readPiece(store, torrent, 0 as PieceIndex), { code: "storage.closed" });
  await store[Symbol.asyncDispose]();
});

const canCountFiles = process.platform === "linux";
test(
  "threads keep few files open, and none of a store that was closed",
  { skip: !canCountFiles && "needs /proc" },
  async (t) => {
    const files = Array.from({ length: 300 }, (_, index) => ({ path: `f${index}`, lengthBytes: 1000 }));
    const torrent = sampleTorrent({ version: "2", files, pieceLengthBytes: 16_384 });
    const workers = new StorageWorkers({ count: 1 });
    await workers.run(nothing);
    const before = readdirSync("/proc/self/fd").length;
    const store = await openStore(torrent, await temporaryFolder(t), { workers });
    await writeAll(store, torrent);
    const during = readdirSync("/proc/self/fd").length;
    assert(during - before <= 64, `${during - before} files are open`);
    await store[Symbol.asyncDispose]();
    await workers.run(nothing);
    assert.equal(readdirSync("/proc/self/fd").length, before);
    await workers[Symbol.asyncDispose]();
  },
);
