// Where a piece's bytes are padding and not any file's, and the places of pieces that lie alike.

import type { PiecePlace, PlaceRun } from "./worker-job.ts";

/** The place of the run's piece number `at`, from 0 on. */
export function placeInRun({ place }: PlaceRun, at: number): PiecePlace {
  const [part] = place.parts;
  if (at === 0 || part === undefined) return place;
  const moved = { ...part, fileOffset: part.fileOffset + at * place.lengthBytes };
  return { ...place, piece: place.piece + at, parts: [moved] };
}

export function pieceCountOf(runs: readonly PlaceRun[]): number {
  return runs.reduce((sum, { count }) => sum + count, 0);
}

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
