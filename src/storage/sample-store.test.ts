// A store over a sample torrent, for the tests of this folder: opening, and writing and reading the right bytes.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import type { Log, LogFields, PieceIndex } from "../core/index.ts";
import { BufferPool } from "./buffer-pool.ts";
import type { FileFault } from "./file-calls.ts";
import { PieceStore, type PieceOutcome, type PieceStoreOptions } from "./piece-store.ts";
import type { SampleTorrent } from "./sample-torrent.test.ts";
import { StorageWorkers } from "./storage-workers.ts";

/** Shared by a file's tests; at its end every buffer must be back. */
export const workers: StorageWorkers = new StorageWorkers({ count: 2 });
export const pool: BufferPool = new BufferPool({ budgetBytes: 16 << 20 });
after(async () => {
  await workers[Symbol.asyncDispose]();
  assert.equal(pool.usedBytes, 0, "every buffer was given back");
});

export function openStore(
  torrent: SampleTorrent,
  directory: string,
  changes: Partial<PieceStoreOptions> = {},
): Promise<PieceStore> {
  const { info, pieceHash } = torrent;
  return PieceStore.open({ info, pieceHash, directory, mode: "download", verify: "resume", pool, workers, ...changes });
}

/** Writes the piece; `spoil` changes one byte of it. */
export async function writePiece(
  store: PieceStore,
  torrent: SampleTorrent,
  piece: PieceIndex,
  spoil = -1,
): Promise<PieceOutcome> {
  const buffer = pool.acquire(torrent.info.layout.pieceLength(piece));
  assert(buffer !== null);
  torrent.pieceBytes(piece).copy(buffer.bytes);
  if (spoil >= 0) buffer.bytes[spoil] = (buffer.bytes[spoil] ?? 0) ^ 1;
  try {
    return await store.writePiece(piece, buffer);
  } finally {
    buffer.release();
  }
}

export async function readPiece(store: PieceStore, torrent: SampleTorrent, piece: PieceIndex): Promise<Buffer> {
  const buffer = pool.acquire(torrent.info.layout.pieceLength(piece));
  assert(buffer !== null);
  try {
    await store.readPiece(piece, buffer);
    return Buffer.from(buffer.bytes);
  } finally {
    buffer.release();
  }
}

export async function writeAll(store: PieceStore, torrent: SampleTorrent): Promise<void> {
  await Promise.all(
    torrent.pieces.map(async (piece) => assert.deepEqual(await writePiece(store, torrent, piece), { ok: true })),
  );
}

export function hasPiece(store: PieceStore, piece: number): boolean {
  return ((store.have()[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}

/** I/O threads whose file operations fail as told, for one test. */
export function faultyWorkers(t: TestContext, ...faults: FileFault[]): StorageWorkers {
  return forOneTest(t, new StorageWorkers({ count: 2, faults }));
}

/** The same where the thread that asks reads and writes by itself. */
export function faultyDirect(t: TestContext, ...faults: FileFault[]): StorageWorkers {
  return forOneTest(t, new StorageWorkers({ count: 2, faults, direct: true }));
}

function forOneTest(t: TestContext, faulty: StorageWorkers): StorageWorkers {
  t.after(() => faulty[Symbol.asyncDispose]());
  return faulty;
}

/** The fields of the last event of that name. */
export function recordingLog(): Log & { last(event: string): LogFields } {
  const events = new Map<string, LogFields>();
  return {
    write: (_level, event, fields) => void events.set(event, fields ?? {}),
    last: (event) => {
      const fields = events.get(event);
      assert(fields !== undefined, `no event ${event}`);
      return fields;
    },
  };
}

/** A folder that goes when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "upswarm-storage-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
