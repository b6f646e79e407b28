import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, WEB_SEED_BACKOFF_MAX_MS, WEB_SEED_BACKOFF_MS } from "../core/index.ts";
import { WebSeedBackoff } from "./web-seed-backoff.ts";

const down = { retryable: true, retryAfterMs: null };

void test("WebSeedBackoff doubles its wait, spread over the upper half, up to a ceiling", () => {
  const backoff = new WebSeedBackoff(seededRandom(1));
  assert.equal(backoff.mayAsk(0), true);
  let now = 0;
  for (let failure = 0; failure < 20; failure++) {
    backoff.failed(now, down);
    const full = Math.min(WEB_SEED_BACKOFF_MS * 2 ** failure, WEB_SEED_BACKOFF_MAX_MS);
    const wait = backoff.notBeforeMs - now;
    assert.ok(wait >= full / 2 && wait <= full, `${wait} of ${full}`);
    assert.equal(backoff.mayAsk(backoff.notBeforeMs - 1), false);
    assert.equal(backoff.mayAsk(backoff.notBeforeMs), true);
    now = backoff.notBeforeMs;
  }
  backoff.succeeded();
  assert.equal(backoff.mayAsk(now), true);
  backoff.failed(now, down);
  assert.ok(backoff.notBeforeMs - now <= WEB_SEED_BACKOFF_MS, "a success resets the wait");
});

void test("WebSeedBackoff spreads the machines that a Retry-After sends away together", () => {
  const waits = Array.from({ length: 200 }, (_, seed) => {
    const backoff = new WebSeedBackoff(seededRandom(seed));
    backoff.failed(1_000, { retryable: true, retryAfterMs: 60_000 });
    return backoff.notBeforeMs - 1_000;
  });
  assert.ok(Math.min(...waits) >= 60_000, "nobody comes back before");
  assert.ok(Math.max(...waits) <= 60_000 + WEB_SEED_BACKOFF_MS);
  assert.ok(new Set(waits).size > 100);
});

void test("WebSeedBackoff never asks again after a permanent error or bad data", () => {
  const withdrawn = new WebSeedBackoff(seededRandom(1));
  withdrawn.failed(0, { retryable: false, retryAfterMs: null });
  const liar = new WebSeedBackoff(seededRandom(1));
  liar.discard();
  for (const backoff of [withdrawn, liar]) {
    backoff.succeeded();
    backoff.failed(5, down);
    assert.equal(backoff.mayAsk(Number.MAX_SAFE_INTEGER), false);
  }
});
