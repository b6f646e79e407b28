import assert from "node:assert/strict";
import { test } from "node:test";
import { Climb } from "./climb.ts";

const DELAY_MS = 100;

/** So many come promptly at `now`, where `underWay` might be under way and all was. */
function prompt(climb: Climb, count: number, underWay: number, now: number): void {
  for (let one = 0; one < count; one++) climb.came(true, DELAY_MS, underWay, now);
}

test("Climb doubles with each delay in which all that might be under way came promptly", () => {
  const climb = new Climb();
  assert.equal(climb.reach(0), 0);
  for (let [now, underWay] = [0, 16]; underWay < 1_000; now += DELAY_MS, underWay *= 2) {
    prompt(climb, underWay, underWay, now);
    assert.equal(climb.reach(now), 2 * underWay);
  }
});

test("Climb goes back by one with each that stood in a queue, and not below nothing", () => {
  const climb = new Climb();
  prompt(climb, 16, 16, 0);
  for (let late = 0; late < 10; late++) climb.came(false, 300, 32, 10);
  assert.equal(climb.reach(10), 22);
  for (let late = 0; late < 100; late++) climb.came(false, 300, 32, 10);
  assert.equal(climb.reach(10), 0);
  prompt(climb, 1, 4, 20);
  assert.equal(climb.reach(20), 5);
});

test("Climb stays where not all was under way, and goes to twice of that at most", () => {
  const climb = new Climb();
  prompt(climb, 16, 16, 0);
  prompt(climb, 16, 0, 10);
  assert.equal(climb.reach(10), 32);
  prompt(climb, 1_000, 50, 20);
  assert.equal(climb.reach(20), 100);
});

test("Climb is forgotten where nothing came promptly for 300 ms and two delays, and begins anew", () => {
  const climb = new Climb();
  prompt(climb, 16, 16, 0);
  climb.came(false, 300, 32, 499);
  assert.equal(climb.reach(499), 31);
  assert.equal(climb.reach(500), 0);
  prompt(climb, 1, 4, 600);
  assert.equal(climb.reach(600), 5);
});

test("Climb goes by an eighth with each delay once the shortest was measured anew", () => {
  const climb = new Climb();
  climb.goSlowly();
  prompt(climb, 16, 16, 0);
  assert.equal(climb.reach(0), 18);
});
