import assert from "node:assert/strict";
import { test } from "node:test";
import { RECIPROCAL_SLOTS, seededRandom } from "../core/index.ts";
import { Choker, chokeRound } from "./choker.ts";
import type { ChokeRound } from "./choker.ts";
import { peerOf } from "./fixture.test.ts";
import type { SwarmPeer } from "./peer.ts";

const COUNT = 20;

/** Interested peers, the first of which give and take the fastest. */
function crowd(): SwarmPeer[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const peer = peerOf();
    peer.peerInterested = true;
    for (let now = 0; now < 2_000; now += 10) {
      peer.downRate.add((COUNT - index) * 100, now);
      peer.upRate.add((index + 1) * 100, now);
    }
    return peer;
  });
}

function roundOf(peers: SwarmPeer[], options: Partial<ChokeRound> = {}): ChokeRound {
  return {
    policy: "reciprocal",
    peers: new Set(peers),
    isSeeding: false,
    random: seededRandom(1),
    now: 2_000,
    round: 0,
    optimistic: null,
    ...options,
  };
}

test("a cooperating fleet serves everybody who is interested, and nobody else", () => {
  const peers = crowd();
  peers[3]!.peerInterested = false;
  peers[4]!.closed = true;
  const { unchoked } = chokeRound(roundOf(peers, { policy: "cooperative" }));
  assert.equal(unchoked.size, COUNT - 2);
  assert.ok(!unchoked.has(peers[3]!) && !unchoked.has(peers[4]!));
});

test("among strangers the best givers are served, and one more by chance", () => {
  const peers = crowd();
  const { unchoked, optimistic } = chokeRound(roundOf(peers));
  assert.equal(unchoked.size, RECIPROCAL_SLOTS + 1);
  for (const peer of peers.slice(0, RECIPROCAL_SLOTS)) assert.ok(unchoked.has(peer));
  assert.ok(optimistic !== null && peers.indexOf(optimistic) >= RECIPROCAL_SLOTS);
});

test("a seed serves the fastest takers", () => {
  const peers = crowd();
  const { unchoked } = chokeRound(roundOf(peers, { isSeeding: true }));
  for (const peer of peers.slice(-RECIPROCAL_SLOTS)) assert.ok(unchoked.has(peer));
});

test("a peer that owes us and is silent earns nothing, unless we are a seed", () => {
  const peers = crowd();
  for (const peer of peers) peer.snubbed = true;
  assert.equal(chokeRound(roundOf(peers)).unchoked.size, 1);
  assert.equal(chokeRound(roundOf(peers, { isSeeding: true })).unchoked.size, RECIPROCAL_SLOTS + 1);
});

test("the peer served by chance stays for three rounds", () => {
  const peers = crowd();
  const last = peers.at(-1)!;
  for (const round of [1, 2]) assert.equal(chokeRound(roundOf(peers, { round, optimistic: last })).optimistic, last);
  const picks = new Set<SwarmPeer | null>();
  for (let seed = 0; seed < 50; seed++) {
    picks.add(chokeRound(roundOf(peers, { round: 3, optimistic: last, random: seededRandom(seed) })).optimistic);
  }
  assert.ok(picks.size > 3, "Then another may be picked.");
});

test("Choker lets newcomers in at once while there is room, and keeps the rest for the round", () => {
  const peers = crowd();
  const choker = new Choker({
    policy: "reciprocal",
    peers: new Set(peers),
    random: seededRandom(1),
    choke: (peer, choked) => (peer.amChoking = choked),
  });
  for (const peer of peers) choker.interested(peer);
  assert.equal(peers.filter((peer) => !peer.amChoking).length, RECIPROCAL_SLOTS);
  choker.tick(2_000, false);
  assert.equal(peers.filter((peer) => !peer.amChoking).length, RECIPROCAL_SLOTS + 1);
});

test("Choker holds a round every ten seconds and not more often", () => {
  const peer = crowd()[0]!;
  let calls = 0;
  const choker = new Choker({
    policy: "cooperative",
    peers: new Set([peer]),
    random: seededRandom(1),
    choke: () => calls++,
  });
  for (let now = 0; now < 30_000; now += 100) choker.tick(now, false);
  assert.equal(calls, 3);
});
