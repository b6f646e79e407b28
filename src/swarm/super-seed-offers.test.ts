import assert from "node:assert/strict";
import { test } from "node:test";
import { OFFERS_LAST_MS, OFFERS_PER_PEER_MAX, ROUND_TRIP_CLAIMED_MAX_MS } from "../core/index.ts";
import { fetch, layoutOfPieces, offers, Stage } from "./fixture.test.ts";

/** One peer takes each piece as it is shown, so many a millisecond at most: how many it was shown at the end and not served. */
function shownAtRate(piecesPerMs: number, roundTripMs: number): number {
  const stage = new Stage(layoutOfPieces(4_000, 1), { have: new Uint8Array(500).fill(0xff), superSeed: true });
  const anna = Object.assign(stage.join("anna", []), { roundTripMs });
  const shown = offers(stage, "anna");
  for (let now = 1; now <= 2_000; now++) {
    const count = Math.floor(now * piecesPerMs) - Math.floor((now - 1) * piecesPerMs);
    for (const piece of shown.splice(0, count)) fetch(stage, anna, piece, now);
    stage.swarm.tick(now);
    shown.push(...offers(stage, "anna"));
  }
  return shown.length;
}

test("a super-seed shows a peer what it takes until the next can be asked for, on a long path more, and bounded", () => {
  assert.ok(Math.abs(shownAtRate(1, 0) - OFFERS_LAST_MS) <= 2);
  assert.ok(Math.abs(shownAtRate(1, 100) - OFFERS_LAST_MS - 100) <= 2);
  assert.equal(shownAtRate(1, ROUND_TRIP_CLAIMED_MAX_MS), OFFERS_PER_PEER_MAX);
  const claimed = shownAtRate(0.1, 60_000);
  const lasts = 0.1 * (ROUND_TRIP_CLAIMED_MAX_MS + OFFERS_LAST_MS);
  assert.ok(claimed <= 2 * lasts, `Who is slow to speak is shown hardly more for it: ${claimed} pieces.`);
});

/** One peer takes all that it was shown every 300 ms: how many it is shown in the end. */
function shownAfter(roundTrips: number, roundTripMs: number): number {
  const stage = new Stage(layoutOfPieces(4_000, 1), { have: new Uint8Array(500).fill(0xff), superSeed: true });
  const anna = Object.assign(stage.join("anna", []), { roundTripMs });
  for (let now = 300; now <= 300 * roundTrips; now += 300) {
    for (const piece of offers(stage, "anna")) fetch(stage, anna, piece, now);
    stage.swarm.tick(now);
  }
  return offers(stage, "anna").length;
}

test("a super-seed shows a lone peer on a long path twice as much with each round trip", () => {
  const shown = [2, 4, 6, 8].map((roundTrips) => shownAfter(roundTrips, 300));
  assert.ok(
    shown.every((count, index) => index === 0 || count >= 3 * shown[index - 1]! || count === OFFERS_PER_PEER_MAX),
  );
  assert.ok(shown.at(-1)! >= 100, shown.join(" "));
  assert.ok(shownAfter(8, 100) < shown.at(-1)! / 4, "What took three round trips stood in a queue.");
});

test("a super-seed shows no more to a peer that takes the newest and leaves the others", () => {
  for (const roundTripMs of [300, 60_000]) {
    const stage = new Stage(layoutOfPieces(4_000, 1), { have: new Uint8Array(500).fill(0xff), superSeed: true });
    const anna = Object.assign(stage.join("anna", []), { roundTripMs });
    const shown = offers(stage, "anna");
    for (let now = 200; now <= 60_000; now += 200) {
      const newest = shown.pop();
      if (newest !== undefined) fetch(stage, anna, newest, now);
      stage.swarm.tick(now);
      shown.push(...offers(stage, "anna"));
    }
    assert.ok(shown.length <= 60, `${roundTripMs} ms: ${shown.length} pieces shown and left`);
  }
});
