import assert from "node:assert/strict";
import { test } from "node:test";
import { Rate } from "./rate.ts";

test("Rate settles at the bytes a second, whatever the size of the steps", () => {
  for (const stepMs of [1, 7, 100, 900]) {
    const rate = new Rate(0);
    let measured = 0;
    for (let now = 0; now < 20_000; now += stepMs) {
      rate.add(1_000 * stepMs, now);
      measured = rate.at(now);
    }
    assert.ok(Math.abs(measured - 1_000_000) < 100_000, `${measured} with steps of ${stepMs} ms`);
  }
});

test("Rate fades when nothing comes, and keeps the total", () => {
  const rate = new Rate(0);
  for (let now = 0; now <= 5_000; now += 10) rate.add(1_000, now);
  assert.ok(rate.at(15_000) < 100);
  assert.equal(rate.total, 501_000);
});
