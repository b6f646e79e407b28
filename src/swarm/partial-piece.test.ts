import assert from "node:assert/strict";
import { test } from "node:test";
import { peerOf } from "./fixture.test.ts";
import { PartialPiece } from "./partial-piece.ts";
import { PartialPieces } from "./partial-pieces.ts";

test("PartialPiece hands every block out once, in order, and then none", () => {
  const partial = new PartialPiece(3, 4, false);
  assert.ok(partial.isUntouched);
  assert.deepEqual(
    [0, 1, 2, 3].map(() => partial.takeFree()),
    [0, 1, 2, 3],
  );
  assert.equal(partial.takeFree(), -1);
  assert.equal(partial.freeCount, 0);
});

test("PartialPiece hands a block out again when it was given back, the first free one first", () => {
  const partial = new PartialPiece(3, 4, false);
  for (let block = 0; block < 4; block++) partial.takeFree();
  partial.giveBack(2);
  partial.giveBack(1);
  assert.deepEqual([partial.takeFree(), partial.takeFree(), partial.takeFree()], [1, 2, -1]);
});

test("PartialPiece keeps a block pending while a second peer still owes it", () => {
  const partial = new PartialPiece(3, 1, false);
  partial.takeFree();
  partial.takePending(0, 0);
  partial.giveBack(0);
  assert.equal(partial.freeCount, 0);
  assert.equal(partial.pending(0), 1);
  partial.giveBack(0);
  assert.equal(partial.freeCount, 1);
});

test("PartialPiece refuses what no request can have caused", () => {
  const partial = new PartialPiece(3, 2, false);
  assert.throws(() => partial.giveBack(0), assert.AssertionError);
  assert.throws(() => partial.takePending(0, 0), assert.AssertionError);
  partial.takeFree();
  partial.received(0, peerOf(), true);
  assert.throws(() => partial.received(0, peerOf(), false), assert.AssertionError);
});

test("PartialPiece takes a block whose request was taken back, and counts nobody else's for it", () => {
  const late = peerOf();
  const free = new PartialPiece(3, 2, false);
  free.received(0, late, false);
  assert.deepEqual([free.freeCount, free.receivedCount, free.senders[0]], [1, 1, late]);
  const asked = new PartialPiece(3, 2, false);
  asked.takeFree();
  asked.received(0, late, false);
  assert.equal(asked.pending(0), 1, "The other peer owes it still.");
  asked.giveBack(0);
  assert.equal(asked.freeCount, 1, "It does not become free again.");
});

test("PartialPiece is full when every block is here", () => {
  const partial = new PartialPiece(3, 2, false);
  for (const block of [0, 1]) {
    assert.ok(!partial.isFull);
    partial.takeFree();
    partial.received(block, peerOf(), true);
  }
  assert.ok(partial.isFull);
});

test("PartialPieces counts free blocks and knows the pieces that nobody finishes", () => {
  const partials = new PartialPieces();
  const [owner, heir] = [peerOf(), peerOf()];
  const partial = new PartialPiece(3, 2, false);
  partials.add(partial, owner);
  assert.deepEqual([partials.freeBlocks, partials.orphans.size, owner.owned.size], [2, 0, 1]);
  partials.takeFree(partial);
  partials.disown(partial);
  assert.deepEqual([partials.freeBlocks, partials.orphans.size, owner.owned.size], [1, 1, 0]);
  partials.takeFree(partial);
  assert.equal(partials.orphans.size, 0, "Without a free block there is nothing to adopt.");
  partials.giveBack(partial, 1);
  assert.equal(partials.orphans.size, 1);
  partials.adopt(partial, heir);
  assert.deepEqual([partials.orphans.size, heir.owned.has(partial)], [0, true]);
  partials.delete(partial);
  assert.deepEqual([partials.freeBlocks, partials.size, heir.owned.size], [0, 0, 0]);
});
