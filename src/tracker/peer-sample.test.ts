import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../core/index.ts";
import { PeerSample } from "./peer-sample.ts";

test("PeerSample draws as many as asked for and available, none twice, never the asker", () => {
  const sample = new PeerSample(seededRandom(1), 200);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: -2, max: 520 }),
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

// 999 degrees of freedom: chi-square above 1,150 has a chance of 0.0005, and the seed makes the outcome fixed.
test("PeerSample draws each of 1,000 other peers equally often", () => {
  const sample = new PeerSample(seededRandom(20_260), 50);
  const counts = new Float64Array(1001);
  const draws = 20_000;
  const asker = 417;
  for (let draw = 0; draw < draws; draw++) {
    const drawn = sample.draw(1001, asker, 50);
    for (let at = 0; at < drawn; at++) {
      const slot = sample.slots[at] as number;
      counts[slot] = (counts[slot] as number) + 1;
    }
  }
  assert.equal(counts[asker], 0);
  const expected = (draws * 50) / 1000;
  const chiSquare = counts.reduce(
    (sum, count, slot) => sum + (slot === asker ? 0 : (count - expected) ** 2 / expected),
    0,
  );
  assert.ok(chiSquare < 1150, `chi-square ${chiSquare}`);
  assert.ok(chiSquare > 700, `too even to be random: ${chiSquare}`);
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
