import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MAX_BLOCKS, REQUEST_WINDOW_MIN_BLOCKS } from "../core/index.ts";
import { RequestWindow } from "./request-window.ts";

interface Path {
  readonly bytesPerSecond: number;
  /** There and back. */
  readonly delayMs: number;
  readonly max?: number;
  readonly seconds?: number;
  /** Requests are sent when a quarter of the window is free, as the download sends them. */
  readonly byQuarters?: boolean;
}

/** A link with a fixed delay and rate on which the window is kept full: the size that it settles at, and the least of the last half, in blocks. */
function settle(path: Path): { size: number; least: number } {
  const { bytesPerSecond, delayMs, max = REQUEST_WINDOW_MAX_BLOCKS, seconds = 20, byQuarters = false } = path;
  const window = new RequestWindow(0);
  const blockMs = (BLOCK_LENGTH_BYTES * 1_000) / bytesPerSecond;
  const sent: number[] = [];
  let freeAt = 0;
  let size = 0;
  let least = Infinity;
  for (let now = 0; now < seconds * 1_000; now = freeAt) {
    size = window.size(now, 4, max, delayMs);
    if (now > seconds * 500) least = Math.min(least, size);
    if (!byQuarters || sent.length <= size - (size >> 2)) while (sent.length < size) sent.push(now);
    const requestedAt = sent.shift() ?? now;
    freeAt = Math.max(now + blockMs, requestedAt + delayMs + blockMs);
    window.blockReceived(BLOCK_LENGTH_BYTES, freeAt - requestedAt, freeAt);
  }
  return { size, least };
}

test("RequestWindow begins at the floor, which small pieces raise up to 16 blocks", () => {
  const window = new RequestWindow(0);
  assert.equal(window.size(0, 1, 2_048), REQUEST_WINDOW_MIN_BLOCKS);
  assert.equal(window.size(0, 12, 2_048), 12);
  assert.equal(window.size(0, 1_024, 2_048), 16);
});

test("RequestWindow never exceeds its maximum, also where that is below the floor", () => {
  assert.equal(new RequestWindow(0).size(0, 16, 2), 2);
  assert.equal(new RequestWindow(0).size(0, 16, 0), 0);
  assert.equal(settle({ bytesPerSecond: 500e6, delayMs: 1, max: 100 }).size, 100);
});

test("RequestWindow grows to what a fast, long path holds, and not far beyond, and keeps it", () => {
  for (const [delayMs, beyond] of [
    [100, 2.2],
    [300, 2.2],
    [600, 1.8],
  ] as const) {
    const bandwidthDelay = (12.5e6 * delayMs) / 1_000 / BLOCK_LENGTH_BYTES;
    const { size, least } = settle({ bytesPerSecond: 12.5e6, delayMs, seconds: 60, byQuarters: true });
    assert.ok(least >= bandwidthDelay, `${delayMs} ms: ${least} of ${bandwidthDelay} blocks`);
    assert.ok(size <= beyond * bandwidthDelay, `${delayMs} ms: ${size} of ${bandwidthDelay} blocks`);
  }
});

test("RequestWindow does not creep up on a link that its own queue keeps full", () => {
  for (const seconds of [60, 600]) {
    const slow = settle({ bytesPerSecond: 100_000, delayMs: 2, seconds }).size;
    assert.ok(slow <= REQUEST_WINDOW_MIN_BLOCKS + 3, `${slow} blocks after ${seconds} s`);
    const fast = settle({ bytesPerSecond: 6.25e6, delayMs: 2, seconds }).size;
    assert.ok(fast <= 20, `${fast} blocks after ${seconds} s: 27 ms hold 10, and the floor of the measurement 4`);
  }
});

test("RequestWindow follows a path whose delay grew, once the old delay is forgotten", () => {
  const window = new RequestWindow(0);
  for (let now = 0; now < 1_000; now += 10) window.blockReceived(BLOCK_LENGTH_BYTES, 5, now);
  assert.equal(window.delayMs, 5);
  for (let now = 1_000; now < 25_000; now += 10) window.blockReceived(BLOCK_LENGTH_BYTES, 80, now);
  assert.equal(window.delayMs, 80);
});
