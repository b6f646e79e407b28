import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ORIGIN_DOWNLOADS_MAX,
  ORIGIN_SEND_BUFFER_BYTES,
  ORIGIN_SEND_BUFFERS_MAX,
  ORIGIN_SEND_SMALL_BUFFER_BYTES,
} from "../../core/index.ts";
import { SendBuffers } from "./send-buffers.ts";
import { Transfers } from "./transfers.ts";

test("SendBuffers has so many large buffers, uses them again, and gives small ones beyond them", () => {
  const buffers = new SendBuffers(ORIGIN_SEND_BUFFERS_MAX);
  const taken = Array.from({ length: ORIGIN_SEND_BUFFERS_MAX + 1 }, () => buffers.take());
  assert.equal(taken.at(-2)?.length, ORIGIN_SEND_BUFFER_BYTES);
  assert.equal(taken.at(-1)?.length, ORIGIN_SEND_SMALL_BUFFER_BYTES);
  buffers.give(taken.at(-1)!);
  assert.equal(buffers.take().length, ORIGIN_SEND_SMALL_BUFFER_BYTES);
  buffers.give(taken[0]!);
  assert.equal(buffers.take(), taken[0]);
});

test("SendBuffers never gives out a buffer that may still be read, and has another in its place", () => {
  const buffers = new SendBuffers(1);
  const first = buffers.take();
  buffers.forget(first);
  const second = buffers.take();
  assert.notEqual(second, first);
  assert.equal(second.length, ORIGIN_SEND_BUFFER_BYTES);
  assert.equal(buffers.take().length, ORIGIN_SEND_SMALL_BUFFER_BYTES);
});

test("Transfers are as many as there may be, and one that has ended makes room once", () => {
  const transfers = new Transfers();
  const ref = { product: "tool", version: "1.0" };
  const begun = Array.from({ length: ORIGIN_DOWNLOADS_MAX }, () => transfers.begin(ref));
  assert.ok(begun.every((transfer) => transfer !== null));
  assert.equal(transfers.begin(ref), null);
  begun[0]?.[Symbol.dispose]();
  begun[0]?.[Symbol.dispose]();
  assert.ok(transfers.begin(ref) !== null);
  assert.equal(transfers.begin(ref), null);
  transfers.cut({ product: "tool", version: "2.0" });
  assert.ok(!begun[1]?.signal.aborted);
  transfers.cut(ref);
  assert.ok(begun[1]?.signal.aborted);
});
