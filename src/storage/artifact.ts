// Where an artifact's parts lie on disk: the names around it, and where each piece's bytes are in its files.
//
//   DIR/NAME.part           the payload while it is downloaded, a file or a folder
//   DIR/NAME.part.journal   which pieces of it are good (see resume-trust.ts)
//   DIR/NAME.part.lock      who works on it (see store-lock.ts)
//   DIR/NAME                the payload, complete and verified

import { join } from "node:path";
import { BLOCK_LENGTH_BYTES, type PieceIndex } from "../core/index.ts";
import type { Layout, PieceHash, TorrentFile } from "../metainfo/index.ts";
import type { PiecePlace } from "./worker-job.ts";

export interface ArtifactPaths {
  readonly final: string;
  readonly part: string;
  readonly journal: string;
  readonly lock: string;
}

export function artifactPaths(directory: string, name: string): ArtifactPaths {
  const final = join(directory, name);
  return { final, part: `${final}.part`, journal: `${final}.part.journal`, lock: `${final}.part.lock` };
}

/** The file's path below the artifact's root, with "/"; "" where the artifact is the file. */
export function relativePath(layout: Layout, file: TorrentFile): string {
  return layout.isFolder ? file.path.join("/") : "";
}

export function absolutePath(root: string, relative: string): string {
  return relative === "" ? root : `${root}/${relative}`;
}

/** `hasLeaves`: v2 and hybrid. */
export function placeOfPiece(layout: Layout, piece: PieceIndex, hasLeaves: boolean): PiecePlace {
  return {
    piece,
    lengthBytes: layout.pieceLength(piece),
    paddedLengthBytes: layout.paddedLength(piece),
    leafCount: hasLeaves ? leafCountOf(layout, piece) : 0,
    parts: layout.segments(piece).map((segment) => ({
      relative: relativePath(layout, layout.files[segment.fileIndex] as TorrentFile),
      fileIndex: segment.fileIndex,
      fileOffset: segment.fileOffset,
      pieceOffset: segment.pieceOffset,
      lengthBytes: segment.lengthBytes,
    })),
  };
}

/** BEP 52: a file longer than a piece has full subtrees; a shorter one is padded to the next power of two. */
function leafCountOf(layout: Layout, piece: PieceIndex): number {
  if (layout.fileOfPiece(piece).lengthBytes > layout.pieceLengthBytes) {
    return layout.pieceLengthBytes / BLOCK_LENGTH_BYTES;
  }
  return 2 ** Math.ceil(Math.log2(layout.blockCount(piece)));
}

/** All pieces, minted. */
export function* allPieces(layout: Layout): Generator<PieceIndex> {
  for (let value = 0; value < layout.pieceCount; value++) yield layout.pieceIndex(value) as PieceIndex;
}

/** Bytes of files in the piece, padding in its middle left out. */
export function payloadBytes(layout: Layout, piece: PieceIndex): number {
  return layout.segments(piece).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

/** What a piece is checked against; null where it is not known (yet). */
export type PieceHashSource = (piece: PieceIndex) => PieceHash | null;
