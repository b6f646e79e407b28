// What a peer says about itself before the torrent is ready: its metadata is being fetched, or its files are being
// checked. It is kept, bounded by the largest torrent there is, and told to the swarm when there is one.

import { PIECE_COUNT_MAX } from "../core/index.ts";
import { Bitfield } from "../swarm/index.ts";
import { WireError } from "../wire/index.ts";

export class EarlyState {
  choking = true;
  interested = false;
  uploadOnly = false;
  #pieces: Buffer | "all" | "none" | null = null;
  /** Of `have` messages, one bit a piece; grows with the highest index. */
  #haves: Uint8Array = new Uint8Array(0);
  #highest = -1;

  /** Bitfield, have all or have none. */
  pieces(pieces: Buffer | "all" | "none"): void {
    this.#pieces = pieces;
  }

  /** @throws WireError where no torrent has such a piece */
  have(index: number): void {
    if (index >= PIECE_COUNT_MAX) throw outside("have", index);
    const at = index >> 3;
    if (at >= this.#haves.length) {
      const grown = new Uint8Array(Math.min(PIECE_COUNT_MAX / 8, Math.max(at + 1, this.#haves.length * 2, 64)));
      grown.set(this.#haves);
      this.#haves = grown;
    }
    this.#haves[at] = (this.#haves[at] ?? 0) | (0x80 >> (index & 7));
    this.#highest = Math.max(this.#highest, index);
  }

  dontHave(index: number): void {
    const at = index >> 3;
    const mask = 0x80 >> (index & 7);
    if (at < this.#haves.length) this.#haves[at] = (this.#haves[at] ?? 0) & ~mask;
    if (Buffer.isBuffer(this.#pieces) && at < this.#pieces.length) this.#pieces[at] = (this.#pieces[at] ?? 0) & ~mask;
  }

  /** All that the peer said to have; null where it said nothing. @throws WireError where the torrent is another one */
  told(pieceCount: number): Uint8Array | "all" | "none" | null {
    const pieces = this.#pieces;
    if (Buffer.isBuffer(pieces) && !Bitfield.isValid(pieces, pieceCount)) {
      throw new WireError("wire.length", "The peer's bitfield does not fit the torrent.");
    }
    if (this.#highest >= pieceCount) throw outside("have", this.#highest);
    if (pieces === "all" || this.#highest < 0) return pieces;
    const all = new Uint8Array(Math.ceil(pieceCount / 8));
    if (pieces !== null && pieces !== "none") all.set(pieces);
    for (let at = 0; at < all.length; at++) all[at] = (all[at] ?? 0) | (this.#haves[at] ?? 0);
    return all;
  }
}

export function outside(message: string, index: number): WireError {
  return new WireError("wire.length", `The peer's "${message}" names piece ${index}, which the torrent does not have.`);
}
