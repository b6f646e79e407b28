// The pieces under way. Invariants: `freeBlocks` is the sum of their free blocks; `orphans` are exactly those that have
// free blocks and no owner; a piece stands in the `owned` set of its owner and of nobody else.

import { PartialPiece } from "./partial-piece.ts";
import type { SwarmPeer } from "./peer.ts";

export class PartialPieces {
  readonly #pieces = new Map<number, PartialPiece>();
  readonly #orphans = new Set<PartialPiece>();
  #freeBlocks = 0;

  get size(): number {
    return this.#pieces.size;
  }

  /** Blocks of pieces under way that nobody was asked for. */
  get freeBlocks(): number {
    return this.#freeBlocks;
  }

  get orphans(): ReadonlySet<PartialPiece> {
    return this.#orphans;
  }

  get(piece: number): PartialPiece | undefined {
    return this.#pieces.get(piece);
  }

  values(): IterableIterator<PartialPiece> {
    return this.#pieces.values();
  }

  /** The piece is under way, and `owner` is to finish it. */
  add(partial: PartialPiece, owner: SwarmPeer): void {
    this.#pieces.set(partial.piece, partial);
    this.#freeBlocks += partial.freeCount;
    this.adopt(partial, owner);
  }

  delete(partial: PartialPiece): void {
    if (!this.#pieces.delete(partial.piece)) return;
    this.#freeBlocks -= partial.freeCount;
    partial.owner?.owned.delete(partial);
    partial.owner = null;
    this.#orphans.delete(partial);
  }

  /** The peer is to finish the piece. */
  adopt(partial: PartialPiece, peer: SwarmPeer): void {
    partial.owner?.owned.delete(partial);
    partial.owner = peer;
    partial.requestedAt = Infinity;
    peer.owned.add(partial);
    this.#settle(partial);
  }

  /** Anybody may finish the piece. */
  disown(partial: PartialPiece): void {
    partial.owner?.owned.delete(partial);
    partial.owner = null;
    this.#settle(partial);
  }

  /** Marks a free block as asked for; -1 where there is none. */
  takeFree(partial: PartialPiece): number {
    const before = partial.freeCount;
    const block = partial.takeFree();
    this.#changed(partial, before);
    return block;
  }

  /** A request for the block ended without it. */
  giveBack(partial: PartialPiece, block: number): void {
    const before = partial.freeCount;
    partial.giveBack(block);
    this.#changed(partial, before);
  }

  /** The block came. `wasPending`: `sender` still owed it. */
  received(partial: PartialPiece, block: number, sender: SwarmPeer, wasPending: boolean): void {
    const before = partial.freeCount;
    partial.received(block, sender, wasPending);
    this.#changed(partial, before);
  }

  #changed(partial: PartialPiece, freeBefore: number): void {
    this.#freeBlocks += partial.freeCount - freeBefore;
    if (freeBefore === 0 || partial.freeCount === 0) this.#settle(partial);
  }

  #settle(partial: PartialPiece): void {
    if (partial.owner === null && partial.freeCount > 0) this.#orphans.add(partial);
    else this.#orphans.delete(partial);
  }
}
