import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SITE_LATE_HAVE_MS, SITE_STALLED_AFTER_MS, SUGGESTIONS_MAX } from "../core/index.ts";
import { Bitfield } from "./bitfield.ts";
import { layoutOfPieces, peerOf, Stage } from "./fixture.test.ts";
import type { SwarmPeer } from "./peer.ts";
import { memberKey, SiteShare } from "./site-share.ts";

const PIECES = 200;

/** A machine as the policy sees it: its neighbours, and one peer outside that has everything. */
function machineOf(key: number, neighbourKeys: readonly number[]) {
  const peers = new Set<SwarmPeer>();
  const have = new Bitfield(PIECES);
  const site = new SiteShare({ key, have, peers });
  const outside = peerOf({ pieceCount: PIECES, source: "otherPeers" });
  outside.have.addAll();
  outside.peerChoking = false;
  peers.add(outside);
  const neighbours = neighbourKeys.map((neighbourKey) => {
    const peer = peerOf({ pieceCount: PIECES });
    peer.peerChoking = false;
    peers.add(peer);
    site.join(peer, neighbourKey, 0);
    return peer;
  });
  const share = (): number[] =>
    Array.from({ length: PIECES }, (_, piece) => piece).filter((piece) => site.mayFetch(outside, piece));
  return { site, have, peers, outside, neighbours, share };
}

test("every piece is fetched from outside by exactly one of the machines that know each other", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 12 }), (keys) => {
      const machines = keys.map((key) =>
        machineOf(
          key,
          keys.filter((other) => other !== key),
        ),
      );
      const fetched = machines.flatMap(({ share }) => share()).sort((a, b) => a - b);
      assert.deepEqual(
        fetched,
        Array.from({ length: PIECES }, (_, piece) => piece),
      );
    }),
    { numRuns: 50 },
  );
});

test("a machine alone on its site holds nothing back, and neither does one whose neighbours have all left", () => {
  const { site, share, neighbours, outside } = machineOf(1, [2, 3]);
  assert.ok(share().length < PIECES);
  for (const neighbour of neighbours) site.leave(neighbour);
  assert.equal(share().length, PIECES);
  assert.ok(!site.isOutside(outside));
});

test("when a machine leaves, only its pieces move", () => {
  const before = machineOf(1, [2, 3]);
  const kept = before.share();
  before.site.leave(before.neighbours[1]!);
  const after = before.share();
  assert.ok(kept.every((piece) => after.includes(piece)));
  assert.ok(after.length > kept.length && after.length < PIECES);
});

test("what a neighbour has is not fetched from outside, unless the neighbour does not deliver", () => {
  const { share, neighbours, outside, site } = machineOf(1, [2]);
  const [piece] = share() as [number];
  const neighbour = neighbours[0]!;
  neighbour.have.add(piece);
  assert.ok(!site.mayFetch(outside, piece));
  assert.ok(site.mayFetch(neighbour, piece), "Neighbours are asked for anything.");
  neighbour.snubbed = true;
  assert.ok(site.mayFetch(outside, piece));
});

test("a piece that a super-seed suggests is fetched from it, whosever it is; the latest suggestions count", () => {
  const { share, site, outside } = machineOf(1, [2]);
  const mine = new Set(share());
  const theirs = Array.from({ length: PIECES }, (_, piece) => piece).filter((piece) => !mine.has(piece));
  const [piece, ...more] = theirs as [number, ...number[]];
  assert.ok(!site.mayFetch(outside, piece));
  outside.suggest(piece);
  assert.ok(site.mayFetch(outside, piece));
  for (const other of more.slice(0, SUGGESTIONS_MAX - 1)) outside.suggest(other);
  assert.equal(outside.suggested.size, SUGGESTIONS_MAX);
  assert.ok(site.mayFetch(outside, piece));
  outside.suggest(more[SUGGESTIONS_MAX]!);
  assert.equal(outside.suggested.size, SUGGESTIONS_MAX);
  assert.ok(!site.mayFetch(outside, piece));
});

test("the pieces of a machine that stands still go to the others, until it brings one in", () => {
  const { site, share, neighbours } = machineOf(1, [2, 3]);
  const own = share();
  const slow = neighbours[0]!;
  const busy = neighbours[1]!;
  for (let now = 0; now <= SITE_STALLED_AFTER_MS + 1_000; now += 500) {
    const piece = now / 500;
    site.gained(busy, piece, now);
    busy.have.add(piece);
    site.tick(now);
  }
  const more = share().length;
  assert.ok(more > own.length, "The slow one's pieces are divided.");
  const brought = PIECES - 1;
  site.gained(slow, brought, SITE_STALLED_AFTER_MS + 2_000);
  slow.have.add(brought);
  assert.ok(share().length <= own.length);
});

test("a machine for which nobody outside has a piece does not count as standing still", () => {
  const { site, share, outside } = machineOf(1, [2]);
  outside.have.clear();
  for (let now = 0; now < 10 * SITE_STALLED_AFTER_MS; now += 500) site.tick(now);
  outside.have.addAll();
  assert.ok(share().length < PIECES);
});

test("memberKey() gives the keys that other versions reckon with", () => {
  assert.equal(memberKey("2d5550303130302d0102030405060708090a0b0c"), 0xb15c_967a);
  assert.equal(memberKey(""), 0x811c_9dc5);
});

test("a swarm asks a peer outside for its own share, and neighbours for what they have", () => {
  const stage = new Stage(layoutOfPieces(20, 1), { siteKey: 1 });
  const neighbour = stage.join("anna", []);
  stage.swarm.peerSite(neighbour, "sitePeers", 2, 0);
  const origin = stage.join("origin", "all", { source: "otherPeers" });
  for (let now = 1; now < 40; now++) stage.deliver(origin, now);
  const fetched = stage.swarm.have.count;
  assert.ok(fetched > 2 && fetched < 18, `${fetched} of 20 pieces are its share.`);
  for (let piece = 0; piece < 20; piece++) stage.swarm.peerHave(neighbour, piece, 50);
  for (let now = 50; now < 90; now++) stage.deliver(neighbour, now);
  assert.ok(stage.swarm.isComplete);
  assert.equal(stage.swarm.accounts.counts().otherPeers, fetched * 16_384);
});

test("a swarm tells outside at once what it brought in, and late and together what came from inside", () => {
  const stage = new Stage(layoutOfPieces(20, 1), { siteKey: 1 });
  const neighbour = stage.join("anna", []);
  stage.swarm.peerSite(neighbour, "sitePeers", 2, 0);
  const other = stage.join("other", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { source: "otherPeers" });
  for (let now = 1; now < 20; now++) stage.deliver(other, now);
  const brought = stage.swarm.have.count;
  assert.equal(stage.transcript.take(/^anna have/).length, brought);
  stage.swarm.peerHave(neighbour, 15, 100);
  stage.swarm.peerHave(neighbour, 16, 100);
  stage.swarm.peerHave(other, 16, 100);
  stage.deliver(neighbour, 101);
  assert.deepEqual(stage.transcript.take(/^other have/), []);
  stage.swarm.tick(101 + SITE_LATE_HAVE_MS);
  assert.deepEqual(stage.transcript.take(/^other have/), ["other have 15"], "It has the other one already.");
});

test("a swarm does not tell of a piece that came from inside and cannot be read any more", () => {
  const stage = new Stage(layoutOfPieces(20, 1), { siteKey: 1 });
  const neighbour = stage.join("anna", [4, 5]);
  stage.swarm.peerSite(neighbour, "sitePeers", 2, 0);
  stage.join("other", [0], { source: "otherPeers" });
  stage.deliver(neighbour, 1);
  assert.ok(stage.swarm.pieceUnreadable(4));
  stage.transcript.take();
  stage.swarm.tick(1 + SITE_LATE_HAVE_MS);
  assert.deepEqual(stage.transcript.take(/^other have/), ["other have 5"]);
});
