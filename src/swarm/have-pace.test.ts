import assert from "node:assert/strict";
import { test } from "node:test";
import { HAVE_DELAY_MS, HAVE_INTERVAL_GROWTH_MS, HAVE_INTERVAL_MS } from "../core/index.ts";
import { HavePace } from "./have-pace.ts";

test("HavePace tells the first pieces of a download soon one after the other, and later ones every HAVE_INTERVAL_MS", () => {
  const pace = new HavePace();
  assert.equal(pace.waitMs(0), HAVE_DELAY_MS);
  pace.sent(0);
  assert.equal(pace.waitMs(0), HAVE_DELAY_MS + HAVE_INTERVAL_GROWTH_MS);
  for (let sendings = 1; sendings < 1_000; sendings++) pace.sent(0);
  assert.equal(pace.waitMs(0), HAVE_INTERVAL_MS);
  assert.equal(pace.waitMs(HAVE_INTERVAL_MS), HAVE_DELAY_MS, "What comes late waits for company alone.");
});
