import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../core/index.ts";
import { PeerSample } from "./peer-sample.ts";

test("PeerSample draws as many as asked for and available, none twice, never the asker", () => {
  const sample = new PeerSample(seededRandom(1), 200);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1500 }),
      fc.integer({ min: -2, max: 1520 }),
      fc.integer({ min: 0, max: 300 }),
      (below, except, size) => {
        const drawn = sample.draw(below, except, size);
        const chosen = [...sample.slots.subarray(0, drawn)];
        const available = except >= 0 && except < below ? below - 1 : below;
        assert.equal(drawn, Math.min(size, available, 200));
        assert.equal(new Set(chosen).size, drawn);
        assert.ok(chosen.every((slot) => slot >= 0 && slot < below && slot !== except));
      },
    ),
  );
});

/** How often each of [0, below) was among the first `counted` of so many draws. */
function frequencies(below: number, asker: number, size: number, draws: number, counted: number = size): Float64Array {
  const sample = new PeerSample(seededRandom(20_260 + asker + size), 200);
  const counts = new Float64Array(below);
  for (let draw = 0; draw < draws; draw++) {
    assert.equal(sample.draw(below, asker, size), size);
    for (const slot of sample.slots.subarray(0, counted)) counts[slot] = (counts[slot] as number) + 1;
  }
  return counts;
}

// 999 degrees of freedom: chi-square above 1,150 has a chance of 0.0005, and the seed makes the outcome fixed.
test("PeerSample draws each of 1,000 other peers equally often, one by one", () => {
  const asker = 417;
  const counts = frequencies(1001, asker, 30, 33_000);
  assert.equal(counts[asker], 0);
  const expected = 990;
  const chiSquare = counts.reduce(
    (sum, count, slot) => sum + (slot === asker ? 0 : (count - expected) ** 2 / expected),
    0,
  );
  assert.ok(chiSquare < 1150, `chi-square ${chiSquare}`);
  assert.ok(chiSquare > 700, `too even to be random: ${chiSquare}`);
});

// Members of a group come together, so each peer is looked at alone: beyond 4.5 standard deviations of its binomial count
// is one of 150,000. The ends of the range, the asker's group and who stands in for it are where it could be uneven.
for (const [below, asker, size] of [
  [1000, 417, 50],
  [1001, -1, 50],
  [1002, 0, 53],
  [1003, 1002, 48],
  [260, 258, 199],
] as const) {
  test(`PeerSample draws each peer equally often, in groups: ${size} of ${below} for the peer at ${asker}`, () => {
    const draws = 40_000;
    const others = asker === -1 ? below : below - 1;
    for (const counted of [size, 10]) {
      const chance = counted / others;
      const deviation = Math.sqrt(draws * chance * (1 - chance));
      frequencies(below, asker, size, draws, counted).forEach((count, slot) => {
        if (slot === asker) assert.equal(count, 0);
        else assert.ok(Math.abs(count - draws * chance) < 4.5 * deviation, `${slot} of ${below}: ${count}`);
      });
    }
  });
}

test("PeerSample tells of at least 13 groups in 50 peers: who joins in a row does not fill a reply", () => {
  const sample = new PeerSample(seededRandom(3), 200);
  for (let below = 300; below < 1300; below++) {
    sample.draw(below, below % 7, 50);
    const groups = new Set([...sample.slots.subarray(0, 50)].map((slot) => slot >> 2));
    assert.ok(groups.size >= 13, `${groups.size} of ${below}`);
    const first = new Set([...sample.slots.subarray(0, 10)].map((slot) => slot >> 2));
    assert.ok(first.size >= 8, `the first ten are of ${first.size} groups`);
  }
});

test("PeerSample draws pairs of peers equally often: neighbours are not told together", () => {
  const sample = new PeerSample(seededRandom(5), 2);
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 15_000; draw++) {
    sample.draw(6, -1, 2);
    const pair = `${Math.min(...sample.slots)} ${Math.max(...sample.slots)}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  assert.equal(counts.size, 15);
  assert.ok([...counts.values()].every((count) => count > 850 && count < 1150));
});
