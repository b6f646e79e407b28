import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrowd } from "./crowd.ts";
import type { CrowdOptions, CrowdResult } from "./crowd.ts";

const SEED = 7;
const MEBIBYTE = 1_048_576;

/** The crowd that DESIGN measures against: 20 machines, 64 MiB, every uplink 50 Mbit/s, downlinks 100. */
const CROWD: CrowdOptions = {
  seed: SEED,
  machines: 20,
  lengthBytes: 64 * MEBIBYTE,
  pieceLengthBytes: 65_536,
  upMbit: () => 50,
  downMbit: 100,
  delayMs: 1,
  links: 40,
  limitMs: 120_000,
};

function run(options: Partial<CrowdOptions>): CrowdResult {
  const result = runCrowd({ ...CROWD, ...options });
  assert.ok(result.isComplete, `Every machine completes (seed ${SEED}).`);
  return result;
}

test("a crowd of 20 is served within 1.25 of the bound by little more than one copy", () => {
  const { lastMs, boundMs, originCopies, duplicateShare } = run({});
  assert.ok(lastMs >= boundMs, `Nothing is faster than the bound: ${lastMs} of ${boundMs} ms.`);
  assert.ok(lastMs <= 1.25 * boundMs, `The last machine has it after ${lastMs} of ${boundMs} ms.`);
  assert.ok(originCopies >= 1 && originCopies <= 1.05, `The origin sends ${originCopies} copies.`);
  assert.ok(duplicateShare < 0.01, `${duplicateShare} of the bytes are duplicates.`);
});

test("a crowd is no slower with 20 ms of delay each way", () => {
  const { lastMs, boundMs, originCopies } = run({ delayMs: 20 });
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd whose uplinks differ tenfold is not held up by the slow half", () => {
  const { lastMs, boundMs, originCopies } = run({ upMbit: (machine) => (machine < 0 ? 50 : machine % 2 ? 10 : 100) });
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd completes by itself when the origin leaves after one copy", () => {
  const { lastMs, boundMs, originCopies } = run({ originLeaves: true });
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd completes when a third of its machines die midway, and costs the origin little", () => {
  const { lastMs, boundMs, originCopies } = run({ killedShare: 1 / 3 });
  assert.ok(lastMs <= 1.4 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.1, `${originCopies} copies`);
});

test("machines that arrive over 30 seconds get it from those that are there", () => {
  const { medianMs, boundMs, originCopies } = run({ arrivalMs: 30_000 });
  assert.ok(medianMs <= 0.75 * boundMs, `Half of them wait less than ${medianMs} ms.`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd whose origin has a thin uplink is served as fast as that uplink sends one copy", () => {
  const { lastMs, boundMs, originCopies } = run({
    lengthBytes: 8 * MEBIBYTE,
    upMbit: (machine) => (machine < 0 ? 5 : 50),
  });
  assert.ok(lastMs <= 1.1 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.02, `${originCopies} copies`);
});

test("a simulated crowd is reproducible: the same seed gives the same run, another seed another", () => {
  const small = { machines: 8, lengthBytes: 4 * MEBIBYTE };
  assert.deepEqual(run(small), run(small));
  assert.notDeepEqual(run(small), runCrowd({ ...CROWD, ...small, seed: SEED + 1 }));
});
