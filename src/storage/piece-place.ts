// Where a piece's bytes are padding and not any file's.

import type { PiecePlace } from "./worker-job.ts";

/** Zeros what no file's part covers of [begin, begin + bytes.length). The parts are in order. */
export function zeroGaps(place: PiecePlace, begin: number, bytes: Buffer): void {
  const end = begin + bytes.length;
  let at = begin;
  for (const part of place.parts) {
    if (part.pieceOffset > at) bytes.fill(0, at - begin, Math.min(part.pieceOffset, end) - begin);
    at = Math.max(at, part.pieceOffset + part.lengthBytes);
    if (at >= end) return;
  }
  bytes.fill(0, at - begin);
}
