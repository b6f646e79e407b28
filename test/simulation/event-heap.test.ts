import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventHeap } from "./event-heap.ts";

test("EventHeap hands events out by time, and in the order of scheduling where times are equal", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3_000 }), (times) => {
      const heap = new EventHeap();
      times.forEach((time, index) => heap.push(time, index % 7, index, 7 - index, index * 2));
      const expected = times
        .map((time, index) => ({ time, index }))
        .sort((a, b) => a.time - b.time || a.index - b.index);
      for (const { time, index } of expected) {
        assert.ok(heap.pop());
        assert.deepEqual(
          [heap.time, heap.kind, heap.target, heap.a, heap.b],
          [time, index % 7, index, 7 - index, index * 2],
        );
      }
      assert.equal(heap.pop(), false);
    }),
    { numRuns: 30 },
  );
});

test("EventHeap takes events in while others go out", () => {
  const heap = new EventHeap();
  let last = 0;
  for (let step = 0; step < 5_000; step++) {
    heap.push(last + ((step * 7_919) % 101), 0, step);
    if (step % 3 === 0) {
      assert.ok(heap.pop());
      assert.ok(heap.time >= last);
      last = heap.time;
    }
  }
});
