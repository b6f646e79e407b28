// Who of a site fetches which piece from outside, so that each piece crosses the site's slow link once
// (docs/decisions/0013-sites.md). Every machine of the site that is connected to us is a member, and so are we. A piece
// belongs to the member with the highest weight, a hash of piece and member (rendezvous hashing): all members come to the
// same result without a message, and when one leaves only its own pieces move.
//
// Invariants: with no other member everything is ours, and nothing is held back. A piece that a neighbour on the site has
// and delivers is never fetched from outside. A member that stalls loses its pieces to the others until it brings one in.

import assert from "node:assert";
import { SITE_LOOK_MS, SITE_STALLED_AFTER_MS, SITE_STALLED_GAPS } from "../core/index.ts";
import type { Bitfield } from "./bitfield.ts";
import { delivers } from "./peer.ts";
import type { SwarmPeer } from "./peer.ts";

/** How fast the average gap between two pieces of a member follows what is seen. */
const GAP_WEIGHT = 0.2;

interface Member {
  readonly key: number;
  /** It brought a piece in, or had nothing to bring. */
  activeAt: number;
  isStalled: boolean;
}

export interface SiteShareDeps {
  /** Ours; see memberKey. */
  readonly key: number;
  /** What we have. */
  readonly have: Bitfield;
  readonly peers: ReadonlySet<SwarmPeer>;
}

export class SiteShare {
  readonly #deps: SiteShareDeps;
  readonly #self: Member;
  readonly #members = new Map<SwarmPeer, Member>();
  /** By piece: whose it is, and by which weight. Empty while we are alone. */
  #owners: Member[] = [];
  #weights: Uint32Array = new Uint32Array(0);
  #gapMs = 0;
  #lookedAt = -Infinity;

  constructor(deps: SiteShareDeps) {
    this.#deps = deps;
    this.#self = { key: deps.key, activeAt: 0, isStalled: false };
  }

  /** True where others of the site share the work. */
  get isShared(): boolean {
    return this.#members.size > 0;
  }

  /** True where the peer is behind the slow link of a site that shares its work. */
  isOutside(peer: SwarmPeer): boolean {
    return peer.source !== "sitePeers" && this.isShared;
  }

  join(peer: SwarmPeer, key: number, now: number): void {
    this.leave(peer);
    if (!this.isShared) {
      this.#owners = Array.from({ length: this.#deps.have.pieceCount }, () => this.#self);
      this.#weights = Uint32Array.from(this.#owners, (_, piece) => weightOf(this.#self.key, piece));
    }
    const member = { key, activeAt: now, isStalled: false };
    this.#members.set(peer, member);
    this.#bid(member);
  }

  leave(peer: SwarmPeer): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    this.#members.delete(peer);
    this.#passOn(member);
  }

  /** True where the peer may be asked for the piece: it is on the site, or the piece is ours to fetch from outside. */
  mayFetch(peer: SwarmPeer, piece: number): boolean {
    if (!this.isOutside(peer)) return true;
    // A super-seed shows a piece to one machine alone and says so by `suggest`: that is the assignment.
    if (this.#owners[piece] !== this.#self && !peer.suggested.has(piece)) return false;
    return !this.#isOnSite(piece);
  }

  /** The peer has the piece, and did not before. Before the census counts it. */
  gained(peer: SwarmPeer, piece: number, now: number): void {
    const member = this.#members.get(peer);
    if (member === undefined || this.#deps.have.has(piece) || this.#isOnSite(piece)) return;
    this.#gapMs += (now - member.activeAt - this.#gapMs) * GAP_WEIGHT;
    member.activeAt = now;
    if (!member.isStalled) return;
    member.isStalled = false;
    this.#bid(member);
  }

  tick(now: number): void {
    if (!this.isShared || now - this.#lookedAt < SITE_LOOK_MS) return;
    this.#lookedAt = now;
    const patienceMs = Math.max(SITE_STALLED_AFTER_MS, this.#gapMs * SITE_STALLED_GAPS);
    const waitedFor = this.#waitedFor();
    for (const member of this.#members.values()) {
      if (member.isStalled) continue;
      if (!waitedFor.has(member)) member.activeAt = now;
      if (now - member.activeAt <= patienceMs) continue;
      member.isStalled = true;
      this.#passOn(member);
    }
  }

  /** For tests. @throws AssertionError where a piece is not with the member that has the highest weight */
  audit(): void {
    for (const peer of this.#members.keys()) assert.ok(this.#deps.peers.has(peer), "A member is a peer.");
    if (!this.isShared) return;
    const active = [this.#self, ...[...this.#members.values()].filter(({ isStalled }) => !isStalled)];
    for (const [piece, owner] of this.#owners.entries()) {
      const weights = active.map(({ key }) => weightOf(key, piece));
      assert.ok(active.includes(owner), `The owner of piece ${piece} takes part.`);
      assert.equal(weightOf(owner.key, piece), Math.max(...weights), `The owner of piece ${piece}.`);
    }
  }

  /** Those with a piece that nobody on the site has and somebody outside does. */
  #waitedFor(): Set<Member> {
    const { have, peers } = this.#deps;
    const outside = [...peers].filter((peer) => peer.source !== "sitePeers" && delivers(peer));
    const found = new Set<Member>();
    for (let piece = 0; piece < have.pieceCount && found.size < this.#members.size; piece++) {
      const owner = this.#owners[piece] as Member;
      if (owner === this.#self || found.has(owner) || have.has(piece)) continue;
      if (outside.some((peer) => peer.have.has(piece)) && !this.#isOnSite(piece)) found.add(owner);
    }
    return found;
  }

  #isOnSite(piece: number): boolean {
    for (const peer of this.#deps.peers) {
      if (peer.source === "sitePeers" && peer.have.has(piece) && delivers(peer)) return true;
    }
    return false;
  }

  /** The member takes every piece for which it has the highest weight. */
  #bid(member: Member): void {
    for (let piece = 0; piece < this.#owners.length; piece++) {
      const weight = weightOf(member.key, piece);
      if (weight <= (this.#weights[piece] as number)) continue;
      this.#weights[piece] = weight;
      this.#owners[piece] = member;
    }
  }

  /** The member's pieces go to those who come next. */
  #passOn(from: Member): void {
    const left = [this.#self, ...[...this.#members.values()].filter((member) => member !== from && !member.isStalled)];
    for (let piece = 0; piece < this.#owners.length; piece++) {
      if (this.#owners[piece] !== from) continue;
      this.#weights[piece] = 0;
      for (const member of left) {
        const weight = weightOf(member.key, piece);
        if (weight < (this.#weights[piece] as number)) continue;
        this.#weights[piece] = weight;
        this.#owners[piece] = member;
      }
    }
  }
}

/** 32 bits of a peer id (FNV-1a): what members rank each other by. */
export function memberKey(peerId: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < peerId.length; at++) hash = Math.imul(hash ^ peerId.charCodeAt(at), 0x0100_0193);
  return hash >>> 0;
}

/** Part of the protocol: members that reckon differently fetch twice or not at all. */
function weightOf(key: number, piece: number): number {
  let hash = key ^ Math.imul(piece + 1, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
