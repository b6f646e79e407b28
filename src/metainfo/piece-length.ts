// The piece length for a payload where nobody chose one.

import { PIECE_LENGTH_MAX_BYTES } from "../core/index.ts";

const KIB = 1024;
const GIB = 1024 ** 3;

/**
 * 64 to 256 KiB below 1 GiB: a machine can pass on only whole pieces, so small ones make a crowd fast (a model of 20
 * machines: the last one done after 1.03 × the bound with 64 KiB pieces, 1.12 × with 256 KiB). Above, as much as keeps
 * the torrent within 16384 pieces, but no more than 16 MiB, since a piece is held in memory, until 2^20 pieces.
 */
export function defaultPieceLength(lengthBytes: number): number {
  const piecesWanted = lengthBytes < GIB ? 4096 : 16_384;
  let pieceLength = lengthBytes < GIB ? 64 * KIB : 256 * KIB;
  while (lengthBytes / pieceLength > piecesWanted && pieceLength < 16 * KIB * KIB) pieceLength *= 2;
  while (lengthBytes / pieceLength > 2 ** 20 && pieceLength < PIECE_LENGTH_MAX_BYTES) pieceLength *= 2;
  return pieceLength;
}
