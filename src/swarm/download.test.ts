import assert from "node:assert/strict";
import { test } from "node:test";
import {
  END_GAME_AFTER_MS,
  END_GAME_LATE_PATIENCES,
  REJECTED_REST_MS,
  REQUEST_LOST_AFTER_MS,
  SNUB_AFTER_MS,
} from "../core/index.ts";
import { layoutOfPieces, Stage } from "./fixture.test.ts";

const BLOCK = 16_384;

test("a peer is asked for one whole piece after the other, no deeper than its window", () => {
  const stage = new Stage(layoutOfPieces(3, 4));
  const anna = stage.join("anna", [1]);
  assert.deepEqual(stage.transcript.take(), [
    "anna interested",
    ...[0, 1, 2, 3].map((block) => `anna request 1:${block}`),
  ]);
  stage.deliver(anna, 10);
  assert.ok(stage.swarm.have.has(1));
  stage.swarm.audit();
});

test("a choking peer is asked nothing, and neither is one without anything new", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  const anna = stage.join("anna", [0], { unchokes: false });
  stage.join("bert", []);
  assert.deepEqual(stage.transcript.take(), ["anna interested"]);
  stage.swarm.peerChoking(anna, false, 1);
  assert.deepEqual(stage.transcript.take(), ["anna request 0:0", "anna request 0:1"]);
});

test("requests never exceed the peer's reqq, and reqq 0 means none", () => {
  const stage = new Stage(layoutOfPieces(4, 4));
  const anna = stage.join("anna", "all", { unchokes: false });
  anna.reqq = 2;
  stage.swarm.peerChoking(anna, false, 0);
  assert.equal(anna.requests.length, 2);
  const bert = stage.join("bert", "all", { unchokes: false });
  bert.reqq = 0;
  stage.swarm.peerChoking(bert, false, 0);
  assert.equal(bert.requests.length, 0);
});

test("a choke without the fast extension gives every request back at once, and others go on", () => {
  const stage = new Stage(layoutOfPieces(1, 4));
  const anna = stage.join("anna", "all", { fast: false });
  stage.block(anna, 0, 0, 5);
  stage.join("bert", "all");
  stage.transcript.take();
  stage.swarm.peerChoking(anna, true, 10);
  assert.equal(anna.requests.length, 0);
  assert.deepEqual(stage.transcript.take(), ["bert request 0:1", "bert request 0:2", "bert request 0:3"]);
  stage.swarm.audit();
});

test("a choke with the fast extension keeps requests until each is rejected by name", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  const anna = stage.join("anna", [0]);
  const bert = stage.join("bert", [0]);
  stage.transcript.take();
  stage.swarm.peerChoking(anna, true, 10);
  assert.equal(anna.requests.length, 2);
  assert.deepEqual(stage.transcript.take(), []);
  stage.swarm.rejectReceived(anna, 0, BLOCK, 11);
  assert.deepEqual(stage.transcript.take(), ["bert request 0:1"]);
  stage.block(anna, 0, 0, 12);
  stage.block(bert, 0, 1, 12);
  assert.deepEqual(stage.transcript.take(), ["check 0"], "What was on its way before the choke counts.");
  stage.swarm.audit();
});

test("a piece that failed its hash does not wait for an owner that chokes", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const [anna, bert] = [stage.join("anna", "all"), stage.join("bert", "all")];
  stage.block(anna, 0, 0, 1);
  stage.swarm.peerChoking(anna, true, 2);
  stage.swarm.rejectReceived(anna, 0, BLOCK, 2);
  stage.block(bert, 0, 1, 3);
  stage.swarm.peerChoking(anna, false, 3);
  stage.transcript.take();
  stage.transcript.open.delete(0);
  stage.swarm.pieceFailed(0, new Uint8Array(64), 4);
  const [first] = stage.transcript.take(/request/);
  const [owner, other] = first?.startsWith("anna") === true ? [anna, bert] : [bert, anna];
  assert.equal(other.requests.length, 0, "It is fetched from one peer alone.");
  stage.swarm.peerChoking(owner, true, 5);
  for (const block of [0, 1]) stage.swarm.rejectReceived(owner, 0, block * BLOCK, 5);
  assert.equal(other.requests.length, 2, "Its owner chokes: somebody else goes on.");
});

test("a peer that rejects is left alone for a while, and others are asked", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const anna = stage.join("anna", "all");
  stage.transcript.take();
  stage.swarm.rejectReceived(anna, 0, 0, 10);
  stage.swarm.rejectReceived(anna, 0, BLOCK, 10);
  assert.deepEqual(stage.transcript.take(), ["drop 0"], "Nothing of the piece is here: it is as if never begun.");
  stage.swarm.tick(10 + REJECTED_REST_MS - 1);
  assert.deepEqual(stage.transcript.take(/request/), []);
  stage.swarm.tick(10 + REJECTED_REST_MS);
  assert.equal(anna.requests.length, 2);
});

test("a silent peer is snubbed and what it owes is asked of others", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const anna = stage.join("anna", "all");
  const bert = stage.join("bert", "all", { unchokes: false });
  stage.block(anna, 0, 0, 1);
  stage.swarm.tick(SNUB_AFTER_MS + 2);
  assert.ok(anna.snubbed);
  assert.equal(anna.requests.length, 1, "Nobody else can: it keeps its place in the peer's queue.");
  bert.peerChoking = false;
  stage.transcript.take();
  stage.swarm.tick(2 * SNUB_AFTER_MS + 4);
  assert.deepEqual(stage.transcript.take(), ["anna cancel 0:1", "bert request 0:1"]);
  stage.deliver(bert, 2 * SNUB_AFTER_MS + 10);
  assert.ok(stage.swarm.isComplete);
});

test("a peer that was snubbed is asked in full again when it delivers", () => {
  const stage = new Stage(layoutOfPieces(8, 4));
  const anna = stage.join("anna", "all");
  stage.swarm.tick(SNUB_AFTER_MS + 1);
  // Two, since a shallow window is refilled when half of it is free.
  for (const { piece, block } of [...anna.requests.entries()].slice(0, 2)) {
    stage.block(anna, piece, block, SNUB_AFTER_MS + 2);
  }
  assert.ok(!anna.snubbed);
  assert.ok(anna.requests.length >= 4, `${anna.requests.length} requests`);
});

test("a request that its peer lost is asked again, also where the peer delivers others", () => {
  const stage = new Stage(layoutOfPieces(40, 1));
  const anna = stage.join("anna", "all");
  const lost = [...anna.requests.entries()][0]!;
  for (let now = 1_000; now <= REQUEST_LOST_AFTER_MS; now += 5_000) {
    const next = [...anna.requests.entries()].find(({ piece }) => piece !== lost.piece);
    if (next !== undefined) stage.block(anna, next.piece, 0, now);
    stage.swarm.tick(now);
  }
  assert.ok(!anna.snubbed);
  stage.transcript.take();
  stage.swarm.tick(REQUEST_LOST_AFTER_MS + 1);
  assert.ok(stage.transcript.take().includes(`anna cancel ${lost.piece}:0`));
  stage.swarm.audit();
});

test("in the end game a block is asked of a second peer after a while, and the slower one gets a cancel", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const anna = stage.join("anna", "all");
  const bert = stage.join("bert", "all");
  const carl = stage.join("carl", "all");
  stage.block(anna, 0, 0, 1);
  stage.transcript.take();
  stage.swarm.tick(END_GAME_AFTER_MS - 1);
  assert.deepEqual(stage.transcript.take(/request|cancel/), []);
  stage.swarm.tick(END_GAME_AFTER_MS + 1);
  assert.deepEqual(stage.transcript.take(/request|cancel/), ["bert request 0:1"], "At most two peers owe a block.");
  assert.equal(carl.requests.length, 0);
  stage.block(bert, 0, 1, END_GAME_AFTER_MS + 2);
  assert.deepEqual(stage.transcript.take(), ["anna cancel 0:1", "check 0"]);
  stage.block(anna, 0, 1, END_GAME_AFTER_MS + 3);
  assert.equal(stage.swarm.accounts.duplicate, BLOCK, "It was on its way all the same.");
  stage.swarm.audit();
});

test("in the end game two peers that owe a block for long do not keep others from being asked", () => {
  const stage = new Stage(layoutOfPieces(1, 2));
  const anna = stage.join("anna", "all");
  for (const name of ["bert", "carl", "dora"]) stage.join(name, "all");
  stage.block(anna, 0, 0, 1);
  const askedAt = END_GAME_AFTER_MS + 1;
  stage.swarm.tick(askedAt);
  stage.transcript.take();
  const lateMs = END_GAME_LATE_PATIENCES * END_GAME_AFTER_MS;
  stage.swarm.tick(askedAt + lateMs - 1);
  assert.deepEqual(stage.transcript.take(/request/), []);
  stage.swarm.tick(askedAt + lateMs);
  assert.deepEqual(stage.transcript.take(/request/), ["carl request 0:1"]);
  stage.swarm.tick(askedAt + 2 * lateMs);
  assert.deepEqual(stage.transcript.take(/request/), ["dora request 0:1"]);
  stage.swarm.audit();
});

test("without memory nothing new begins, and pieces that nobody delivers any more make room", () => {
  const stage = new Stage(layoutOfPieces(2, 2));
  stage.transcript.memoryPieces = 1;
  const anna = stage.join("anna", [0]);
  stage.block(anna, 0, 0, 1);
  stage.swarm.removePeer(anna, 2);
  const bert = stage.join("bert", [1]);
  assert.equal(bert.requests.length, 0, "The memory holds half a piece that nobody has.");
  stage.transcript.take();
  stage.swarm.tick(3);
  assert.deepEqual(stage.transcript.take(), ["drop 0", "bert request 1:0", "bert request 1:1"]);
  assert.equal(stage.swarm.accounts.duplicate, BLOCK, "What was lost is accounted for.");
  stage.swarm.audit();
});

test("a web seed takes runs of adjoining pieces, and finishes what a peer left half done", () => {
  const stage = new Stage(layoutOfPieces(4, 2));
  const anna = stage.join("anna", [2]);
  stage.block(anna, 2, 0, 1);
  stage.swarm.removePeer(anna, 2);
  const seed = stage.join("seed", "all", { source: "webSeeds" });
  let pieces = 0;
  for (let run = stage.swarm.claimRun(seed, 8, 3); run !== null; run = stage.swarm.claimRun(seed, 8, 3)) {
    pieces += run.count;
    stage.deliver(seed, 4);
  }
  assert.equal(pieces, 4);
  assert.ok(stage.swarm.isComplete);
  assert.deepEqual(
    stage.transcript.take(/request|cancel/).filter((line) => line.startsWith("seed")),
    [],
  );
  const { sitePeers, webSeeds } = stage.swarm.accounts.counts();
  assert.deepEqual([sitePeers, webSeeds], [BLOCK, 7 * BLOCK]);
});
