// What passed between one run of `get` and the only seed, as a WireTap sees it.
//
// A piece that it has announced is verified and on disk, and is never to be sent again. In flight at a kill is everything
// else that was asked for: blocks on their way, and blocks of pieces that are not whole or not checked and written yet.

import { BLOCK_LENGTH_BYTES } from "../../src/core/index.ts";
import type { PieceIndex } from "../../src/core/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { BITFIELD_ID, HAVE_ID, PIECE_ID, REQUEST_ID } from "../processes/wire-tap.ts";
import type { WireMessage } from "../processes/wire-tap.ts";

export class GetRun {
  /** Pieces that it says it has: at first by a bitfield, then one by one. */
  readonly announced: Set<number> = new Set<number>();
  /** Pieces that have arrived, every block of them. */
  readonly whole: Set<number> = new Set<number>();
  receivedBytes = 0;
  readonly #asked = new Set<string>();
  readonly #blocks = new Map<number, Set<number>>();
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  see({ from, id, payload }: WireMessage): void {
    if (id === BITFIELD_ID) {
      if (from === "client") this.#bitfield(payload);
      return;
    }
    if (id !== HAVE_ID && id !== REQUEST_ID && id !== PIECE_ID) return;
    const piece = payload.readUInt32BE(0);
    if (id === HAVE_ID && from === "client") this.announced.add(piece);
    if (id === REQUEST_ID) this.#asked.add(`${piece}:${payload.readUInt32BE(4)}`);
    if (id === PIECE_ID) this.#block(piece, payload.readUInt32BE(4), payload.length - 8);
  }

  /** Everything is there or has arrived. */
  get isAll(): boolean {
    return new Set([...this.announced, ...this.whole]).size === this.#layout.pieceCount;
  }

  get inFlightBytes(): number {
    let blocks = this.#asked.size;
    for (const [piece, begins] of this.#blocks) if (!this.announced.has(piece)) blocks += begins.size;
    return blocks * BLOCK_LENGTH_BYTES;
  }

  #bitfield(payload: Buffer): void {
    for (let piece = 0; piece < this.#layout.pieceCount; piece++) {
      if (((payload[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0) this.announced.add(piece);
    }
  }

  #block(piece: number, begin: number, lengthBytes: number): void {
    this.#asked.delete(`${piece}:${begin}`);
    this.receivedBytes += lengthBytes;
    const begins = (this.#blocks.get(piece) ?? new Set()).add(begin);
    this.#blocks.set(piece, begins);
    if (begins.size === this.#layout.blockCount(piece as PieceIndex)) this.whole.add(piece);
  }
}
