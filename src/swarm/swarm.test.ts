import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../core/index.ts";
import { bitsOf, layoutOf, layoutOfPieces, Stage } from "./fixture.test.ts";
import { BLOCK_DIGEST_BYTES } from "./suspects.ts";

const BLOCK = 16_384;

/** Digests of a piece's blocks: 1 where it is bad. */
function digestsOf(blocks: number, bad: readonly number[]): Uint8Array {
  const digests = new Uint8Array(blocks * BLOCK_DIGEST_BYTES);
  for (const block of bad) digests[block * BLOCK_DIGEST_BYTES] = 1;
  return digests;
}

test("what is here at the start is had, offered and not asked for", () => {
  const stage = new Stage(layoutOf(5 * BLOCK + 100, 2 * BLOCK), { have: bitsOf(3, [0, 2]) });
  assert.equal(stage.swarm.haveBytes, 2 * BLOCK + BLOCK + 100);
  const anna = stage.join("anna", "all");
  assert.deepEqual(stage.transcript.take(), ["anna interested", "anna request 1:0", "anna request 1:1"]);
  assert.equal(anna.interesting, 1);
  stage.swarm.audit();
});

test("interest is told once, and taken back when there is nothing left to want", () => {
  const stage = new Stage(layoutOfPieces(2, 1));
  const anna = stage.join("anna", []);
  stage.swarm.peerHave(anna, 0, 1);
  stage.swarm.peerHave(anna, 0, 1);
  stage.swarm.peerHave(anna, 99, 1);
  assert.deepEqual(stage.transcript.take(/interested/), ["anna interested"]);
  stage.deliver(anna, 2);
  assert.deepEqual(stage.transcript.take(/interested/), ["anna not interested"]);
  stage.swarm.peerHave(anna, 1, 3);
  assert.deepEqual(stage.transcript.take(/interested/), ["anna interested"]);
  stage.swarm.peerDontHave(anna, 1);
  assert.deepEqual(stage.transcript.take(/interested/), ["anna not interested"]);
  stage.swarm.audit();
});

test("machines that a crowd joined in the same order serve it in orders of their own", () => {
  const orders = [1, 2, 3, 4].map((seed) => {
    const stage = new Stage(layoutOfPieces(1, 1), { have: bitsOf(1, [0]), random: seededRandom(seed) });
    const names = ["anna", "bert", "carl", "dora", "emil", "finn"];
    for (const name of names) {
      const peer = stage.join(name, []);
      stage.swarm.peerInterested(peer, true);
      stage.swarm.requestReceived(peer, 0, 0, BLOCK);
    }
    return names.map(() => {
      const peer = stage.swarm.nextUpload(() => true)!;
      stage.swarm.uploadServed(peer, 1);
      return stage.transcript.names.get(peer);
    });
  });
  assert.equal(new Set(orders.map((order) => order.join())).size, orders.length);
});

test("the last piece is as short as it is", () => {
  const stage = new Stage(layoutOf(BLOCK + 5, 2 * BLOCK));
  const anna = stage.join("anna", "all");
  assert.ok(!stage.swarm.acceptsBlock(anna, 0, BLOCK, BLOCK));
  assert.ok(!stage.swarm.acceptsBlock(anna, 0, BLOCK, 4));
  assert.ok(stage.swarm.acceptsBlock(anna, 0, BLOCK, 5));
  stage.deliver(anna, 1);
  assert.ok(stage.swarm.isComplete);
  assert.equal(stage.swarm.haveBytes, BLOCK + 5);
});

test("a block that was not asked for, comes twice or begins askew is not accepted", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  const [anna, bert] = [stage.join("anna", [0]), stage.join("bert", [1])];
  assert.ok(!stage.swarm.acceptsBlock(bert, 0, 0, BLOCK));
  assert.ok(!stage.swarm.acceptsBlock(anna, 0, 1, BLOCK));
  assert.ok(!stage.swarm.acceptsBlock(anna, 7, 0, BLOCK));
  assert.ok(!stage.swarm.acceptsBlock(anna, 0, 2 * BLOCK, BLOCK));
  stage.block(anna, 0, 0, 1);
  assert.ok(!stage.swarm.acceptsBlock(anna, 0, 0, BLOCK));
  stage.block(anna, 0, 0, 2);
  assert.equal(stage.swarm.accounts.duplicate, BLOCK);
});

test("a block whose request was taken back while it came still counts, once", () => {
  const stage = new Stage(layoutOfPieces(1, 1));
  const anna = stage.join("anna", "all", { fast: false });
  assert.ok(stage.swarm.acceptsBlock(anna, 0, 0, BLOCK));
  const bert = stage.join("bert", "all");
  stage.swarm.peerChoking(anna, true, 1);
  assert.equal(bert.requests.length, 1);
  stage.transcript.take();
  stage.swarm.blockReceived(anna, 0, 0, BLOCK, 2);
  assert.deepEqual(stage.transcript.take(), ["bert cancel 0:0", "check 0"]);
  stage.block(bert, 0, 0, 3);
  stage.verifyAll(4);
  const { sitePeers, duplicate } = stage.swarm.accounts.counts();
  assert.deepEqual([sitePeers, duplicate], [BLOCK, BLOCK]);
});

test("every byte is counted once, by where it came from, and the sum is the payload", () => {
  const stage = new Stage(layoutOf(8 * BLOCK + 77, 2 * BLOCK), { have: bitsOf(5, [3]) });
  stage.swarm.accounts.local = stage.swarm.haveBytes;
  const site = stage.join("site", [0, 1]);
  const far = stage.join("far", [2], { source: "otherPeers" });
  const web = stage.join("web", "all", { source: "webSeeds" });
  stage.deliver(site, 1);
  stage.deliver(far, 2);
  while (stage.swarm.claimRun(web, 4, 3) !== null) stage.deliver(web, 4);
  assert.ok(stage.swarm.isComplete);
  assert.deepEqual(stage.swarm.accounts.counts(), {
    sitePeers: 4 * BLOCK,
    otherPeers: 2 * BLOCK,
    webSeeds: 77,
    local: 2 * BLOCK,
    duplicate: 0,
    hashFailed: 0,
    uploaded: 0,
  });
});

test("a liar that sent the whole piece is disconnected at once and asked nothing more", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  const liar = stage.join("liar", [0]);
  for (const block of [0, 1]) stage.block(liar, 0, block, 1);
  stage.transcript.take();
  stage.transcript.open.delete(0);
  stage.swarm.pieceFailed(0, digestsOf(2, [0, 1]), 2);
  assert.deepEqual(stage.transcript.take(), ["liar disconnect bad-data"]);
  assert.equal(stage.swarm.accounts.hashFailed, 2 * BLOCK);
  assert.ok(!stage.swarm.have.has(0));
  stage.swarm.audit();
});

test("of two that sent a bad piece the liar is named when it came good, and the innocent one stays", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const [liar, innocent] = [stage.join("liar", "all", { fast: false }), stage.join("innocent", "all")];
  stage.block(liar, 0, 0, 1);
  stage.swarm.peerChoking(liar, true, 2);
  stage.block(innocent, 0, 1, 3);
  stage.transcript.take();
  stage.transcript.open.delete(0);
  stage.swarm.pieceFailed(0, digestsOf(2, [0]), 4);
  assert.deepEqual(stage.transcript.take(/disconnect/), [], "It may have been either.");
  assert.ok(stage.swarm.isSuspect(0));
  for (const block of [0, 1]) stage.block(innocent, 0, block, 5);
  stage.transcript.take();
  stage.swarm.pieceVerified(0, 6, digestsOf(2, []));
  assert.deepEqual(stage.transcript.take(/bad-data/), ["liar disconnect bad-data"]);
});

test("two that have everything part, and one that only uploads parts from a seed", () => {
  const stage = new Stage(layoutOfPieces(1, 1));
  const [seed, partial, taker] = [stage.join("seed", "all"), stage.join("partial", []), stage.join("taker", [])];
  stage.swarm.peerUploadOnly(partial, true);
  assert.deepEqual(stage.transcript.take(/disconnect/), []);
  stage.deliver(seed, 1);
  assert.deepEqual(stage.transcript.take(/disconnect/), [
    "seed disconnect both-complete",
    "partial disconnect both-complete",
  ]);
  stage.swarm.peerHave(taker, 0, 2);
  assert.deepEqual(stage.transcript.take(/disconnect/), ["taker disconnect both-complete"]);
});

test("a peer that leaves gives back what it owed, and its pieces are no longer counted", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  const anna = stage.join("anna", "all");
  const bert = stage.join("bert", "all", { unchokes: false });
  stage.swarm.removePeer(anna, 1);
  stage.swarm.removePeer(anna, 1);
  stage.swarm.audit();
  stage.transcript.take();
  stage.swarm.peerChoking(bert, false, 2);
  assert.equal(bert.requests.length, 4);
});

test("a second bitfield replaces the first", () => {
  const stage = new Stage(layoutOfPieces(9, 1));
  const anna = stage.join("anna", "all", { unchokes: false });
  stage.swarm.peerPieces(anna, bitsOf(9, [8]), 1);
  assert.equal(anna.interesting, 1);
  stage.swarm.peerPieces(anna, "none", 2);
  assert.equal(anna.interesting, 0);
  stage.swarm.audit();
});

test("a piece that cannot be read any more is neither offered nor fetched again", () => {
  const stage = new Stage(layoutOfPieces(2, 1), { have: bitsOf(2, [0, 1]) });
  const anna = stage.join("anna", [1]);
  stage.swarm.peerInterested(anna, true);
  stage.swarm.requestReceived(anna, 0, 0, BLOCK);
  stage.transcript.take();
  assert.ok(stage.swarm.pieceUnreadable(0));
  assert.ok(!stage.swarm.pieceUnreadable(0));
  assert.deepEqual(stage.transcript.take(), ["anna reject 0:0"]);
  assert.ok(!stage.swarm.requestReceived(anna, 0, 0, BLOCK));
  stage.swarm.peerHave(anna, 0, 1);
  stage.swarm.peerDontHave(anna, 0);
  assert.deepEqual(stage.transcript.take(/interested|request/), []);
  assert.equal(stage.swarm.haveBytes, BLOCK);
  stage.swarm.audit();
});

test("a fleet serves whoever becomes interested at once", () => {
  const stage = new Stage(layoutOfPieces(1, 1), { have: bitsOf(1, [0]) });
  const anna = stage.join("anna", []);
  assert.ok(!stage.swarm.requestReceived(anna, 0, 0, BLOCK), "It is choked.");
  stage.swarm.peerInterested(anna, true);
  assert.deepEqual(stage.transcript.take(), ["anna reject 0:0", "anna unchoke"]);
  assert.ok(stage.swarm.requestReceived(anna, 0, 0, BLOCK));
  assert.equal(
    stage.swarm.nextUpload(() => true),
    anna,
  );
  stage.swarm.uploadServed(anna, 1);
  assert.equal(stage.swarm.accounts.uploaded, BLOCK);
});
