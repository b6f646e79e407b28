// The pieces of a payload as hash jobs: so many bytes each, and pieces that lie alike in one file as one run.
// Invariant: the runs of all jobs name the pieces that were asked for, each once, in their order.

import { HASH_JOB_BYTES, HASH_JOB_SEGMENTS_MAX, type PieceIndex } from "../core/index.ts";
import type { Layout, TorrentFile } from "../metainfo/index.ts";
import { placeOfPiece } from "./artifact.ts";
import type { PiecePlace, PlaceRun } from "./worker-job.ts";

interface OpenRun extends PlaceRun {
  count: number;
  /** As many as lie alike, wanted or not. */
  readonly countMax: number;
}

/** `hasLeaves`: v2 and hybrid. */
export function* hashBatches(
  layout: Layout,
  pieces: Iterable<PieceIndex>,
  hasLeaves: boolean,
): Generator<readonly PlaceRun[]> {
  let batch: OpenRun[] = [];
  let bytes = 0;
  let parts = 0;
  for (const piece of pieces) {
    const lengthBytes = layout.pieceLength(piece);
    const isFull = batch.length > 0 && (bytes + lengthBytes > HASH_JOB_BYTES || parts >= HASH_JOB_SEGMENTS_MAX);
    const last = isFull ? undefined : batch.at(-1);
    if (last !== undefined && last.count < last.countMax && piece === last.place.piece + last.count) {
      last.count++;
      bytes += lengthBytes;
      continue;
    }
    const place = placeOfPiece(layout, piece, hasLeaves);
    if (isFull || (batch.length > 0 && parts + place.parts.length > HASH_JOB_SEGMENTS_MAX)) {
      yield batch;
      batch = [];
      bytes = 0;
      parts = 0;
    }
    batch.push({ place, count: 1, countMax: countAlike(layout, place) });
    bytes += lengthBytes;
    parts += place.parts.length;
  }
  if (batch.length > 0) yield batch;
}

/** How many pieces from this one on are whole pieces of the same file. */
function countAlike(layout: Layout, { lengthBytes, parts }: PiecePlace): number {
  const [part] = parts;
  if (part === undefined || part.lengthBytes !== layout.pieceLengthBytes || lengthBytes !== part.lengthBytes) return 1;
  const file = layout.files[part.fileIndex] as TorrentFile;
  return Math.floor((file.lengthBytes - part.fileOffset) / lengthBytes);
}
