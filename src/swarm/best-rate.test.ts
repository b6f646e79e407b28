import assert from "node:assert/strict";
import { test } from "node:test";
import { BestRate } from "./best-rate.ts";

test("BestRate does not take a burst that had waited for its period for what the link carries", () => {
  const rate = new BestRate();
  for (const latest of [100, 100, 100]) rate.add(latest);
  for (const latest of [0, 200, 100]) rate.add(latest);
  assert.equal(rate.best, 100);
});

test("BestRate does not count what came before the first", () => {
  const rate = new BestRate();
  for (const latest of [0, 0, 0, 90]) rate.add(latest);
  assert.equal(rate.best, 90);
});

test("BestRate forgets a link that became slower little by little", () => {
  const rate = new BestRate();
  for (let period = 0; period < 3; period++) rate.add(100);
  for (let period = 0; period < 60; period++) rate.add(10);
  assert.ok(rate.best < 20, `${rate.best}`);
});
