// Which piece an idle peer takes over from a busy one. Who has a piece first is asked for it by all its neighbours at once,
// and is busy with them long after those whom it served have become idle: the choice was made too early. So a peer that
// has nothing new for us is given the piece that has waited longest, unbegun, in somebody else's queue. In simulation 300
// machines with 40 links each take 64 MiB in 1.25 of the bound with it and in 1.97 without.
//
// What the busy one has sent already would come twice. With the fast extension it answers a cancel by a reject or by the
// block (BEP 6), and only what it rejects is asked of the other one: without, a crowd whose downlinks are full received
// 6 % twice. Who does not answer in time is not waited for.

import assert from "node:assert";
import { CANCEL_ANSWERED_MS, ROUND_TRIP_CLAIMED_MAX_MS, TAKE_OVER_AFTER_MS } from "../core/index.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PartialPieces } from "./partial-pieces.ts";
import type { SwarmPeer } from "./peer.ts";
import type { SiteShare } from "./site-share.ts";

export interface TakeOversDeps {
  readonly partials: PartialPieces;
  readonly site: SiteShare;
  /** The peer need not send the block. */
  readonly cancel: (peer: SwarmPeer, piece: number, block: number) => void;
  /** A request ended without its block. */
  readonly returned: (piece: number, block: number) => void;
  /** Asks the peer for all that is its own to send, one block too: another peer would take what is left over. */
  readonly fill: (peer: SwarmPeer, now: number) => void;
}

export class TakeOvers {
  readonly #deps: TakeOversDeps;
  /** Pieces that are being left. */
  readonly #leaving = new Set<PartialPiece>();

  constructor(deps: TakeOversDeps) {
    this.#deps = deps;
  }

  /**
   * The peer has nothing new for us and owes us nothing: it takes over what waits in somebody else's queue. Null where it has
   * nothing to send of that yet. `usualMs`: from a request to its block, of all peers, lately.
   */
  begin(peer: SwarmPeer, now: number, usualMs: number): PartialPiece | null {
    if (peer.requests.length > 0 || peer.snubbed || !peer.mayTakeOver) return null;
    const partial = this.#pieceFor(peer, now, usualMs);
    const from = partial?.owner ?? null;
    if (partial === null || from === null) return null;
    peer.mayTakeOver = false;
    this.#deps.partials.adopt(partial, peer);
    partial.leaving = from;
    partial.leavingSince = now;
    for (const { piece, block } of from.requests.entries()) {
      if (piece === partial.piece) this.#deps.cancel(from, piece, block);
    }
    // Who sends little holds up what it has begun: that is better sent twice.
    if (from.fast && !from.isSlow) this.#leaving.add(partial);
    else this.#leave(partial);
    // In the end game somebody else may owe every block as well.
    return partial.freeCount > 0 ? partial : null;
  }

  /** Whom the piece is taken over from will not send a block of it: the other one is asked for it. */
  rejected(partial: PartialPiece, now: number): void {
    const { leaving, owner, piece } = partial;
    if (leaving?.requests.owes(piece) === false) {
      partial.leaving = null;
      this.#leaving.delete(partial);
    }
    if (owner !== null) this.#deps.fill(owner, now);
  }

  /** The last block came from `sender`. Where that is who was to leave it, the other one has not shown that it is silent. */
  full({ leaving, owner }: PartialPiece, sender: SwarmPeer): void {
    if (leaving === sender && owner !== null) owner.mayTakeOver = true;
  }

  /** Whoever has not answered a cancel for so long is not waited for. */
  tick(now: number): void {
    for (const partial of this.#leaving) {
      const { leaving, leavingSince, owner } = partial;
      const roundTripMs = Math.min(leaving?.roundTripMs ?? 0, ROUND_TRIP_CLAIMED_MAX_MS);
      if (now - leavingSince <= CANCEL_ANSWERED_MS + roundTripMs) continue;
      this.#leave(partial);
      // At once: the one that is left would take what is free again.
      if (owner !== null) this.#deps.fill(owner, now);
    }
  }

  /** For tests. @throws AssertionError where somebody is being left for ever, or for nothing */
  audit(): void {
    for (const { leaving } of this.#leaving) assert.notEqual(leaving, null, "Who is left is known.");
    for (const partial of this.#deps.partials.values()) {
      assert.equal(partial.leaving !== null, this.#leaving.has(partial), `Piece ${partial.piece} is being left.`);
    }
  }

  #leave(partial: PartialPiece): void {
    const { leaving, piece } = partial;
    partial.leaving = null;
    this.#leaving.delete(partial);
    if (this.#deps.partials.get(piece) !== partial) return;
    leaving?.requests.retain((other, block) => {
      if (other !== piece) return true;
      this.#deps.returned(piece, block);
      return false;
    });
  }

  #pieceFor(peer: SwarmPeer, now: number, usualMs: number): PartialPiece | null {
    const { partials, site } = this.#deps;
    // Behind the slow link of a site everybody is equally slow, and what is on its way would come twice.
    if (site.isOutside(peer)) return null;
    // Where every block takes long, our own downlink is full: what waits there would come twice.
    // A peer whose own answers take long would be no quicker, and what is on its way for so long comes twice.
    const { delayMs } = peer.window;
    let sentBefore = now - Math.max(TAKE_OVER_AFTER_MS, 2 * usualMs, delayMs === Infinity ? 0 : 2 * delayMs);
    let longest: PartialPiece | null = null;
    for (const partial of partials.values()) {
      if (partial.requestedAt >= sentBefore || partial.receivedCount > 0 || partial.leaving !== null) continue;
      const { owner } = partial;
      if (owner === null || owner === peer || owner.source === "webSeeds" || partial.exclusive) continue;
      if (!peer.have.has(partial.piece)) continue;
      sentBefore = partial.requestedAt;
      longest = partial;
    }
    return longest;
  }
}
