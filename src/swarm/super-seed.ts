// The first seed hands every piece out once before any twice (BEP 16, refined): it shows itself as a peer without pieces
// and reveals to each peer a few pieces that nobody has yet; when such a piece was served, the next one. Unlike BEP 16
// it does not wait until it sees the piece at somebody else, which would leave its uplink idle.
//
// When one copy is out the swarm finishes by itself; the seed helps only where a piece was lost with the only peer that
// had it, or where a peer gets on so slowly that the rest would take it longer than SLOW_MS, and far more slowly than
// the crowd at its best. (A crowd that is slow as a whole has thin links: helping all of it would send every copy from
// here.)
//
// Who passes on slowly has more and more pieces that nobody else has: it gets the next one after those who have fewer.
// Otherwise half of a crowd's pieces would be behind its thinnest uplinks (docs/decisions/0014-large-crowds.md).
//
// Invariant: the reach of a piece is the number of connected peers that have it or were offered it (stale offers
// apart). A piece of reach 0 is nowhere but here, and goes first.

import assert from "node:assert";
import type { Layout } from "../metainfo/index.ts";
import { OFFER_STALE_AFTER_MS, OFFERS_PER_PEER_MAX, OFFERS_PER_PEER_MIN } from "../core/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import type { SwarmEffects } from "./effects.ts";
import type { SwarmPeer } from "./peer.ts";
import { RarestOrder } from "./rarest-order.ts";
import { Guest, lastMs, PROGRESS_TIME_CONSTANT_MS } from "./super-seed-guest.ts";
import type { Offer } from "./super-seed-guest.ts";

/** A peer that has nothing need not say so. */
const SILENT_MEANS_NOTHING_MS = 500;
const SLOW_MS = 2_000;
/** Below this share of the crowd's pace a peer is badly off: its neighbours have less to give than others' have. */
const SLOW_SHARE = 0.5;
/** A shorter look says nothing: what it saw is not blown up beyond this. */
const SEEN_SHARE_MIN = 0.25;
/** Below this rate a peer is stuck, whatever the others' pace. */
const STUCK_BYTES_PER_SECOND = 16_384;
/** By how much the memory of the crowd's best pace fades with each tick. */
const PACE_FADING = 0.99;

/** Pieces that a peer may keep to itself, whatever the others do: they take a moment to be passed on. */
const UNSPREAD_FREE = 1;
/** Who takes so many times as long as the better ones until somebody else has what it was given passes on slowly … */
const SLOW_SPREAD = 2.5;
/** … better than so many of all: the quarter that passes on soonest. */
const BETTER_SHARE = 0.25;
/** It gets nothing new when the rest will be out within so many times of what it takes: everybody would wait for that at the end. */
const LAST_SPREADS = 2.5;
/** Over how many pieces the time from one to the next is averaged, about. */
const PACE_PIECES = 16;
/** A piece that was served within so many round trips of being shown met no queue to speak of. */
const PROMPT = 1.5;
/** A peer that was offered something or served so lately keeps our uplink busy. */
const AT_IT_MS = 1_000;

interface SoleHolder {
  readonly guest: Guest;
  readonly since: number;
}

export interface SuperSeedDeps {
  readonly layout: Layout;
  readonly random: Random;
  readonly effects: Pick<SwarmEffects, "sendHave" | "sendSuggest">;
}

export class SuperSeed {
  readonly #deps: SuperSeedDeps;
  readonly #reach: RarestOrder;
  readonly #guests = new Map<SwarmPeer, Guest>();
  /** Who alone was served a piece that nobody else has said to have, and when. */
  readonly #soleHolders = new Map<number, SoleHolder>();
  /** From one new piece that was served in full to the next, lately, and when the latest was. */
  #pieceMs = 0;
  #pieceAt = -Infinity;
  /** What the incomplete peers got on by at their best lately, on average: bytes a second. */
  #pace = 0;

  constructor(deps: SuperSeedDeps) {
    this.#deps = deps;
    this.#reach = new RarestOrder(deps.layout.pieceCount);
  }

  /** Pieces that nobody has and nobody was offered. */
  get unhanded(): number {
    return this.#reach.unavailable;
  }

  /** True where the piece was revealed to the peer: only then may it be requested. */
  isOffered(peer: SwarmPeer, piece: number): boolean {
    return this.#guests.get(peer)?.offers.has(piece) ?? false;
  }

  /** Pieces that the peer was served and nobody else has yet: who passes on slowly has many, and gets the next one later. */
  unspread(peer: SwarmPeer): number {
    return this.#guests.get(peer)?.unspread ?? 0;
  }

  /**
   * The peer's pieces are known: count them and reveal the first ones. `shown`: what it was offered before it said anew what
   * it has; it asks for that, and would wait for ever.
   */
  join(peer: SwarmPeer, now: number, shown: ReadonlyMap<number, Offer> = new Map<number, Offer>()): void {
    if (this.#guests.has(peer)) return;
    const isCountedAsSeed = peer.have.isFull;
    const still = [...shown].filter(([piece]) => !peer.have.has(piece));
    for (const [piece, { isStale }] of still) if (!isStale) this.#reach.increment(piece);
    this.#guests.set(peer, new Guest(this.#deps.layout, { now, isCountedAsSeed, shown: still }));
    if (isCountedAsSeed) this.#reach.seedCount++;
    else this.#countPieces(peer, "increment");
    this.#offer(peer, now);
  }

  /** Before the peer's pieces are forgotten: what only this peer had is to be handed out again. What it was offered. */
  leave(peer: SwarmPeer): ReadonlyMap<number, Offer> | undefined {
    const guest = this.#guests.get(peer);
    if (guest === undefined) return undefined;
    this.#guests.delete(peer);
    if (guest.isCountedAsSeed) this.#reach.seedCount--;
    else this.#countPieces(peer, "decrement");
    for (const [piece, offer] of guest.offers) if (!offer.isStale) this.#reach.decrement(piece);
    for (const [piece, holder] of this.#soleHolders) if (holder.guest === guest) this.#soleHolders.delete(piece);
    return guest.offers;
  }

  /** The peer has a piece that it did not have. */
  peerHave(peer: SwarmPeer, piece: number, now: number): void {
    const guest = this.#guests.get(peer);
    if (guest === undefined) return;
    const holder = this.#soleHolders.get(piece);
    if (holder !== undefined && holder.guest !== guest) {
      holder.guest.spread(now - holder.since);
      this.#soleHolders.delete(piece);
    }
    const pieceBytes = this.#deps.layout.pieceLength(piece as PieceIndex);
    guest.progress.add(pieceBytes, now);
    const offer = guest.offers.get(piece);
    if (offer === undefined || offer.isStale) this.#reach.increment(piece);
    guest.close(piece);
    this.#offer(peer, now);
  }

  /** The peer lost a piece that it had (BEP 54). */
  peerDontHave(peer: SwarmPeer, piece: number): void {
    const guest = this.#guests.get(peer);
    if (guest === undefined) return;
    if (guest.isCountedAsSeed) {
      guest.isCountedAsSeed = false;
      this.#reach.seedCount--;
      for (let other = 0; other < this.#deps.layout.pieceCount; other++) this.#reach.increment(other);
    }
    this.#reach.decrement(piece);
  }

  /** The piece cannot be read any more: it is offered to nobody. */
  withdraw(piece: number): void {
    for (const guest of this.#guests.values()) {
      const offer = guest.offers.get(piece);
      if (offer === undefined) continue;
      if (!offer.isStale) this.#reach.decrement(piece);
      guest.close(piece);
    }
    this.#reach.remove(piece);
  }

  blockServed(peer: SwarmPeer, piece: number, lengthBytes: number, now: number): void {
    const guest = this.#guests.get(peer);
    const offer = guest?.offers.get(piece);
    if (guest === undefined || offer === undefined) return;
    if (!guest.served(piece, offer, lengthBytes, now)) return;
    const afterMs = now - offer.madeAt;
    const promptMs = Math.min(PROMPT * peer.roundTripMs, lastMs(peer));
    // Who takes what it was shown last and leaves the rest is shown nothing more for it.
    const isInTurn = !guest.isIdle && now - guest.oldestOpenAt <= 2 * promptMs;
    // With nothing more in our queue it had asked for all that it was shown, or could: more may be under way.
    const isHungry = peer.uploads.length === 0;
    guest.climb.came(isInTurn && afterMs <= promptMs, afterMs, isHungry ? guest.open + 1 : 0, now);
    if (this.#reach.availability(piece) === 1 && !this.#soleHolders.has(piece)) {
      this.#soleHolders.set(piece, { guest, since: now });
      guest.unspread++;
      if (this.#pieceAt > 0) this.#pieceMs += (now - this.#pieceAt - this.#pieceMs) / PACE_PIECES;
      this.#pieceAt = now;
    }
    this.#offer(peer, now);
  }

  tick(peers: ReadonlySet<SwarmPeer>, now: number): void {
    for (const peer of peers) if (now - peer.connectedAt > SILENT_MEANS_NOTHING_MS) this.join(peer, now);
    this.#pace = Math.max(this.#pace * PACE_FADING, this.#meanProgress(now));
    for (const [peer, guest] of this.#guests) {
      for (const [piece, offer] of guest.offers) {
        const isOpen = guest.isOpen(piece, offer);
        if ((offer.isStale && !isOpen) || now - offer.at <= OFFER_STALE_AFTER_MS) continue;
        // With requests in our queue it waits for us, not we for it.
        if (isOpen && peer.uploads.length > 0) continue;
        if (!offer.isStale) this.#reach.decrement(piece);
        guest.goStale(piece, offer);
      }
      this.#offer(peer, now);
    }
  }

  /** For tests. @throws AssertionError where the books do not agree with each other */
  audit(peers: ReadonlySet<SwarmPeer>): void {
    for (let piece = 0; piece < this.#deps.layout.pieceCount; piece++) {
      let reach = 0;
      for (const [peer, { offers }] of this.#guests) {
        if (peer.have.has(piece) || offers.get(piece)?.isStale === false) reach++;
      }
      assert.equal(this.#reach.availability(piece), reach, `The reach of piece ${piece}.`);
    }
    for (const [peer, guest] of this.#guests) {
      assert.ok(peers.has(peer), "A guest is a peer.");
      assert.ok(guest.open <= OFFERS_PER_PEER_MAX, "Offers to a peer are bounded.");
      guest.audit();
      const sole = [...this.#soleHolders.values()].filter((holder) => holder.guest === guest).length;
      assert.equal(guest.unspread, sole, "Pieces that it alone was served.");
    }
    const guests = new Set(this.#guests.values());
    for (const holder of this.#soleHolders.values())
      assert.ok(guests.has(holder.guest), "Who holds a piece alone is here.");
  }

  #offer(peer: SwarmPeer, now: number): void {
    const guest = this.#guests.get(peer);
    if (guest === undefined || peer.closed) return;
    const underWay = this.#underWay(peer, guest, now);
    const enough = Math.max(OFFERS_PER_PEER_MIN, 1 + Math.floor(underWay), guest.climb.reach(now));
    const openMax = Math.min(OFFERS_PER_PEER_MAX, enough);
    while (guest.open < openMax && this.#isDue(guest, underWay, now)) {
      const piece = this.#pieceFor(peer, guest, now);
      if (piece < 0) return;
      if (guest.offer(piece, now)) this.#reach.increment(piece);
      // Who shares a site's link leaves other pieces to its neighbours: this one is shown to nobody else (BEP 6).
      if (peer.fast) this.#deps.effects.sendSuggest(peer, piece);
      this.#deps.effects.sendHave(peer, piece);
    }
  }

  /** Pieces that it is served until what it asks for next can be on its way: a lone peer on a long path would wait each time. */
  #underWay(peer: SwarmPeer, guest: Guest, now: number): number {
    const bytes = (guest.rate.at(now) * lastMs(peer)) / 1_000;
    return bytes / this.#deps.layout.pieceLengthBytes;
  }

  #pieceFor(peer: SwarmPeer, guest: Guest, now: number): number {
    if (peer.have.count + guest.offers.size >= peer.have.pieceCount) return -1;
    const isSlow = this.#isSlow(peer, guest, now);
    if (this.unhanded === 0 && !isSlow) return -1;
    const isNew = (piece: number): boolean => !peer.have.has(piece) && !guest.offers.has(piece);
    const piece = this.#reach.pick(this.#deps.random, isNew);
    return piece >= 0 && (isSlow || this.#reach.availability(piece) === 0) ? piece : -1;
  }

  #isSlow(peer: SwarmPeer, guest: Guest, now: number): boolean {
    if (now - peer.connectedAt < SLOW_MS) return false;
    // The average began at nothing: a newcomer would look slow for as long as it takes to forget that.
    const seen = 1 - Math.exp((guest.since - now) / PROGRESS_TIME_CONSTANT_MS);
    const progress = guest.progress.at(now) / Math.max(seen, SEEN_SHARE_MIN);
    if (progress > Math.max(this.#pace * SLOW_SHARE, STUCK_BYTES_PER_SECOND)) return false;
    const missing = (peer.have.pieceCount - peer.have.count) * this.#deps.layout.pieceLengthBytes;
    return missing > (progress * SLOW_MS) / 1_000;
  }

  /**
   * True where the peer is to be offered more: it has passed on what it was given, or no more of it waits there than at
   * others, or nobody else is at it. `underWay`: pieces that cannot have been passed on yet.
   */
  #isDue(guest: Guest, underWay: number, now: number): boolean {
    const isLast = this.#isTooLateFor(guest);
    if (guest.unspread <= UNSPREAD_FREE && !isLast) return true;
    const others = [...this.#guests.values()].filter(({ open, servedAt }) => open > 0 && now - servedAt < AT_IT_MS);
    if (isLast && others.some((other) => other !== guest && !this.#isTooLateFor(other))) return false;
    const sum = others.reduce((all, { unspread }) => all + unspread, 0);
    return (guest.unspread - underWay) * others.length <= sum;
  }

  /** True where everybody would wait for what it is given from here on. */
  #isTooLateFor({ spreadMs }: Guest): boolean {
    if (spreadMs === 0 || this.unhanded === 0 || this.unhanded * this.#pieceMs > LAST_SPREADS * spreadMs) return false;
    const known = [...this.#guests.values()].flatMap((guest) => (guest.spreadMs > 0 ? guest.spreadMs : []));
    const better = known.sort((a, b) => a - b)[Math.floor(known.length * BETTER_SHARE)] ?? 0;
    return spreadMs > SLOW_SPREAD * better;
  }

  #meanProgress(now: number): number {
    let sum = 0;
    let count = 0;
    for (const [peer, guest] of this.#guests) {
      if (peer.isSeed) continue;
      sum += guest.progress.at(now);
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }

  #countPieces(peer: SwarmPeer, step: "increment" | "decrement"): void {
    if (peer.have.count === 0) return;
    for (let piece = 0; piece < peer.have.pieceCount; piece++) if (peer.have.has(piece)) this.#reach[step](piece);
  }
}
