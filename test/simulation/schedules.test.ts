// Random schedules of faults, always the same ones; more of them are `npm run schedules`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { endureDownloader } from "./downloader-schedule.ts";
import type { ScheduleResult, Trace } from "./schedule.ts";
import { endureSmallSwarm } from "./small-swarm-schedule.ts";

const SCHEDULES = 200;

/** Runs the schedules of the seeds from 1 on: how many liars were thrown out. */
function endureAll(endure: (seed: number, trace: Trace) => ScheduleResult): number {
  let banned = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    try {
      banned += endure(seed, null).banned;
    } catch (error) {
      throw new Error(`Schedule of seed ${seed} failed.`, { cause: error });
    }
  }
  return banned;
}

test("Swarm keeps its books through 200 random schedules, and gets whatever an honest peer has", () => {
  assert.ok(endureAll(endureDownloader) > SCHEDULES / 10, "The schedules have liars, and liars are named.");
});

test("a few Swarms with clocks of their own, liars and babblers among them, get every piece through 200 random schedules", () => {
  assert.ok(endureAll(endureSmallSwarm) > SCHEDULES / 10, "The schedules have liars, and liars are named.");
});

test("a schedule does the same again by its seed", () => {
  for (const endure of [endureDownloader, endureSmallSwarm]) {
    const [first, second]: [string[], string[]] = [[], []];
    endure(3, (line) => first.push(line));
    endure(3, (line) => second.push(line));
    assert.ok(first.length > 50);
    assert.deepEqual(first, second);
  }
});
