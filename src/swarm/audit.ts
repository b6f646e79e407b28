// The books of a swarm against each other: every number that is kept up to date step by step is counted anew. For tests
// and simulations, which call it after every event; the engine never does.

import assert from "node:assert";
import { END_GAME_COPIES_MAX } from "../core/index.ts";
import type { Bitfield } from "./bitfield.ts";
import type { PartialPieces } from "./partial-pieces.ts";
import type { SwarmPeer } from "./peer.ts";
import type { PieceCensus } from "./piece-census.ts";
import type { TakeOvers } from "./take-over.ts";

/** A part of a swarm with books of its own. */
export interface Audited {
  /** @throws AssertionError */
  audit(peers: ReadonlySet<SwarmPeer>, have: Bitfield): void;
}

/** @throws AssertionError */
export function auditSwarm(
  have: Bitfield,
  peers: ReadonlySet<SwarmPeer>,
  census: PieceCensus,
  { partials, takeOvers }: { readonly partials: PartialPieces; readonly takeOvers: Pick<TakeOvers, "audit"> },
): void {
  const { order } = census;
  for (let piece = 0; piece < have.pieceCount; piece++) {
    const isUnderWay = partials.get(piece) !== undefined;
    const states = [have.has(piece), order.isWanted(piece), isUnderWay, census.withdrawn.has(piece)];
    assert.equal(states.filter(Boolean).length, 1, `Piece ${piece} is either had, wanted, under way or withdrawn.`);
    const holders = [...peers].filter((peer) => peer.have.has(piece)).length;
    assert.equal(order.availability(piece), holders, `The availability of piece ${piece}.`);
  }
  for (const peer of peers) auditPeer(peer, have, census, partials);
  auditPartials(peers, partials);
  takeOvers.audit();
}

function auditPeer(peer: SwarmPeer, have: Bitfield, census: PieceCensus, partials: PartialPieces): void {
  let interesting = 0;
  let startable = 0;
  for (let piece = 0; piece < have.pieceCount; piece++) {
    if (!peer.have.has(piece) || have.has(piece) || census.withdrawn.has(piece)) continue;
    interesting++;
    if (census.order.isWanted(piece)) startable++;
  }
  assert.equal(peer.interesting, interesting, "Pieces that the peer has and we lack.");
  assert.equal(peer.startable, startable, "Pieces that the peer has and nobody has begun.");
  for (const partial of peer.owned) {
    assert.equal(partial.owner, peer, `Piece ${partial.piece} has one owner.`);
    assert.equal(partials.get(partial.piece), partial, `Piece ${partial.piece} of an owner is under way.`);
  }
  for (const { piece, block } of peer.requests.entries()) {
    assert.ok((partials.get(piece)?.pending(block) ?? 0) > 0, `Block ${block} of piece ${piece} is asked for.`);
  }
}

function auditPartials(peers: ReadonlySet<SwarmPeer>, partials: PartialPieces): void {
  let free = 0;
  for (const partial of partials.values()) {
    free += partial.freeCount;
    assert.ok(partial.owner === null || partial.owner.owned.has(partial), `The owner of piece ${partial.piece}.`);
    assert.equal(partials.orphans.has(partial), partial.owner === null && partial.freeCount > 0, "Orphans.");
    assert.ok(!partial.isFull || partial.owner === null, `Piece ${partial.piece} is full and waits for nobody.`);
    let freeHere = 0;
    for (let block = 0; block < partial.blockCount; block++) {
      const { length } = [...peers].filter((peer) => peer.requests.sentAt(partial.piece, block) >= 0);
      assert.equal(partial.pending(block), length, `Who owes block ${block} of piece ${partial.piece}.`);
      assert.ok(length <= END_GAME_COPIES_MAX, "Copies in the end game.");
      assert.ok(length === 0 || !partial.isReceived(block), "Nobody owes a block that is here.");
      if (length === 0 && !partial.isReceived(block)) freeHere++;
    }
    assert.equal(partial.freeCount, freeHere, `Free blocks of piece ${partial.piece}.`);
  }
  assert.equal(partials.freeBlocks, free, "Free blocks in all.");
}
