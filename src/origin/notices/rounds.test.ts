import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTICES_ROUND_MS, silentLog } from "../../core/index.ts";
import { startRounds } from "./rounds.ts";

/** Lets what was promised happen. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await Promise.resolve();
}

test("rounds come at their interval, never two at once, go on after a failure, and end when they are stopped", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const ends: PromiseWithResolvers<void>[] = [];
  const reasons: unknown[] = [];
  const log = { ...silentLog, write: (_level: string, _event: string, fields?: object) => void reasons.push(fields) };
  const desk = {
    round: () => {
      const end = Promise.withResolvers<void>();
      ends.push(end);
      return end.promise;
    },
  };
  const stop = startRounds(desk, log);
  t.mock.timers.tick(NOTICES_ROUND_MS - 1);
  assert.equal(ends.length, 0);
  t.mock.timers.tick(1);
  t.mock.timers.tick(NOTICES_ROUND_MS);
  assert.equal(ends.length, 1, "the first still runs");
  ends[0]?.reject(new Error("the disk is full"));
  await settled();
  assert.deepEqual(reasons, [{ reason: "the disk is full" }]);
  t.mock.timers.tick(NOTICES_ROUND_MS);
  assert.equal(ends.length, 2);
  let isStopped = false;
  const stopping = stop().then(() => (isStopped = true));
  await settled();
  assert.equal(isStopped, false, "it waits for the round that runs");
  ends[1]?.resolve();
  await stopping;
  t.mock.timers.tick(NOTICES_ROUND_MS);
  assert.equal(ends.length, 2);
});
