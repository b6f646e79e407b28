import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RequestQueue } from "./request-queue.ts";

test("RequestQueue keeps requests in order, however they are added and taken", () => {
  const step = fc.record({ kind: fc.constantFrom("push", "push", "take", "retain"), pick: fc.nat(300) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new RequestQueue();
      let model: { piece: number; block: number; at: number }[] = [];
      steps.forEach(({ kind, pick }, now) => {
        if (kind === "push") {
          queue.push(now, pick, now);
          model.push({ piece: now, block: pick, at: now });
        } else if (kind === "take") {
          const one = model[pick % Math.max(1, model.length)] ?? { piece: -1, block: 0, at: -1 };
          assert.equal(queue.sentAt(one.piece, one.block), one.at);
          assert.equal(queue.take(one.piece, one.block), one.at);
          assert.equal(queue.take(one.piece, one.block), -1, "It is out.");
          model = model.filter((other) => other !== one);
        } else {
          queue.retain((piece) => piece % 5 !== pick % 5);
          model = model.filter(({ piece }) => piece % 5 !== pick % 5);
        }
        assert.equal(queue.length, model.length);
        assert.equal(queue.oldestSentAt, model[0]?.at ?? Infinity);
      });
      assert.deepEqual(
        [...queue.entries()],
        model.map(({ piece, block }) => ({ piece, block })),
      );
    }),
  );
});

test("RequestQueue.retain() hands over when each request was sent", () => {
  const queue = new RequestQueue();
  for (let block = 0; block < 200; block++) queue.push(7, block, block * 10);
  queue.retain((_piece, _block, sentAt) => sentAt >= 1_950);
  assert.deepEqual(
    [...queue.entries()].map(({ block }) => block),
    [195, 196, 197, 198, 199],
  );
});
