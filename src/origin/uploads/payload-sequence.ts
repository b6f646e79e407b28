// A payload as one sequence of bytes: its regular files one after the other, in the order of the metainfo, without
// padding. Both ends of an upload see it so.

import { join } from "node:path";
import type { PieceIndex } from "../../core/index.ts";
import type { Layout } from "../../metainfo/index.ts";

export interface SequencePart {
  readonly path: string;
  readonly executable: boolean;
  /** In the sequence. */
  readonly begin: number;
  readonly end: number;
}

/** The regular files, empty ones too. `root` is the artifact's own path. */
export function partsOf(layout: Layout, root: string): readonly SequencePart[] {
  let begin = 0;
  return layout.files
    .filter(({ kind }) => kind === "regular")
    .map(({ path, executable, lengthBytes }) => {
      const part = { path: layout.isFolder ? join(root, ...path) : root, executable, begin, end: begin + lengthBytes };
      begin = part.end;
      return part;
    });
}

/** Where a piece's first byte is in the sequence. */
export function offsetOfPiece(layout: Layout, piece: number): number {
  const [segment] = layout.segments(piece as PieceIndex);
  if (segment === undefined) return 0;
  const before = layout.files.slice(0, segment.fileIndex).filter(({ kind }) => kind === "regular");
  return before.reduce((sum, { lengthBytes }) => sum + lengthBytes, segment.fileOffset);
}
