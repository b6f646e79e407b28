// A piece under way: which of its blocks are here, which are asked for, and who sent what. States that exclude each
// other, a block at a time: free (nobody was asked) → pending (asked of one or more) → received. Once every block is
// received the piece is `full` and waits for its hash.

import assert from "node:assert";
import type { SwarmPeer } from "./peer.ts";

export class PartialPiece {
  readonly piece: number;
  readonly blockCount: number;
  /** The peer that gave the block, once it is here. */
  readonly senders: (SwarmPeer | null)[];
  readonly #pending: Uint8Array;
  #freeCount: number;
  #receivedCount = 0;
  #cursor = 0;

  /** The peer that is to finish the piece; null where anybody may. */
  owner: SwarmPeer | null = null;
  /** When the owner was first asked for a block of it; Infinity where it was not. */
  requestedAt: number = Infinity;
  /** Whom the owner took it over from, while what that one was asked for may still be on its way. See TakeOvers. */
  leaving: SwarmPeer | null = null;
  leavingSince = 0;
  /** When a block of it was first asked of a second peer; Infinity where none was. */
  copiedAt: number = Infinity;
  /**
   * After a failed hash a piece is not shared: where one peer sends all of it, a second failure names the liar. Only
   * where its owner fails it does somebody else go on, since a piece that never comes is worse than an unnamed liar.
   */
  readonly exclusive: boolean;

  constructor(piece: number, blockCount: number, exclusive: boolean) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.exclusive = exclusive;
    this.senders = Array.from({ length: blockCount }, () => null);
    this.#pending = new Uint8Array(blockCount);
    this.#freeCount = blockCount;
  }

  /** Blocks that nobody was asked for. */
  get freeCount(): number {
    return this.#freeCount;
  }

  get isFull(): boolean {
    return this.#receivedCount === this.blockCount;
  }

  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** Nothing of it is here and nobody was asked for any of it: it is as good as never begun. */
  get isUntouched(): boolean {
    return this.#freeCount === this.blockCount;
  }

  isReceived(block: number): boolean {
    return this.senders[block] !== null;
  }

  /** Peers that were asked for the block and have not answered. */
  pending(block: number): number {
    return this.#pending[block] ?? 0;
  }

  /** Marks the first free block as asked for and returns it; -1 where none is free. */
  takeFree(): number {
    if (this.#freeCount === 0) return -1;
    for (let step = 0; step < this.blockCount; step++) {
      const block = (this.#cursor + step) % this.blockCount;
      if (this.#pending[block] !== 0 || this.senders[block] !== null) continue;
      this.#cursor = block + 1 === this.blockCount ? 0 : block + 1;
      this.#pending[block] = 1;
      this.#freeCount--;
      return block;
    }
    return -1;
  }

  /** Asks one more peer for a block that is pending already (end game). */
  takePending(block: number, now: number): void {
    assert(this.pending(block) > 0, "The first to be asked for a block takes it free.");
    this.#pending[block] = (this.#pending[block] ?? 0) + 1;
    this.copiedAt = Math.min(this.copiedAt, now);
  }

  /** A request ended without its block. */
  giveBack(block: number): void {
    const pending = this.pending(block);
    assert(pending > 0, "Only a block that is pending can be given back.");
    this.#pending[block] = pending - 1;
    if (pending === 1 && !this.isReceived(block)) {
      this.#freeCount++;
      if (block < this.#cursor) this.#cursor = block;
    }
  }

  /**
   * The block came from `sender`. `wasPending` is false where its request was taken back in the meantime (it was slow)
   * and the bytes came all the same.
   */
  received(block: number, sender: SwarmPeer, wasPending: boolean): void {
    assert(!this.isReceived(block), "A block is received once.");
    const pending = this.pending(block);
    if (wasPending) this.#pending[block] = pending - 1;
    else if (pending === 0) this.#freeCount--;
    this.senders[block] = sender;
    this.#receivedCount++;
  }
}
