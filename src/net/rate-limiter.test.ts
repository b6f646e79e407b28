import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import { RateLimitChain, RateLimiter } from "./rate-limiter.ts";

/** Sends blocks as fast as `limiter` allows, waking `lateMs` late each time; returns the bytes that passed. */
function drain(
  limiter: RateLimiter | RateLimitChain,
  durationMs: number,
  lateMs = 0,
  bytes = BLOCK_LENGTH_BYTES,
): number {
  let sent = 0;
  for (let now = 0; now <= durationMs;) {
    while (limiter.tryTake(bytes, now)) sent += bytes;
    now += limiter.waitMs(bytes, now) + lateMs;
  }
  return sent;
}

void test("RateLimiter passes its rate within 1 % in the long run, at any rate and with late timers", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 200_000_000 }),
      fc.double({ min: 0, max: 15, noNaN: true }),
      fc.integer({ min: 1, max: 60_000 }),
      (rate, lateMs, bytes) => {
        const seconds = Math.max(30, Math.ceil((300 * 60_000) / rate));
        // At most some 20,000 takes a run: the larger the rate the larger each take.
        const take = Math.max(bytes, Math.ceil((rate * seconds) / 20_000));
        const sent = drain(new RateLimiter(rate), seconds * 1000, lateMs, take);
        assert.ok(Math.abs(sent / (rate * seconds) - 1) < 0.01, `${sent} of ${rate * seconds}`);
      },
    ),
    // The example: a take that leaves little room above it in the bucket, and a timer later than that room.
    { numRuns: 60, examples: [[1_000_000, 15, 60_000]] },
  );
});

void test("RateLimiter never passes more in a window than its rate and its capacity", () => {
  const rate = 6_250_000;
  const capacity = BLOCK_LENGTH_BYTES + rate * 0.025;
  const limiter = new RateLimiter(rate);
  const passed: { at: number; total: number }[] = [];
  let total = 0;
  for (let now = 0; now < 1_000; now += 1) {
    if (now > 300 && now < 600) continue;
    while (limiter.tryTake(BLOCK_LENGTH_BYTES, now)) total += BLOCK_LENGTH_BYTES;
    passed.push({ at: now, total });
  }
  assert.ok(total > rate * 0.7, "it passed something");
  for (const [index, from] of passed.entries()) {
    for (const to of passed.slice(index)) {
      const allowed = capacity + (rate * (to.at - from.at)) / 1000;
      assert.ok(to.total - from.total <= allowed + 1, `${to.total - from.total} in ${to.at - from.at} ms`);
    }
  }
});

void test("RateLimiter waitMs() is the time after which tryTake() succeeds, and not a millisecond before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000_000 }),
      fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 30 }),
      (rate, takes) => {
        const limiter = new RateLimiter(rate);
        let now = 1_000;
        for (const bytes of takes) {
          const wait = limiter.waitMs(bytes, now);
          if (wait > 1) assert.equal(limiter.tryTake(bytes, now + wait - 1), false);
          now += wait;
          assert.equal(limiter.tryTake(bytes, now), true);
        }
      },
    ),
  );
});

void test("RateLimiter keeps fractions: 1 byte in 3 ms is 1 byte in 3 ms", () => {
  const limiter = new RateLimiter(1000 / 3);
  limiter.charge(100_000_000, 0);
  const debt = limiter.waitMs(1, 0);
  for (let now = 1; now <= 3_000_000; now += 1_000) limiter.waitMs(1, now);
  assert.ok(Math.abs(limiter.waitMs(1, 3_000_000) - (debt - 3_000_000)) <= 1);
});

void test("RateLimiter charge() leaves a debt that is paid before anything passes", () => {
  const limiter = new RateLimiter(1_000_000);
  assert.equal(limiter.tryTake(1, 0), true);
  limiter.charge(2_000_000, 0);
  assert.equal(limiter.tryTake(1, 1_900), false);
  assert.equal(limiter.tryTake(1, 2_000), true);
});

void test("RateLimiter of rate 0 passes nothing, of null everything, and setRate() takes effect at once", () => {
  const limiter = new RateLimiter(0);
  assert.equal(limiter.tryTake(1, 1e9), false);
  assert.equal(limiter.waitMs(1, 1e9), Number.POSITIVE_INFINITY);
  limiter.setRate(null);
  assert.equal(limiter.tryTake(1e12, 1e9), true);
  assert.equal(limiter.waitMs(1e12, 1e9), 0);
  limiter.setRate(1_000);
  assert.equal(limiter.tryTake(BLOCK_LENGTH_BYTES, 1e9 + 1), true, "a lifted limit leaves no debt");
  assert.equal(limiter.tryTake(BLOCK_LENGTH_BYTES, 1e9 + 1), false);
  limiter.setRate(1_000_000);
  assert.equal(limiter.tryTake(BLOCK_LENGTH_BYTES, 1e9 + 18), true);
  assert.throws(() => limiter.setRate(-1), RangeError);
  assert.throws(() => limiter.setRate(Number.NaN), RangeError);
});

void test("RateLimiter is not fooled by a clock that stands still or goes back", () => {
  const limiter = new RateLimiter(1_000_000);
  while (limiter.tryTake(BLOCK_LENGTH_BYTES, 5_000));
  for (const now of [5_000, 4_000, 0, 5_000]) assert.equal(limiter.tryTake(BLOCK_LENGTH_BYTES, now), false);
});

void test("RateLimitChain passes the smallest of its rates and shares the global one", () => {
  const global = new RateLimiter(1_000_000);
  const slow = new RateLimitChain([global, new RateLimiter(200_000), new RateLimiter(null)]);
  const fast = new RateLimitChain([global, new RateLimiter(5_000_000)]);
  let slowBytes = 0;
  let fastBytes = 0;
  for (let now = 0; now <= 60_000;) {
    while (slow.tryTake(BLOCK_LENGTH_BYTES, now)) slowBytes += BLOCK_LENGTH_BYTES;
    while (fast.tryTake(BLOCK_LENGTH_BYTES, now)) fastBytes += BLOCK_LENGTH_BYTES;
    now += Math.min(slow.waitMs(BLOCK_LENGTH_BYTES, now), fast.waitMs(BLOCK_LENGTH_BYTES, now));
  }
  assert.ok(Math.abs((slowBytes + fastBytes) / 60_000_000 - 1) < 0.01);
  assert.ok(Math.abs(slowBytes / 12_000_000 - 1) < 0.02, `${slowBytes}`);
});

void test("RateLimitChain books nothing where one of its limiters refuses", () => {
  const global = new RateLimiter(1_000_000);
  const chain = new RateLimitChain([global, new RateLimiter(0)]);
  for (let i = 0; i < 100; i++) assert.equal(chain.tryTake(BLOCK_LENGTH_BYTES, 0), false);
  assert.equal(global.tryTake(BLOCK_LENGTH_BYTES, 0), true);
  assert.equal(chain.isLimited, true);
  assert.equal(new RateLimitChain([new RateLimiter(null)]).isLimited, false);
});
