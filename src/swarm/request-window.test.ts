import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MAX_BLOCKS, REQUEST_WINDOW_MIN_BLOCKS } from "../core/index.ts";
import { RequestWindow } from "./request-window.ts";

interface Path {
  readonly bytesPerSecond: number;
  /** There and back. */
  readonly delayMs: number;
  readonly pieceBlocks?: number;
  readonly max?: number;
  readonly seconds?: number;
  /** There and back from the tenth second on, of which the window is not told. */
  readonly laterDelayMs?: number;
  /** Requests are sent in batches, as the download sends them. */
  readonly inBatches?: boolean;
}

interface Settled {
  readonly size: number;
  /** The least of the last half. */
  readonly least: number;
  readonly most: number;
  /** When it first held what the path holds, in ms; Infinity for never. */
  readonly filledAt: number;
}

/** A link with a fixed delay and rate on which the window is kept full: the sizes that it has and settles at, in blocks. */
function settle(path: Path, window: RequestWindow = new RequestWindow(0), beginning = 0): Settled {
  const { bytesPerSecond, delayMs, max = REQUEST_WINDOW_MAX_BLOCKS, seconds = 20, inBatches = false } = path;
  const { laterDelayMs = delayMs, pieceBlocks = 4 } = path;
  const pathHolds = (bytesPerSecond * delayMs) / 1_000 / BLOCK_LENGTH_BYTES;
  const blockMs = (BLOCK_LENGTH_BYTES * 1_000) / bytesPerSecond;
  const sent: number[] = [];
  let freeAt = beginning;
  let [size, least, most, filledAt] = [0, Infinity, 0, Infinity];
  for (let now = beginning; now < beginning + seconds * 1_000; now = freeAt) {
    size = window.size(now, pieceBlocks, max, delayMs);
    most = Math.max(most, size);
    if (size >= pathHolds) filledAt = Math.min(filledAt, now - beginning);
    if (now > beginning + seconds * 500) least = Math.min(least, size);
    if (!inBatches || sent.length <= size - window.batch(size)) {
      while (sent.length < size) sent.push(now);
      window.filled(sent.length, size);
    }
    const requestedAt = sent.shift() ?? now;
    const pathMs = now < beginning + 10_000 ? delayMs : laterDelayMs;
    freeAt = Math.max(now + blockMs, requestedAt + pathMs + blockMs);
    window.blockReceived(BLOCK_LENGTH_BYTES, freeAt - requestedAt, freeAt, sent[0] ?? Infinity);
  }
  return { size, least, most, filledAt };
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
    const { size, least } = settle({ bytesPerSecond: 12.5e6, delayMs, seconds: 60, inBatches: true });
    assert.ok(least >= bandwidthDelay, `${delayMs} ms: ${least} of ${bandwidthDelay} blocks`);
    assert.ok(size <= beyond * bandwidthDelay, `${delayMs} ms: ${size} of ${bandwidthDelay} blocks`);
  }
});

test("RequestWindow climbs to what a path holds within a few delays, and hardly beyond what it settles at", () => {
  for (const [delayMs, delays] of [
    [20, 6],
    [80, 9],
    [300, 9],
    [600, 9],
  ] as const) {
    const { filledAt, most, size } = settle({ bytesPerSecond: 12.5e6, delayMs, seconds: 60, inBatches: true });
    assert.ok(filledAt <= delays * delayMs, `${delayMs} ms: full after ${filledAt} ms`);
    assert.ok(most <= 1.4 * size, `${delayMs} ms: ${most} blocks at most, ${size} in the end`);
  }
});

test("RequestWindow climbs again after a pause, and not for blocks that are merely rare", () => {
  const path: Path = { bytesPerSecond: 12.5e6, delayMs: 300, seconds: 30, inBatches: true };
  const window = new RequestWindow(0);
  const first = settle(path, window);
  assert.ok(settle(path, window, 35_000).filledAt <= first.filledAt + 300);
  for (let now = 70_000; now < 130_000; now += 3_000) {
    window.filled(1, 4);
    window.blockReceived(BLOCK_LENGTH_BYTES, 300, now, Infinity);
    assert.ok(window.size(now, 4, REQUEST_WINDOW_MAX_BLOCKS, 300) <= REQUEST_WINDOW_MIN_BLOCKS, `at ${now} ms`);
  }
});

test("RequestWindow does not climb where less was asked for than might be, and forgets a climb once nothing comes promptly", () => {
  const window = new RequestWindow(0);
  let most = 0;
  for (let now = 0; now < 10_000; now += 10) {
    window.filled(3, 4);
    window.blockReceived(BLOCK_LENGTH_BYTES, 200, now, Infinity);
    most = Math.max(most, window.size(now, 4, REQUEST_WINDOW_MAX_BLOCKS, 2));
  }
  const byRate = Math.ceil((window.rate(9_990) * 0.225) / BLOCK_LENGTH_BYTES) + 1;
  assert.ok(most <= byRate + 1, `${most} blocks, ${byRate} by the rate`);
  for (let now = 10_000; now < 10_500; now += 10) {
    window.filled(4, 4);
    window.blockReceived(BLOCK_LENGTH_BYTES, 200, now, Infinity);
  }
  const climbed = window.size(10_500, 4, REQUEST_WINDOW_MAX_BLOCKS, 2);
  window.blockReceived(BLOCK_LENGTH_BYTES, 400, 11_500, Infinity);
  assert.ok(window.size(11_500, 4, REQUEST_WINDOW_MAX_BLOCKS, 2) < Math.min(climbed, 8));
});

test("RequestWindow does not creep up on a link that its own queue keeps full", () => {
  for (const seconds of [60, 600]) {
    const slow = settle({ bytesPerSecond: 100_000, delayMs: 2, seconds }).size;
    assert.ok(slow <= REQUEST_WINDOW_MIN_BLOCKS + 3, `${slow} blocks after ${seconds} s`);
    const { size: fast, most } = settle({ bytesPerSecond: 6.25e6, delayMs: 2, seconds });
    assert.ok(fast <= 20, `${fast} blocks after ${seconds} s: 27 ms hold 10, and the floor of the measurement 4`);
    assert.ok(most <= 20, `${most} blocks at most: the climb ends within what the rule asks for`);
  }
});

test("RequestWindow grows anew on a path that became longer than its known round trip", () => {
  for (const laterDelayMs of [80, 300, 600]) {
    const pathHolds = (12.5e6 * laterDelayMs) / 1_000 / BLOCK_LENGTH_BYTES;
    const { least } = settle({ bytesPerSecond: 12.5e6, delayMs: 20, laterDelayMs, seconds: 90, inBatches: true });
    assert.ok(least >= 0.9 * pathHolds, `${laterDelayMs} ms: ${least} of ${pathHolds} blocks`);
  }
});

test("RequestWindow grows by a quarter at most where the shortest delay is that of its own floor", () => {
  const { most } = settle({ bytesPerSecond: 100_000, delayMs: 2, pieceBlocks: 16, seconds: 300, inBatches: true });
  assert.ok(most <= 20, `${most} blocks`);
});

test("RequestWindow does not climb for a peer that answers the newest request and leaves the others", () => {
  const window = new RequestWindow(0);
  let most = 0;
  for (let now = 0; now < 100_000; now += 250) {
    const size = window.size(now, 4, REQUEST_WINDOW_MAX_BLOCKS, 10);
    most = Math.max(most, size);
    window.filled(size, size);
    window.blockReceived(BLOCK_LENGTH_BYTES, 100, now + 100, Math.max(0, now - 60_000));
  }
  assert.ok(most <= 8, `${most} blocks`);
});

test("RequestWindow asks for no more at once where a peer raises its limit after a climb", () => {
  const window = new RequestWindow(0);
  for (let count = 0; count < 10_000; count++) {
    const size = window.size(count, 4, 50, 200);
    window.filled(size, size);
    window.blockReceived(BLOCK_LENGTH_BYTES, 200, count, count - 200);
  }
  const byRate = (window.rate(10_000) * 0.4) / BLOCK_LENGTH_BYTES;
  const size = window.size(10_000, 4, REQUEST_WINDOW_MAX_BLOCKS, 200);
  assert.ok(size <= Math.max(100, 1.02 * byRate), `${size} blocks, ${byRate} by the rate`);
});

test("RequestWindow follows a path whose delay grew, once the old delay is forgotten", () => {
  const window = new RequestWindow(0);
  for (let now = 0; now < 1_000; now += 10) window.blockReceived(BLOCK_LENGTH_BYTES, 5, now, Infinity);
  assert.equal(window.delayMs, 5);
  for (let now = 1_000; now < 25_000; now += 10) window.blockReceived(BLOCK_LENGTH_BYTES, 80, now, Infinity);
  assert.equal(window.delayMs, 80);
});
