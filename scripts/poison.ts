// What liars cost: the time of a download from five honest peers, and from the same five beside five that spoil every block.
// `node_modules/.bin/node --test scripts/poison.ts [runs]`; the figures stand in docs/reference/attacks.md.

import { test } from "node:test";
import { poisonedDownload } from "../test/attack/poisoned-swarm.ts";

const RUNS = 7;
const LENGTH_BYTES = 64_000_001;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

void test("what liars cost", async (t) => {
  const seconds: Record<string, number[]> = { "0": [], "1": [], "5": [] };
  for (let run = 0; run < RUNS; run++) {
    for (const liarCount of [0, 1, 5]) {
      await t.test(`${liarCount} liars`, async (inner) => {
        const result = await poisonedDownload(inner, { honestCount: 5, liarCount, lengthBytes: LENGTH_BYTES });
        seconds[String(liarCount)]?.push(result.seconds);
      });
    }
  }
  for (const [liarCount, times] of Object.entries(seconds)) {
    t.diagnostic(`${liarCount} liars beside 5 honest peers: median ${median(times).toFixed(2)} s of ${RUNS}`);
  }
});
