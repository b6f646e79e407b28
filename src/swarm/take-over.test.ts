import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCEL_ANSWERED_MS, ROUND_TRIP_CLAIMED_MAX_MS } from "../core/index.ts";
import { layoutOfPieces, Stage } from "./fixture.test.ts";
import type { SwarmPeer } from "./peer.ts";

const BLOCK = 16_384;

/** The second of two pieces waits in the queue of `busy`, and `idle` has been told to send it instead. */
function takenOver(options: { fast: boolean; isSlow?: boolean }): {
  stage: Stage;
  busy: SwarmPeer;
  idle: SwarmPeer;
  piece: number;
} {
  const stage = new Stage(layoutOfPieces(2, 2));
  const { fast, isSlow = false } = options;
  const busy = stage.join("busy", "all", { fast });
  if (isSlow) stage.join("best", []).downRate.add(100 * BLOCK, 0);
  const first = [...busy.requests.entries()][0]!.piece;
  const piece = 1 - first;
  const idle = stage.join("idle", [piece]);
  stage.transcript.take();
  stage.swarm.tick(100);
  assert.deepEqual(stage.transcript.take(/request|cancel/), [], "Not before it has waited.");
  stage.block(busy, first, 0, 300);
  stage.swarm.tick(301);
  const [cancels, requests] = ["busy cancel", "idle request"].map((line) =>
    [0, 1].map((at) => `${line} ${piece}:${at}`),
  );
  assert.deepEqual(stage.transcript.take(/request|cancel/), [...cancels!, ...(fast && !isSlow ? [] : requests!)]);
  return { stage, busy, idle, piece };
}

test("a peer that has nothing else to give takes over what waits in a busy peer's queue", () => {
  const { stage, idle, piece } = takenOver({ fast: false });
  stage.deliver(idle, 310);
  stage.swarm.audit();
  assert.ok(stage.swarm.have.has(piece));
});

test("what is taken over from a peer that answers cancels is asked for when it was rejected, and does not come twice", () => {
  const { stage, busy, idle, piece } = takenOver({ fast: true });
  stage.block(busy, piece, 0, 302);
  stage.swarm.rejectReceived(busy, piece, BLOCK, 303);
  assert.deepEqual(stage.transcript.take(/request|cancel/), [`idle request ${piece}:1`]);
  assert.ok(!busy.rejecting, "It did what it was told.");
  stage.deliver(idle, 310);
  stage.swarm.audit();
  assert.ok(stage.swarm.have.has(piece));
  assert.equal(stage.swarm.accounts.duplicate, 0);
});

test("what is taken over is asked for to the last block, however its rejects come", () => {
  const stage = new Stage(layoutOfPieces(2, 4));
  const busy = stage.join("busy", "all");
  const first = [...busy.requests.entries()][0]!.piece;
  const piece = 1 - first;
  for (let block = 0; block < 4; block++) stage.block(busy, first, block, 1);
  const idle = stage.join("idle", [piece]);
  stage.swarm.tick(300);
  stage.transcript.take();
  for (let block = 0; block < 4; block++) stage.swarm.rejectReceived(busy, piece, block * BLOCK, 301);
  assert.equal(idle.requests.length, 4);
  stage.swarm.audit();
});

test("what is taken over from a peer that sends little is asked for at once", () => {
  const { stage, idle, piece } = takenOver({ fast: true, isSlow: true });
  stage.deliver(idle, 310);
  stage.swarm.audit();
  assert.ok(stage.swarm.have.has(piece));
});

test("a peer that answers no cancel does not hold up who takes over from it", () => {
  const { stage, piece } = takenOver({ fast: true });
  stage.swarm.tick(301 + CANCEL_ANSWERED_MS);
  assert.deepEqual(stage.transcript.take(/request|cancel/), []);
  stage.swarm.tick(302 + CANCEL_ANSWERED_MS);
  assert.deepEqual(
    stage.transcript.take(/request|cancel/),
    [0, 1].map((block) => `idle request ${piece}:${block}`),
  );
  stage.swarm.audit();
});

test("a peer whose first words took long is not waited for any longer than a second for it", () => {
  for (const roundTripMs of [500, 60_000]) {
    const { stage, busy, piece } = takenOver({ fast: true });
    busy.roundTripMs = roundTripMs;
    const until = 301 + CANCEL_ANSWERED_MS + Math.min(roundTripMs, ROUND_TRIP_CLAIMED_MAX_MS);
    stage.swarm.tick(until);
    assert.deepEqual(stage.transcript.take(/request|cancel/), []);
    stage.swarm.tick(until + 1);
    assert.equal(stage.transcript.take(new RegExp(`idle request ${piece}:`)).length, 2);
  }
});

test("a peer that is being left is not asked for the piece again before it has answered", () => {
  const { stage, busy, idle, piece } = takenOver({ fast: true });
  // A block of it comes and has no place, as when another connection has just sent the same one.
  stage.swarm.blockDiscarded(busy, piece, 0, BLOCK, 302);
  stage.swarm.resume(303);
  assert.deepEqual(stage.transcript.take(/request|cancel/), [`idle request ${piece}:0`]);
  stage.swarm.removePeer(idle, 304);
  assert.deepEqual(stage.transcript.take(/request|cancel/), [], "Nor when nobody else is left.");
  stage.swarm.rejectReceived(busy, piece, BLOCK, 305);
  stage.swarm.tick(306);
  assert.deepEqual(
    stage.transcript.take(/request|cancel/),
    [0, 1].map((block) => `busy request ${piece}:${block}`),
  );
  stage.swarm.audit();
});
