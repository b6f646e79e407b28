// A few rounds of kill -9 a command, at other moments each time; `npm run fault -- kill` does two hundred.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runKills, victimNames } from "./kill-rounds.ts";

const ROUNDS = { create: 3, get: 3, seed: 2, publish: 2 } as const;

for (const name of victimNames) {
  test(`${name}, killed (-9) at random moments, leaves nothing half-done under a final name, and runs again`, async (t) => {
    const seed = Number(process.env["UPSWARM_TEST_SEED"] ?? Date.now() % 1_000_000);
    t.diagnostic(`UPSWARM_TEST_SEED=${seed}`);
    const { tries, killed, left } = await runKills(name, ROUNDS[name], seed);
    t.diagnostic(`${killed} of ${tries} killed while it ran; found: ${JSON.stringify(left)}`);
    assert.ok(killed > 0 && killed <= ROUNDS[name]);
  });
}
