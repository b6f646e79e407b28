import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOUNCE_BACKOFF_MAX_MS, ANNOUNCE_TRACKERS_MAX, seededRandom } from "../core/index.ts";
import { TrackerTiers } from "./tracker-tiers.ts";
import type { TierDecision } from "./tracker-tiers.ts";

const reply = { intervalSeconds: 1800, minIntervalSeconds: 60 };
const announce = (url: string, event: string): object => ({ kind: "announce", url, event });
const tiersOf = (...tiers: string[][]): TrackerTiers => new TrackerTiers(tiers, seededRandom(1));

/** Announces once at that time and lets it succeed. */
function succeed(tiers: TrackerTiers, nowMs: number): TierDecision {
  const decision = tiers.next(nowMs);
  tiers.succeeded(nowMs, reply);
  return decision;
}

test("TrackerTiers asks one tracker at a time and comes back after its interval", () => {
  const tiers = tiersOf(["a"], ["b"]);
  assert.deepEqual(tiers.next(0), announce("a", "started"));
  assert.deepEqual(tiers.next(1), { kind: "busy" });
  tiers.succeeded(1000, reply);
  assert.deepEqual(tiers.next(1000), { kind: "wait", untilMs: 1_801_000 });
  assert.deepEqual(tiers.next(1_801_000), announce("a", "none"));
});

test("TrackerTiers goes on to the next tracker on failure and backs off, longer each time, to a limit", () => {
  const tiers = tiersOf(["a"], ["b"]);
  tiers.next(0);
  tiers.failed(0, "refused");
  assert.deepEqual(tiers.next(0), announce("b", "started"));
  tiers.failed(0, "refused");
  let nowMs = 0;
  const waits: number[] = [];
  for (let round = 0; round < 60; round++) {
    let decision = tiers.next(nowMs);
    if (decision.kind === "wait") {
      waits.push(decision.untilMs - nowMs);
      nowMs = decision.untilMs;
      decision = tiers.next(nowMs);
    }
    assert.equal(decision.kind, "announce");
    tiers.failed(nowMs, "refused");
  }
  assert.ok((waits[0] as number) >= 5000);
  assert.ok(Math.max(...waits) <= ANNOUNCE_BACKOFF_MAX_MS * 1.5);
  assert.ok(nowMs > 10 * ANNOUNCE_BACKOFF_MAX_MS);
  assert.ok(tiers.status().every((status) => status.lastError === "refused" && !status.working));
});

test("TrackerTiers moves a tracker that works to the front of its tier", () => {
  const urls = ["a", "b", "c", "d"];
  const tiers = tiersOf(urls);
  const first = tiers.next(0);
  tiers.failed(0, "down");
  const second = succeed(tiers, 0);
  assert.ok(first.kind === "announce" && second.kind === "announce" && first.url !== second.url);
  assert.equal(tiers.status()[0]?.url, second.url);
  assert.deepEqual(tiers.next(1_800_000), announce(second.url, "none"));
});

test("TrackerTiers shuffles within a tier, each order as likely, and never across tiers", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 600; seed++) {
    const urls = new TrackerTiers([["a", "b", "c"], ["z"]], seededRandom(seed)).status().map(({ url }) => url);
    assert.equal(urls[3], "z");
    counts.set(urls.join(""), (counts.get(urls.join("")) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  assert.ok([...counts.values()].every((count) => count > 60 && count < 140));
});

test("TrackerTiers prefers the first tier again once its back-off is over", () => {
  const tiers = tiersOf(["a"], ["b"]);
  tiers.next(0);
  tiers.failed(0, "down");
  succeed(tiers, 0);
  assert.deepEqual(tiers.next(1_800_000), announce("a", "started"));
});

test("TrackerTiers asks earlier for peers, but not before the min interval and not behind a working tracker's back", () => {
  const tiers = tiersOf(["a"], ["b"]);
  succeed(tiers, 0);
  tiers.wantPeers();
  assert.deepEqual(tiers.next(1000), { kind: "wait", untilMs: 60_000 });
  assert.deepEqual(tiers.next(60_000), announce("a", "none"));
});

test("TrackerTiers tells `completed` once, at once, to those that heard `started`, and `stopped` at the end", () => {
  const tiers = tiersOf(["a"], ["b"]);
  succeed(tiers, 0);
  tiers.completed();
  assert.deepEqual(succeed(tiers, 5), announce("a", "completed"));
  assert.equal(tiers.next(6).kind, "wait");
  tiers.stop();
  assert.deepEqual(tiers.next(7), announce("a", "stopped"));
  tiers.succeeded(8, reply);
  assert.deepEqual(tiers.next(9), { kind: "done" });
});

test("TrackerTiers never sends `completed` or `stopped` to a tracker that did not answer `started`", () => {
  const tiers = tiersOf(["a"]);
  tiers.next(0);
  tiers.completed();
  tiers.failed(0, "down");
  assert.equal(tiers.next(0).kind, "wait");
  assert.deepEqual(tiers.next(10_000), announce("a", "started"));
  tiers.failed(10_000, "down");
  tiers.stop();
  assert.deepEqual(tiers.next(20_000), { kind: "done" });
});

test("TrackerTiers does not repeat a `stopped` that failed", () => {
  const tiers = tiersOf(["a"]);
  succeed(tiers, 0);
  tiers.stop();
  assert.deepEqual(tiers.next(1), announce("a", "stopped"));
  tiers.failed(2, "down");
  assert.deepEqual(tiers.next(3), { kind: "done" });
});

test("TrackerTiers obeys `retry in` and gives up a tracker that says never", () => {
  const tiers = tiersOf(["a"]);
  tiers.next(0);
  tiers.failed(0, "busy", 7_200_000);
  assert.deepEqual(tiers.next(1), { kind: "wait", untilMs: 7_200_000 });
  tiers.next(7_200_000);
  tiers.failed(7_200_000, "gone", "never");
  assert.deepEqual(tiers.next(1e12), { kind: "done" });
});

test("TrackerTiers bounds silly intervals and the number of trackers, and counts a repeated URL once", () => {
  const tiers = tiersOf(["a", "a"], ["a"]);
  assert.equal(tiers.status().length, 1);
  tiers.next(0);
  tiers.succeeded(0, { intervalSeconds: 0.001, minIntervalSeconds: -5 });
  assert.deepEqual(tiers.next(1), { kind: "wait", untilMs: 10_000 });
  const many = tiersOf(Array.from({ length: 1000 }, (_, index) => `t${index}`));
  assert.equal(many.status().length, ANNOUNCE_TRACKERS_MAX);
  assert.deepEqual(tiersOf().next(0), { kind: "done" });
});
