import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../core/index.ts";
import { RarestOrder } from "./rarest-order.ts";

const step = fc.record({
  kind: fc.constantFrom("increment", "decrement", "remove", "restore"),
  piece: fc.integer({ min: 0, max: 19 }),
});

test("RarestOrder picks a rarest wanted piece after any history", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer(), (steps, seed) => {
      const order = new RarestOrder(20);
      const availability = Array.from({ length: 20 }, () => 0);
      const wanted = new Set(Array.from({ length: 20 }, (_, piece) => piece));
      for (const { kind, piece } of steps) {
        if (kind === "increment") availability[piece]!++;
        if (kind === "decrement") availability[piece] = Math.max(0, availability[piece]! - 1);
        if (kind === "remove") wanted.delete(piece);
        if (kind === "restore") wanted.add(piece);
        order[kind as "increment"](piece);
        assert.equal(order.wanted, wanted.size);
      }
      for (let piece = 0; piece < 20; piece++) {
        assert.equal(order.isWanted(piece), wanted.has(piece));
        assert.equal(order.availability(piece), availability[piece]);
      }
      const picked = order.pick(seededRandom(seed), (piece) => piece % 3 !== 0);
      const candidates = [...wanted].filter((piece) => piece % 3 !== 0);
      if (candidates.length === 0) assert.equal(picked, -1);
      else assert.equal(availability[picked], Math.min(...candidates.map((piece) => availability[piece]!)));
    }),
  );
});

test("RarestOrder spreads its picks over equally rare pieces", () => {
  const order = new RarestOrder(8);
  const random = seededRandom(7);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) seen.add(order.pick(random, () => true));
  assert.equal(seen.size, 8);
});

test("RarestOrder counts seeds without touching every piece", () => {
  const order = new RarestOrder(3);
  order.seedCount++;
  order.increment(1);
  assert.deepEqual(
    [0, 1, 2].map((piece) => order.availability(piece)),
    [1, 2, 1],
  );
});
