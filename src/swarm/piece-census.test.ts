import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../core/index.ts";
import { auditSwarm } from "./audit.ts";
import { Bitfield } from "./bitfield.ts";
import { bitsOf, peerOf } from "./fixture.test.ts";
import { PartialPieces } from "./partial-pieces.ts";
import { PieceCensus } from "./piece-census.ts";
import type { SwarmPeer } from "./peer.ts";

const PIECES = 10;

function censusOf(peers: number): { census: PieceCensus; peers: SwarmPeer[]; have: Bitfield; all: Set<SwarmPeer> } {
  const list = Array.from({ length: peers }, () => peerOf({ pieceCount: PIECES }));
  const all = new Set(list);
  const have = new Bitfield(PIECES);
  return { census: new PieceCensus(have, all), peers: list, have, all };
}

const step = fc.record({
  kind: fc.constantFrom("all", "none", "some", "gained", "lost", "verified", "withdraw"),
  who: fc.nat(2),
  piece: fc.nat(PIECES - 1),
});

const anyPiece = (): boolean => true;

test("PieceCensus counts as a recount would, after any history", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { census, peers, have, all } = censusOf(3);
      for (const { kind, who, piece } of steps) {
        const peer = peers[who]!;
        if (kind === "all" || kind === "none") census.told(peer, kind);
        if (kind === "some") census.told(peer, bitsOf(PIECES, [piece, (piece + 3) % PIECES]));
        if (kind === "gained") assert.equal(!peer.have.has(piece), census.gained(peer, piece));
        if (kind === "lost") assert.equal(peer.have.has(piece), census.lost(peer, piece));
        if (kind === "withdraw") assert.equal(have.has(piece), census.withdraw(piece));
        if (kind === "verified" && !census.withdrawn.has(piece)) assert.equal(!have.has(piece), census.verified(piece));
        auditSwarm(have, all, census, { partials: new PartialPieces(), takeOvers: { audit() {} } });
      }
    }),
  );
});

test("PieceCensus.pick() takes the rarest that the peer has and nobody has begun, and -1 without a search where none is", () => {
  const { census, peers } = censusOf(2);
  const [seed, other] = [peers[0]!, peers[1]!];
  census.told(seed, "all");
  census.told(other, bitsOf(PIECES, [0, 1, 2, 3, 4, 5, 6, 7, 8]));
  assert.equal(census.pick(seed, seededRandom(1), anyPiece), 9);
  for (let piece = 0; piece < 9; piece++) census.begin(piece);
  assert.equal(other.startable, 0);
  const forbidden = { int: () => assert.fail("It searched."), bytes: () => assert.fail("It searched.") };
  assert.equal(census.pick(other, forbidden, anyPiece), -1);
  census.restore(4);
  assert.equal(census.pick(other, seededRandom(1), anyPiece), 4);
});

test("PieceCensus counts a seed as one number only until it loses a piece: flapping costs one piece's work", () => {
  const { census, peers } = censusOf(1);
  const seed = peers[0]!;
  census.told(seed, "all");
  assert.ok(seed.isCountedAsSeed);
  for (let round = 0; round < 3; round++) {
    census.lost(seed, 5);
    assert.equal(census.order.availability(5), 0);
    census.gained(seed, 5);
    assert.equal(census.order.availability(5), 1);
    assert.ok(!seed.isCountedAsSeed, "It is not converted back and forth.");
    assert.ok(seed.isSeed);
  }
  census.forget(seed);
  for (let piece = 0; piece < PIECES; piece++) assert.equal(census.order.availability(piece), 0);
});
