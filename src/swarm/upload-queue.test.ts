import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_LENGTH_BYTES, UPLOAD_QUEUE_MAX_BLOCKS } from "../core/index.ts";
import { UploadQueue } from "./upload-queue.ts";
import type { BlockRequest } from "./upload-queue.ts";

test("UploadQueue refuses the request after UPLOAD_QUEUE_MAX_BLOCKS and takes one again when one was served", () => {
  const queue = new UploadQueue();
  for (let index = 0; index < UPLOAD_QUEUE_MAX_BLOCKS; index++) assert.ok(queue.push(index, 0, 1));
  assert.ok(!queue.push(9, 0, 1));
  assert.equal(queue.length, UPLOAD_QUEUE_MAX_BLOCKS);
  queue.shift();
  assert.ok(queue.push(9, 0, 1));
});

test("UploadQueue is a queue from which requests can be withdrawn, after any history", () => {
  const step = fc.record({
    kind: fc.constantFrom("push", "push", "push", "shift", "shiftRun", "remove", "takeOut"),
    piece: fc.nat(5),
    begin: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new UploadQueue();
      let model: BlockRequest[] = [];
      for (const { kind, piece, begin } of steps) {
        const index = model.findIndex((one) => one.piece === piece && one.begin === begin);
        if (kind === "push" && queue.push(piece, begin, 16_384)) model.push({ piece, begin, lengthBytes: 16_384 });
        if (kind === "shift") {
          queue.shift();
          model.shift();
        }
        if (kind === "shiftRun" && model.length > 0) {
          queue.shiftRun(queue.runBytes((begin + 1) * BLOCK_LENGTH_BYTES));
          // Begins count one by one here and not in bytes: no request goes on where another one ends.
          model.shift();
        }
        if (kind === "remove") {
          assert.equal(queue.remove(piece, begin, 16_384), index >= 0);
          if (index >= 0) model.splice(index, 1);
        }
        if (kind === "takeOut") {
          const taken: BlockRequest[] = [];
          queue.takeOut(piece, (request) => taken.push(request));
          assert.deepEqual(
            taken,
            model.filter((one) => one.piece === piece),
          );
          model = model.filter((one) => one.piece !== piece);
        }
        assert.equal(queue.length, model.length);
        assert.equal(queue.headPiece, model[0]?.piece ?? -1);
        if (model[0] !== undefined) assert.equal(queue.headBegin, model[0].begin);
        assert.deepEqual(queue.nextPieces(3), [...new Set(model.map((one) => one.piece))].slice(0, 3));
      }
      const drained: BlockRequest[] = [];
      queue.drain((request) => drained.push(request));
      assert.deepEqual(drained, model);
      assert.equal(queue.length, 0);
    }),
  );
});

/** How many requests the run at the head has. */
function runOf(requests: readonly [piece: number, begin: number, lengthBytes: number][], bytesMax: number): number {
  const queue = new UploadQueue();
  for (const request of requests) queue.push(...request);
  const bytes = queue.runBytes(bytesMax);
  queue.shiftRun(bytes);
  const count = requests.length - queue.length;
  assert.equal(
    requests.slice(0, count).reduce((sum, [, , lengthBytes]) => sum + lengthBytes, 0),
    bytes,
  );
  return count;
}

test("UploadQueue.runBytes() ends with the piece, with a gap, after a short block, and where there is enough", () => {
  const whole = BLOCK_LENGTH_BYTES;
  const three = [0, 1, 2].map((block) => [1, block * whole, whole] as [number, number, number]);
  assert.equal(runOf(three, Infinity), 3);
  assert.equal(runOf(three, 2 * whole), 2);
  assert.equal(runOf(three, whole + 1), 2);
  assert.equal(runOf(three, 0), 1);
  assert.equal(runOf([...three, [2, 3 * whole, whole]], Infinity), 3);
  assert.equal(runOf([...three, [1, 4 * whole, whole]], Infinity), 3);
  assert.equal(runOf([...three, [1, 2 * whole, whole]], Infinity), 3);
  assert.equal(runOf([...three, [1, 3 * whole, 100], [1, 3 * whole + 100, whole]], Infinity), 4);
});

test("UploadQueue.remove() wants the very block: another length is another request", () => {
  const queue = new UploadQueue();
  queue.push(1, 0, 16_384);
  assert.ok(!queue.remove(1, 0, 8_192));
  assert.equal(queue.headLengthBytes, 16_384);
});
