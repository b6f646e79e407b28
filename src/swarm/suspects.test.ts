import assert from "node:assert/strict";
import { test } from "node:test";
import { SUSPECT_ATTEMPTS_MAX, SUSPECT_PIECES_MAX } from "../core/index.ts";
import { peerOf } from "./fixture.test.ts";
import { BLOCK_DIGEST_BYTES, Suspects } from "./suspects.ts";

/** One digest a block; equal numbers are equal digests. */
function digestsOf(...blocks: number[]): Uint8Array {
  const digests = new Uint8Array(blocks.length * BLOCK_DIGEST_BYTES);
  blocks.forEach((value, block) => digests.fill(value, block * BLOCK_DIGEST_BYTES, (block + 1) * BLOCK_DIGEST_BYTES));
  return digests;
}

test("Suspects names at once the one peer that sent all of a failed piece", () => {
  const suspects = new Suspects();
  const liar = peerOf();
  assert.equal(suspects.failed(1, [liar, liar], digestsOf(1, 9)), liar);
  assert.ok(!suspects.has(1));
});

test("Suspects blames nobody until the true digests are known, and then whoever sent another block", () => {
  const suspects = new Suspects();
  const [liar, innocent] = [peerOf(), peerOf()];
  assert.equal(suspects.failed(1, [innocent, liar, innocent], digestsOf(1, 9, 3)), null);
  assert.ok(suspects.has(1));
  assert.deepEqual([...suspects.resolve(1, digestsOf(1, 2, 3))], [liar]);
  assert.ok(!suspects.has(1));
});

test("Suspects names the liars of every attempt, the cautious and the second one too", () => {
  const suspects = new Suspects();
  const [first, second, innocent] = [peerOf(), peerOf(), peerOf()];
  suspects.failed(1, [innocent, first], digestsOf(1, 9));
  suspects.failed(1, [second, innocent], digestsOf(8, 2));
  suspects.failed(2, [innocent, peerOf()], digestsOf(7, 7));
  assert.deepEqual(suspects.resolve(1, digestsOf(1, 2)), new Set([first, second]));
  assert.ok(suspects.has(2), "Other pieces are another matter.");
});

test("Suspects keeps its own copy of what it was told", () => {
  const suspects = new Suspects();
  const [liar, innocent] = [peerOf(), peerOf()];
  const digests = digestsOf(1, 9);
  const senders = [innocent, liar];
  suspects.failed(1, senders, digests);
  digests.fill(0);
  senders.reverse();
  assert.deepEqual([...suspects.resolve(1, digestsOf(1, 2))], [liar]);
});

test("Suspects remembers a bounded number of pieces and of attempts", () => {
  const suspects = new Suspects();
  for (let piece = 0; piece <= SUSPECT_PIECES_MAX; piece++)
    suspects.failed(piece, [peerOf(), peerOf()], digestsOf(1, 2));
  assert.ok(!suspects.has(0));
  assert.ok(suspects.has(1) && suspects.has(SUSPECT_PIECES_MAX));
  const forgotten = peerOf();
  suspects.failed(5, [forgotten, peerOf()], digestsOf(9, 2));
  for (let attempt = 0; attempt < SUSPECT_ATTEMPTS_MAX; attempt++)
    suspects.failed(5, [peerOf(), peerOf()], digestsOf(1, 9));
  const liars = suspects.resolve(5, digestsOf(1, 2));
  assert.equal(liars.size, SUSPECT_ATTEMPTS_MAX);
  assert.ok(!liars.has(forgotten));
});
