// Tells peers which pieces we have got. Over the slow link of a shared site, a piece that came from inside is told late,
// with many others at once: whoever brought it in has told it, and here it only says that the site would not lose it
// with that machine. A super-seed is told at once, since it goes by what it hears.

import assert from "node:assert";
import { SITE_LATE_HAVE_MS } from "../core/index.ts";
import type { Bitfield } from "./bitfield.ts";
import type { SwarmEffects } from "./effects.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { SwarmPeer } from "./peer.ts";
import type { SiteShare } from "./site-share.ts";

export interface HaveNewsDeps {
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly site: SiteShare;
  readonly effects: Pick<SwarmEffects, "sendHave">;
}

export class HaveNews {
  readonly #deps: HaveNewsDeps;
  #late: number[] = [];
  #lateSince = 0;

  constructor(deps: HaveNewsDeps) {
    this.#deps = deps;
  }

  /** The piece is here and good; `partial` says who sent it. */
  verified(piece: number, partial: PartialPiece | undefined, now: number): void {
    const { peers, effects } = this.#deps;
    const isFromInside = partial?.senders.every((sender) => sender?.source === "sitePeers") === true;
    let isLate = false;
    for (const peer of peers) {
      if (isFromInside && this.#hearsLate(peer)) isLate = true;
      else effects.sendHave(peer, piece);
    }
    if (!isLate) return;
    if (this.#late.length === 0) this.#lateSince = now;
    this.#late.push(piece);
  }

  /** The piece cannot be read any more: it is told to nobody. */
  withdraw(piece: number): void {
    this.#late = this.#late.filter((late) => late !== piece);
  }

  tick(now: number): void {
    if (this.#late.length === 0 || now - this.#lateSince < SITE_LATE_HAVE_MS) return;
    const late = this.#late;
    this.#late = [];
    for (const peer of this.#deps.peers) {
      if (peer.source === "sitePeers" || peer.suggested.size > 0) continue;
      // Who has the piece learns nothing by it.
      for (const piece of late) if (!peer.have.has(piece)) this.#deps.effects.sendHave(peer, piece);
    }
  }

  /** For tests. @throws AssertionError where something is to be told that is not had, or twice */
  audit(_peers: ReadonlySet<SwarmPeer>, have: Bitfield): void {
    for (const piece of this.#late) assert.ok(have.has(piece), "What is told is had.");
    assert.equal(new Set(this.#late).size, this.#late.length, "What is told late is told once.");
  }

  #hearsLate(peer: SwarmPeer): boolean {
    return this.#deps.site.isOutside(peer) && peer.suggested.size === 0;
  }
}
