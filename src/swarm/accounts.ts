// Where every payload byte came from, counted once and under one name (ARCHITECTURE, invariant 2). Bytes count as
// received when their piece was verified; before that they are nobody's. `local` is what was found good on disk.

import type { PieceIndex } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { ByteSource } from "./peer.ts";

export interface ByteCounts {
  readonly sitePeers: number;
  readonly otherPeers: number;
  readonly webSeeds: number;
  readonly local: number;
  /** Blocks that came although they were here already or were not asked for, or whose piece was given up. */
  readonly duplicate: number;
  /** Blocks of pieces that failed their hash. */
  readonly hashFailed: number;
  readonly uploaded: number;
}

export class Accounts {
  readonly #received: Record<ByteSource, number> = { sitePeers: 0, otherPeers: 0, webSeeds: 0 };
  local = 0;
  duplicate = 0;
  hashFailed = 0;
  uploaded = 0;

  /** Every block of the piece was of use. */
  verified(partial: PartialPiece, layout: Layout): void {
    partial.senders.forEach((sender, block) => {
      const lengthBytes = layout.blockLength(partial.piece as PieceIndex, block);
      if (sender !== null) this.#received[sender.source] += lengthBytes;
    });
  }

  counts(): ByteCounts {
    return {
      ...this.#received,
      local: this.local,
      duplicate: this.duplicate,
      hashFailed: this.hashFailed,
      uploaded: this.uploaded,
    };
  }
}
