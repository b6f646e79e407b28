// Who has which piece, and how much of that we lack. Invariants: the availability of a piece is the number of connected
// peers that have it; of each peer, `interesting` counts the pieces that it has and we lack, and `startable` those among
// them that nobody has begun, so that a peer with nothing new costs a comparison and not a search.
//
// A peer that came with everything is one number (RarestOrder.seedCount) as long as it keeps everything; one that became
// complete piece by piece stays counted piece by piece. So no message but the first costs more than one piece's work,
// however often a hostile peer says `have` and `donthave` in turn.

import type { Random } from "../core/index.ts";
import { Bitfield } from "./bitfield.ts";
import type { SwarmPeer } from "./peer.ts";
import { RarestOrder } from "./rarest-order.ts";

export class PieceCensus {
  readonly order: RarestOrder;
  readonly #withdrawn = new Set<number>();
  readonly #have: Bitfield;
  readonly #peers: ReadonlySet<SwarmPeer>;

  /** `have`: what we have verified; only the census changes it from here on. */
  constructor(have: Bitfield, peers: ReadonlySet<SwarmPeer>) {
    this.#have = have;
    this.#peers = peers;
    this.order = new RarestOrder(have.pieceCount);
    for (let piece = 0; piece < have.pieceCount; piece++) if (have.has(piece)) this.order.remove(piece);
  }

  /** Pieces that we had and can neither offer nor take again. */
  get withdrawn(): ReadonlySet<number> {
    return this.#withdrawn;
  }

  // What a peer has

  /** The whole set at once; replaces what was known. */
  told(peer: SwarmPeer, pieces: Uint8Array | "all" | "none"): void {
    this.forget(peer);
    if (pieces === "none") return;
    const told = pieces === "all" ? null : new Bitfield(this.#have.pieceCount, pieces);
    if (told === null || told.isFull) {
      peer.have.addAll();
      peer.isCountedAsSeed = true;
      this.order.seedCount++;
      peer.interesting = this.#have.pieceCount - this.#have.count - this.#withdrawn.size;
      peer.startable = this.order.wanted;
      return;
    }
    for (let piece = 0; piece < told.pieceCount; piece++) if (told.has(piece)) this.gained(peer, piece);
  }

  /** True where the peer did not have the piece before. */
  gained(peer: SwarmPeer, piece: number): boolean {
    if (!peer.have.add(piece)) return false;
    this.order.increment(piece);
    this.#count(peer, piece, 1);
    return true;
  }

  /** True where the peer had the piece before. */
  lost(peer: SwarmPeer, piece: number): boolean {
    if (!peer.have.has(piece)) return false;
    if (peer.isCountedAsSeed) {
      peer.isCountedAsSeed = false;
      this.order.seedCount--;
      for (let other = 0; other < peer.have.pieceCount; other++) this.order.increment(other);
    }
    peer.have.delete(piece);
    this.order.decrement(piece);
    this.#count(peer, piece, -1);
    return true;
  }

  /** The peer is gone, or has nothing. */
  forget(peer: SwarmPeer): void {
    if (peer.isCountedAsSeed) this.order.seedCount--;
    else if (peer.have.count > 0) {
      for (let piece = 0; piece < peer.have.pieceCount; piece++) if (peer.have.has(piece)) this.order.decrement(piece);
    }
    peer.isCountedAsSeed = false;
    peer.have.clear();
    peer.interesting = 0;
    peer.startable = 0;
  }

  // What we do

  /** A rarest piece that the peer has, nobody has begun and `accepts` holds for; -1 where there is none. */
  pick(peer: SwarmPeer, random: Random, accepts: (piece: number) => boolean): number {
    if (peer.startable === 0) return -1;
    // Pieces of availability 0 (but for seeds) are with seeds alone: often most of them, and none of another peer's.
    return this.order.pick(random, (piece) => peer.have.has(piece) && accepts(piece), peer.isCountedAsSeed ? 0 : 1);
  }

  /** The piece is under way. */
  begin(piece: number): void {
    if (!this.order.isWanted(piece)) return;
    this.order.remove(piece);
    for (const peer of this.#peers) if (peer.have.has(piece)) peer.startable--;
  }

  /** The piece is no longer under way and is still missing. */
  restore(piece: number): void {
    if (this.order.isWanted(piece) || this.#have.has(piece)) return;
    this.order.restore(piece);
    for (const peer of this.#peers) if (peer.have.has(piece)) peer.startable++;
  }

  /** The piece is here and good. False where it was before. */
  verified(piece: number): boolean {
    if (this.#have.has(piece)) return false;
    this.begin(piece);
    this.#have.add(piece);
    for (const peer of this.#peers) if (peer.have.has(piece)) peer.interesting--;
    return true;
  }

  /** The piece was here and is not, and will not be fetched again. False where it was not. */
  withdraw(piece: number): boolean {
    if (!this.#have.delete(piece)) return false;
    this.#withdrawn.add(piece);
    return true;
  }

  #count(peer: SwarmPeer, piece: number, step: 1 | -1): void {
    if (this.#have.has(piece) || this.#withdrawn.has(piece)) return;
    peer.interesting += step;
    if (this.order.isWanted(piece)) peer.startable += step;
  }
}
