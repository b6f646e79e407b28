// One peer of a super-seed: what it was shown and what came of that. Invariants: `open` is the number of offers that are
// neither served in full nor given up, `givenUp` of those that are given up.

import assert from "node:assert";
import { OFFERS_LAST_MS, ROUND_TRIP_CLAIMED_MAX_MS } from "../core/index.ts";
import type { PieceIndex } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import { Climb } from "./climb.ts";
import type { SwarmPeer } from "./peer.ts";
import { Rate } from "./rate.ts";

/** Long enough for a few pieces on a thin link. */
export const PROGRESS_TIME_CONSTANT_MS = 3_000;

/** Short: what it is shown grows with it, and a path is filled step by step. */
const RATE_TIME_CONSTANT_MS = 300;

/** Of so many pieces lately the one that spread soonest counts: on equal links any single one may take long. */
const SPREADS = 4;

export interface Offer {
  readonly madeAt: number;
  servedBytes: number;
  /** When it was made, or a block of it was last served. */
  at: number;
  /** It does not count as reach: the peer does not fetch it, or does not say that it has it. */
  isStale: boolean;
  /** It was not fetched for so long that it no longer keeps a place: the peer may never want this piece. */
  isGivenUp: boolean;
}

export class Guest {
  /** What it was offered, by piece. An offer stands until the peer says `have`. */
  readonly offers: Map<number, Offer>;
  /** It came with everything: one number instead of a count of each piece. */
  isCountedAsSeed: boolean;
  /** Pieces that were served to it and that nobody else has yet. */
  unspread = 0;
  /** From being served a piece that nobody else has until somebody else has it, at best lately; 0 before the first. */
  spreadMs = 0;
  readonly #spreads: number[] = [];
  /** When it was last served, or offered something. */
  servedAt: number;
  /** How fast the peer completes pieces, from whomever, and since when that was counted. */
  readonly progress: Rate;
  readonly since: number;
  /** How fast it is served. */
  readonly rate: Rate;
  /** By how many pieces were served soon after they were shown. */
  readonly climb: Climb = new Climb();
  readonly #layout: Layout;
  #open = 0;
  #givenUp = 0;

  /** `shown`: what it was offered before it said anew what it has. */
  constructor(layout: Layout, options: { now: number; isCountedAsSeed: boolean; shown: Iterable<[number, Offer]> }) {
    const { now, isCountedAsSeed, shown } = options;
    this.#layout = layout;
    this.isCountedAsSeed = isCountedAsSeed;
    this.servedAt = now;
    this.since = now;
    this.progress = new Rate(now, PROGRESS_TIME_CONSTANT_MS);
    this.rate = new Rate(now, RATE_TIME_CONSTANT_MS);
    this.offers = new Map(shown);
    for (const [piece, offer] of this.offers) {
      if (this.isOpen(piece, offer)) this.#open++;
      if (offer.isGivenUp) this.#givenUp++;
    }
  }

  /** Offers that were not served in full and not given up. */
  get open(): number {
    return this.#open;
  }

  /** When the oldest open offer was made; Infinity where there is none. */
  get oldestOpenAt(): number {
    for (const [piece, offer] of this.offers) if (this.isOpen(piece, offer)) return offer.madeAt;
    return Infinity;
  }

  /** True where nothing that it is shown is to be kept from the others: it does not fetch what it was shown. */
  get isIdle(): boolean {
    return this.#givenUp > 0;
  }

  /** It keeps one of the peer's places: it may still be fetched. */
  isOpen(piece: number, { isGivenUp, servedBytes }: Offer): boolean {
    return !isGivenUp && servedBytes < this.#layout.pieceLength(piece as PieceIndex);
  }

  /** The piece is shown to it. True where that counts as reach. */
  offer(piece: number, now: number): boolean {
    const isStale = this.isIdle;
    this.offers.set(piece, { madeAt: now, servedBytes: 0, at: now, isStale, isGivenUp: false });
    this.#open++;
    if (!isStale) this.servedAt = now;
    return !isStale;
  }

  /** A block of what it was offered was sent. True where the piece is whole with it. */
  served(piece: number, offer: Offer, lengthBytes: number, now: number): boolean {
    const pieceBytes = this.#layout.pieceLength(piece as PieceIndex);
    const wasServed = offer.servedBytes >= pieceBytes;
    offer.servedBytes += lengthBytes;
    this.rate.add(lengthBytes, now);
    offer.at = this.servedAt = now;
    if (wasServed || offer.servedBytes < pieceBytes) return false;
    if (offer.isGivenUp) this.#givenUp--;
    else this.#open--;
    offer.isGivenUp = false;
    return true;
  }

  /** Somebody else has what it alone was served, so long afterwards. */
  spread(afterMs: number): void {
    this.unspread--;
    this.#spreads.push(afterMs);
    if (this.#spreads.length > SPREADS) this.#spreads.shift();
    this.spreadMs = Math.min(...this.#spreads);
  }

  goStale(piece: number, offer: Offer): void {
    if (this.isOpen(piece, offer)) {
      offer.isGivenUp = true;
      this.#open--;
      this.#givenUp++;
    }
    offer.isStale = true;
  }

  /** The offer is over. */
  close(piece: number): void {
    const offer = this.offers.get(piece);
    if (offer === undefined) return;
    if (this.isOpen(piece, offer)) this.#open--;
    if (offer.isGivenUp) this.#givenUp--;
    this.offers.delete(piece);
  }

  /** For tests. @throws AssertionError where the books do not agree with each other */
  audit(): void {
    const offers = [...this.offers];
    assert.equal(this.#open, offers.filter(([piece, offer]) => this.isOpen(piece, offer)).length, "Open offers.");
    assert.equal(this.#givenUp, offers.filter(([, { isGivenUp }]) => isGivenUp).length, "Offers that were given up.");
  }
}

/** For how long what a peer was shown is to last: until what it asks for next can be on its way. */
export function lastMs(peer: SwarmPeer): number {
  return Math.min(peer.roundTripMs, ROUND_TRIP_CLAIMED_MAX_MS) + OFFERS_LAST_MS;
}
