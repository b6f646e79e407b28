// A piece under way: which of its blocks are here, which are asked for, and who sent what. States that exclude each
// other, a block at a time: free (nobody was asked) → pending (asked of one or more) → received. Once every block is
// received the piece is `full` and waits for its hash.

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
  /** After a failed hash a piece is fetched from one peer alone, so that a second failure names the liar. */
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
  takePending(block: number): void {
    this.#pending[block] = (this.#pending[block] ?? 0) + 1;
  }

  /** A request ended without a block. */
  giveBack(block: number): void {
    const pending = this.#pending[block] ?? 0;
    if (pending === 0) return;
    this.#pending[block] = pending - 1;
    if (pending === 1 && this.senders[block] === null) {
      this.#freeCount++;
      if (block < this.#cursor) this.#cursor = block;
    }
  }

  /** The block came from `sender`, whose request it was. */
  received(block: number, sender: SwarmPeer): void {
    const pending = this.#pending[block] ?? 0;
    // A block that was given back (its peer was snubbed) and comes all the same.
    if (pending === 0) this.#freeCount--;
    else this.#pending[block] = pending - 1;
    this.senders[block] = sender;
    this.#receivedCount++;
  }
}
