// The first seed hands every piece out once before any twice (BEP 16, refined): it shows itself as a peer without pieces
// and reveals to each peer a few pieces that nobody has yet; when such a piece was served, the next one. Unlike BEP 16
// it does not wait until it sees the piece at somebody else, which would leave its uplink idle.
//
// When one copy is out the swarm finishes by itself; the seed helps only where a piece was lost with the only peer that
// had it, or where a peer gets on so slowly that the rest would take it longer than SLOW_MS.

import type { Layout } from "../metainfo/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import type { SwarmEffects } from "./effects.ts";
import type { SwarmPeer } from "./peer.ts";
import type { RarestOrder } from "./rarest-order.ts";
import { Rate } from "./rate.ts";

/** Revealed and not yet served pieces a peer: two keep the uplink busy while the next is revealed. */
const OFFERS_PER_PEER = 2;
const SLOW_MS = 2_000;

interface Offers {
  /** Piece → bytes of it that were served. An entry stays until the peer says `have`. */
  readonly served: Map<number, number>;
  /** How fast the peer completes pieces, from whomever. */
  readonly progress: Rate;
}

export interface SuperSeedDeps {
  readonly layout: Layout;
  readonly order: RarestOrder;
  readonly random: Random;
  readonly effects: SwarmEffects;
}

export class SuperSeed {
  readonly #deps: SuperSeedDeps;
  /** How often each piece was revealed to somebody. */
  readonly #handed: Uint16Array;
  #unhanded: number;
  readonly #offers = new Map<SwarmPeer, Offers>();

  constructor(deps: SuperSeedDeps) {
    this.#deps = deps;
    this.#handed = new Uint16Array(deps.layout.pieceCount);
    this.#unhanded = deps.layout.pieceCount;
  }

  /** True where the piece was revealed to the peer: only then may it be requested. */
  isOffered(peer: SwarmPeer, piece: number): boolean {
    return this.#offers.get(peer)?.served.has(piece) ?? false;
  }

  /** The peer's pieces are known: reveal the first ones. */
  join(peer: SwarmPeer, now: number): void {
    if (this.#offers.has(peer)) return;
    this.#offers.set(peer, { served: new Map(), progress: new Rate(now) });
    this.#offer(peer, now);
  }

  leave(peer: SwarmPeer): void {
    for (const [piece] of this.#offers.get(peer)?.served ?? []) this.#takeBack(piece);
    this.#offers.delete(peer);
    // What only this peer had is to be handed out again.
    for (let piece = 0; piece < this.#handed.length; piece++) {
      if (peer.have.has(piece) && this.#deps.order.availability(piece) === 0) this.#forget(piece);
    }
  }

  peerHave(peer: SwarmPeer, piece: number, now: number): void {
    const offers = this.#offers.get(peer);
    if (offers === undefined) return;
    offers.progress.add(this.#deps.layout.pieceLength(piece as PieceIndex), now);
    const served = offers.served.get(piece);
    offers.served.delete(piece);
    // It came from somebody else while our offer waited: nothing of ours was spent on it.
    if (served === 0 && this.#deps.order.availability(piece) > 1) this.#takeBackSpare(piece);
    this.#offer(peer, now);
  }

  blockServed(peer: SwarmPeer, piece: number, lengthBytes: number, now: number): void {
    const offers = this.#offers.get(peer);
    const served = offers?.served.get(piece);
    if (offers === undefined || served === undefined) return;
    offers.served.set(piece, served + lengthBytes);
    if (served + lengthBytes >= this.#deps.layout.pieceLength(piece as PieceIndex)) this.#offer(peer, now);
  }

  tick(now: number): void {
    for (const peer of this.#offers.keys()) this.#offer(peer, now);
  }

  #offer(peer: SwarmPeer, now: number): void {
    const offers = this.#offers.get(peer);
    if (offers === undefined || peer.closed || peer.isSeed) return;
    let open = 0;
    for (const [piece, served] of offers.served) {
      if (served < this.#deps.layout.pieceLength(piece as PieceIndex)) open++;
    }
    for (; open < OFFERS_PER_PEER; open++) {
      const piece = this.#pieceFor(peer, offers, now);
      if (piece < 0) return;
      if (this.#handed[piece] === 0) this.#unhanded--;
      this.#handed[piece] = Math.min(0xffff, (this.#handed[piece] ?? 0) + 1);
      offers.served.set(piece, 0);
      this.#deps.effects.sendHave(peer, piece);
    }
  }

  #pieceFor(peer: SwarmPeer, offers: Offers, now: number): number {
    const { order, random } = this.#deps;
    if (this.#unhanded === 0 && !this.#isSlow(peer, offers, now)) return -1;
    let best = -1;
    let bestCost = Infinity;
    const count = this.#handed.length;
    const first = random.int(count);
    for (let step = 0; step < count; step++) {
      const piece = first + step < count ? first + step : first + step - count;
      if (peer.have.has(piece) || offers.served.has(piece)) continue;
      const handed = this.#handed[piece] ?? 0;
      if (this.#unhanded > 0 && handed > 0) continue;
      const cost = order.availability(piece) + handed;
      if (cost < bestCost) {
        best = piece;
        bestCost = cost;
      }
      if (cost === 0) break;
    }
    return best;
  }

  #isSlow(peer: SwarmPeer, offers: Offers, now: number): boolean {
    if (now - peer.connectedAt < SLOW_MS) return false;
    const missing = (peer.have.pieceCount - peer.have.count) * this.#deps.layout.pieceLengthBytes;
    return missing > (offers.progress.at(now) * SLOW_MS) / 1_000;
  }

  #takeBack(piece: number): void {
    if (this.#deps.order.availability(piece) === 0) this.#forget(piece);
  }

  #takeBackSpare(piece: number): void {
    const handed = this.#handed[piece] ?? 0;
    if (handed > 1) this.#handed[piece] = handed - 1;
  }

  #forget(piece: number): void {
    if (this.#handed[piece] === 0) return;
    this.#handed[piece] = 0;
    this.#unhanded++;
  }
}
