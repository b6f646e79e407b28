import assert from "node:assert/strict";
import { test } from "node:test";
import {
  UPLOAD_BUDGET_MIN_BYTES,
  UPLOAD_BUDGET_START_BYTES,
  UPLOAD_CONNECTION_COUNTED_BYTES,
  UPLOAD_PATIENCE_MS,
  UPLOAD_UNANSWERED_MS,
} from "../core/index.ts";
import { SwarmPeer } from "./peer.ts";
import { UploadBudget } from "./upload-budget.ts";

const PIECE = 65_536;

function peers(count: number): SwarmPeer[] {
  return Array.from(
    { length: count },
    () => new SwarmPeer({ pieceCount: 10_000, source: "otherPeers", fast: true, now: 0 }),
  );
}

/** Sends a piece to one peer after the other while there is room; how many bytes that were. */
function fill(budget: UploadBudget, to: readonly SwarmPeer[], piece: number, now: number): number {
  let bytes = 0;
  for (let turn = 0; turn < 1_000; turn++, bytes += PIECE) {
    const peer = to[turn % to.length]!;
    const { answering, others } = budget.room();
    if (!(budget.unanswered.answers(peer) ? answering : others)) break;
    budget.served(peer, piece + Math.floor(turn / to.length), PIECE, now);
  }
  return bytes;
}

/** For some seconds the peers have each piece `delayMs` after it was sent; how much was on its way at the end. */
function run(budget: UploadBudget, to: readonly SwarmPeer[], delayMs: number, seconds: number): number {
  let bytes = 0;
  for (let now = 0; now < seconds * 1_000; now += delayMs) {
    bytes = fill(budget, to, now, now);
    for (const peer of to)
      for (let piece = now; piece < now + 500; piece++) budget.peerHave(peer, piece, now + delayMs);
  }
  return bytes;
}

test("UploadBudget has room for its start and no more, until peers answer", () => {
  const budget = new UploadBudget();
  const all = peers(20);
  assert.equal(fill(budget, all, 0, 0), UPLOAD_BUDGET_START_BYTES);
  assert.ok(!budget.isFreeAgain);
  budget.peerHave(all[0]!, 0, 10);
  assert.ok(budget.isFreeAgain);
});

test("UploadBudget grows while answers come soon, and is never less than its least where they do not", () => {
  assert.ok(run(new UploadBudget(), peers(20), 50, 3) > 4 * UPLOAD_BUDGET_START_BYTES);
  const slow = new UploadBudget();
  run(slow, peers(20), 4 * UPLOAD_PATIENCE_MS, 8);
  const bytes = fill(slow, peers(20), 5_000, 9_000);
  assert.ok(bytes < UPLOAD_BUDGET_START_BYTES && bytes >= UPLOAD_BUDGET_MIN_BYTES, `${bytes}`);
});

/** What is on its way after some seconds in which one peer answers at once, and the others only after twice the patience. */
function onItsWay(receivedRate: number): number {
  const budget = new UploadBudget();
  const [near, ...far] = peers(20);
  let bytes = 0;
  for (let now = 0; now < 12_000; now += 2 * UPLOAD_PATIENCE_MS) {
    bytes = fill(budget, [near!, ...far], now, now);
    for (let piece = now; piece < now + 100; piece++) budget.peerHave(near!, piece, now + 20);
    budget.tick(now + UPLOAD_PATIENCE_MS, receivedRate);
    for (const peer of far)
      for (let piece = now; piece < now + 100; piece++) budget.peerHave(peer, piece, now + 2 * UPLOAD_PATIENCE_MS);
  }
  return bytes;
}

test("UploadBudget does not grow by quick answers of one peer where far more comes in than goes out", () => {
  const [thin, even] = [onItsWay(10 ** 9), onItsWay(0)];
  assert.ok(thin <= UPLOAD_BUDGET_START_BYTES, `${thin}`);
  assert.ok(even > 4 * UPLOAD_BUDGET_START_BYTES, `${even}`);
});

test("UploadBudget takes a long path for no full link", () => {
  const far = peers(20);
  for (const peer of far) peer.roundTripMs = 3 * UPLOAD_PATIENCE_MS;
  assert.ok(run(new UploadBudget(), far, 3 * UPLOAD_PATIENCE_MS + 50, 6) > 2 * UPLOAD_BUDGET_START_BYTES);
});

test("UploadBudget lasts longer on a long path, where answers come late for the distance alone", () => {
  const leftAfter = (roundTripMs: number): number => {
    const budget = new UploadBudget();
    const all = peers(40);
    for (const peer of all) peer.roundTripMs = roundTripMs;
    for (let now = 0; now < 10_000; now += 1_000) {
      for (const peer of all) budget.served(peer, now, PIECE, now);
      for (const peer of all) budget.peerHave(peer, now, now + roundTripMs + 2 * UPLOAD_PATIENCE_MS);
      budget.tick(now + 1_000);
    }
    return fill(budget, peers(40), 0, 10_000);
  };
  const near = leftAfter(1);
  assert.ok(near < 2 * PIECE * 40 && leftAfter(200) > 2 * near, `${near} and ${leftAfter(200)}`);
});

test("UploadBudget counts a connection for what a kernel holds of it, and one by itself holds nobody up", () => {
  const budget = new UploadBudget();
  const [one, other] = peers(2) as [SwarmPeer, SwarmPeer];
  budget.served(one, 0, 100 * UPLOAD_CONNECTION_COUNTED_BYTES, 0);
  assert.equal(budget.unanswered.bytes, UPLOAD_CONNECTION_COUNTED_BYTES);
  assert.ok(budget.unanswered.isOneAtMost);
  budget.served(other, 1, PIECE, 0);
  assert.ok(!budget.unanswered.isOneAtMost);
});

test("UploadBudget counts nobody who is gone, or who says nothing for too long", () => {
  const budget = new UploadBudget();
  const [gone, silent] = peers(2) as [SwarmPeer, SwarmPeer];
  budget.served(gone, 0, PIECE, 0);
  budget.served(silent, 0, PIECE, 0);
  assert.equal(budget.unanswered.copies(0), 2);
  budget.unanswered.left(gone);
  budget.tick(UPLOAD_UNANSWERED_MS);
  assert.equal(budget.unanswered.bytes, PIECE);
  assert.equal(budget.unanswered.copies(0), 1);
  budget.tick(UPLOAD_UNANSWERED_MS + 1);
  assert.equal(budget.unanswered.bytes, 0);
  assert.equal(budget.unanswered.copies(0), 0);
});

test("an answer holds for all that its peer was sent before", () => {
  const budget = new UploadBudget();
  const [peer] = peers(1) as [SwarmPeer];
  for (const piece of [1, 2, 3]) budget.served(peer, piece, PIECE, 0);
  budget.peerHave(peer, 2, 10);
  assert.equal(budget.unanswered.bytes, PIECE);
  assert.deepEqual(
    [1, 2, 3].map((piece) => budget.unanswered.copies(piece)),
    [0, 0, 1],
  );
});

test("UploadBudget that had to shrink is tested: where peers receive more by it, they are given more, and soon", () => {
  const budget = new UploadBudget();
  // Peers that take a second for whatever they are sent, each on its own: more at once is more in all.
  const all = peers(40);
  const given: number[] = [];
  for (let second = 0; second < 20; second++) {
    const now = second * 1_000;
    for (const peer of all) {
      for (let turn = 0; turn < 40; turn++) budget.peerHave(peer, (second - 1) * 100 + turn, now);
    }
    budget.tick(now);
    given.push(fill(budget, all, second * 100, now));
  }
  const least = Math.min(...given);
  assert.ok(least < UPLOAD_BUDGET_START_BYTES, given.join(" "));
  assert.ok(given.at(-1)! > 4 * least, given.join(" "));
});

test("UploadBudget that had to shrink stays so where the link is full: the tests bring nobody more", () => {
  const budget = new UploadBudget();
  const all = peers(20);
  const bytesPerMs = 1_000;
  const waiting: { peer: SwarmPeer; piece: number; doneAt: number }[] = [];
  let freeAt = 0;
  let next = 0;
  const delays: number[] = [];
  for (let now = 0; now < 90_000; now += 10) {
    while (waiting.length > 0 && waiting[0]!.doneAt <= now) {
      const { peer, piece } = waiting.shift()!;
      budget.peerHave(peer, piece, now);
    }
    budget.tick(now);
    for (const peer of all) {
      const { answering, others } = budget.room();
      if (!(budget.unanswered.answers(peer) ? answering : others)) continue;
      // A connection takes no more than what counts.
      if (waiting.filter((sent) => sent.peer === peer).length * PIECE >= UPLOAD_CONNECTION_COUNTED_BYTES) continue;
      freeAt = Math.max(freeAt, now) + PIECE / bytesPerMs;
      waiting.push({ peer, piece: next, doneAt: freeAt });
      budget.served(peer, next++, PIECE, now);
      if (now > 10_000) delays.push(freeAt - now);
    }
  }
  delays.sort((a, b) => a - b);
  const middle = delays[delays.length >> 1]!;
  assert.ok(middle > 300 && middle < 700, `In the middle a piece waits for ${middle} ms.`);
  assert.ok(delays.at(-1)! < 1_600, `At most it waits for ${delays.at(-1)} ms.`);
});
