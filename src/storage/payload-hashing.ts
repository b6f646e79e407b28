// Hashing pieces that lie on disk, on all I/O threads. Each thread reads a few pieces' worth at a time, so memory does
// not grow with piece length or payload. Ends early, but never before its last job has ended, when the signal aborts.

import type { PieceIndex } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import { payloadBytes, type PieceHashSource } from "./artifact.ts";
import type { FileAccess } from "./file-calls.ts";
import { hashBatches } from "./hash-batches.ts";
import type { StorageWorkers } from "./storage-workers.ts";
import type { HashResult } from "./worker-job.ts";

export interface HashingProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface HashingOptions {
  readonly layout: Layout;
  readonly root: string;
  readonly access: FileAccess;
  readonly workers: StorageWorkers;
  readonly sha1: boolean;
  readonly sha256: boolean;
  /** A missing or short file fails the whole; else its pieces are `absent` in what `onPiece` gets. */
  readonly absentIsError: boolean;
  readonly onProgress?: ((progress: HashingProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The digests of many pieces one after the other, so that a piece costs no object of its own. */
export interface PieceDigests {
  readonly sha1: Buffer | null;
  readonly sha256: Buffer | null;
  readonly absent: Uint8Array;
}

/** `onPiece` is called once a piece, in no particular order. @throws StorageError, or the signal's reason */
export async function hashPieces(
  options: HashingOptions,
  pieces: readonly PieceIndex[],
  onPiece: (piece: PieceIndex, digests: PieceDigests, at: number) => void,
): Promise<void> {
  const { layout, workers, signal, onProgress } = options;
  const totalBytes = pieces.reduce((sum, piece) => sum + layout.pieceLength(piece), 0);
  let doneBytes = 0;
  const batches = hashBatches(layout, pieces, options.sha256);
  const stop = new AbortController();
  const lane = async (): Promise<void> => {
    for (const runs of batches) {
      signal?.throwIfAborted();
      if (stop.signal.aborted) return;
      const { root, access, sha1, sha256, absentIsError } = options;
      const job = { kind: "hash", root, access, runs, sha1, sha256, leaves: false, absentIsError } as const;
      const digests = digestsOf(await workers.run(job));
      let at = 0;
      for (const { place, count } of runs) {
        for (const end = at + count, first = place.piece - at; at < end; at++) {
          onPiece(layout.pieceIndex(first + at) as PieceIndex, digests, at);
        }
        doneBytes += place.lengthBytes * count;
      }
      onProgress?.({ doneBytes, totalBytes });
    }
  };
  // Two lanes a thread: one job is under way while the next one waits at the thread.
  const lanes = Array.from({ length: workers.count * 2 }, async () => {
    try {
      await lane();
    } catch (error) {
      stop.abort();
      throw error;
    }
  });
  const ended = await Promise.allSettled(lanes);
  signal?.throwIfAborted();
  const failed = ended.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The pieces of `pieces` that are good on disk, ascending. A piece whose hash is not known is not good. */
export async function checkPieces(
  options: Omit<HashingOptions, "sha1" | "sha256" | "absentIsError">,
  pieces: readonly PieceIndex[],
  pieceHash: PieceHashSource,
): Promise<PieceIndex[]> {
  const known = pieces.filter((piece) => pieceHash(piece) !== null);
  const sample = known[0] === undefined ? null : pieceHash(known[0]);
  const good: PieceIndex[] = [];
  const sha1 = sample !== null && sample.sha1 !== null;
  const sha256 = sample !== null && sample.sha256 !== null;
  await hashPieces({ ...options, sha1, sha256, absentIsError: false }, known, (piece, { absent, ...digests }, at) => {
    const expected = pieceHash(piece);
    const isGood1 = isEqual(expected?.sha1, digests.sha1, at * 20);
    const isGood2 = isEqual(expected?.sha256, digests.sha256, at * 32);
    if (absent[at] === 0 && isGood1 && isGood2) good.push(piece);
  });
  return good.toSorted((a, b) => a - b);
}

export function sumPayloadBytes(layout: Layout, pieces: readonly PieceIndex[]): number {
  return pieces.reduce((sum, piece) => sum + payloadBytes(layout, piece), 0);
}

function digestsOf({ sha1, sha256, absent }: HashResult): PieceDigests {
  return { sha1: bufferOf(sha1), sha256: bufferOf(sha256), absent };
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function isEqual(expected: Buffer | null | undefined, actual: Buffer | null, begin: number): boolean {
  if (expected === null || expected === undefined) return actual === null;
  return actual !== null && expected.compare(actual, begin, begin + expected.length) === 0;
}
