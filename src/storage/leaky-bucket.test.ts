import assert from "node:assert/strict";
import { test } from "node:test";
import { LeakyBucket } from "./leaky-bucket.ts";

test("a bucket takes its capacity at once, and what has leaked out since", () => {
  const bucket = new LeakyBucket({ perSecond: 100, capacity: 50 });
  assert.equal(bucket.hasRoomFor(50, 0), true);
  assert.equal(bucket.hasRoomFor(51, 0), false);
  bucket.add(50, 0);
  assert.equal(bucket.hasRoomFor(1, 0), false);
  assert.equal(bucket.hasRoomFor(10, 100), true);
  assert.equal(bucket.hasRoomFor(11, 100), false);
  bucket.add(100, 100);
  assert.equal(bucket.hasRoomFor(0, 1_000), true);
  assert.equal(bucket.hasRoomFor(0, 800), false, "what ran over leaks out as well");
  assert.equal(bucket.hasRoomFor(51, 1_000_000), false);
});
