// Which hashes a piece's bytes must have: from the info's SHA-1s and the files' Merkle trees.

import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { PieceIndex } from "../core/index.ts";
import { SHA1_BYTES } from "./info.ts";
import { MERKLE_HASH_BYTES, treeHeight } from "./merkle.ts";
import type { Info, PieceHash } from "./types.ts";

export interface PieceHashOptions {
  /**
   * True: a piece of a hybrid torrent whose piece layer is not known yet (from a magnet link) may be checked by its
   * SHA-1 alone. False, the default: its hash is not known, and the layer must be asked for first (BEP 52).
   */
  readonly sha1Suffices?: boolean;
}

/**
 * Null for a piece whose hashes are not known yet. `pieceLayers` is read at each call, so layers that arrive later may
 * be added to the same map. They must have been verified against their roots.
 */
export function pieceHash(
  info: Info,
  pieceLayers: ReadonlyMap<string, Buffer> | null,
  { sha1Suffices = false }: PieceHashOptions = {},
): (piece: PieceIndex) => PieceHash | null {
  const { layout, pieces, version } = info;
  const sha1Of = (piece: PieceIndex): Buffer | null =>
    pieces?.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES) ?? null;
  if (version === "1") return (piece) => ({ sha1: sha1Of(piece), sha256: null, leafCount: 0 });
  const roots = layout.files.map((file) => file.piecesRoot?.toString("hex") ?? "");
  return (piece) => {
    const sha1 = sha1Of(piece);
    const file = layout.fileOfPiece(piece);
    if (file.lengthBytes <= layout.pieceLengthBytes) {
      const leafCount = 2 ** treeHeight(Math.ceil(file.lengthBytes / BLOCK_LENGTH_BYTES));
      return { sha1, sha256: file.piecesRoot, leafCount };
    }
    const leafCount = layout.pieceLengthBytes / BLOCK_LENGTH_BYTES;
    const layer = pieceLayers?.get(roots[file.index] as string);
    if (layer === undefined) return sha1Suffices && sha1 !== null ? { sha1, sha256: null, leafCount } : null;
    const at = (piece - layout.filePieces(file.index).first) * MERKLE_HASH_BYTES;
    return { sha1, sha256: layer.subarray(at, at + MERKLE_HASH_BYTES), leafCount };
  };
}
