import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrowd } from "./crowd.ts";
import type { CrowdResult } from "./crowd.ts";
import { CROWD_CASES, PLAIN } from "./crowd-cases.ts";
import type { CrowdOptions } from "./crowd-cases.ts";
import { SOCKET_LINKS } from "./uplink.ts";

const SEED = 7;
const MEBIBYTE = 1_048_576;

interface Crowd extends CrowdResult {
  readonly lastMs: number;
  readonly medianMs: number;
}

function run(options: Partial<CrowdOptions>): Crowd {
  const result = runCrowd({ ...PLAIN, seed: SEED, limitMs: 120_000, ...options });
  assert.ok(result.isComplete, `Every machine completes (seed ${SEED}).`);
  const { times } = result;
  return { ...result, lastMs: times.at(-1) ?? NaN, medianMs: times[times.length >> 1] ?? NaN };
}

test("a crowd of 20 is served within 1.25 of the bound by little more than one copy", () => {
  const { lastMs, boundMs, originCopies, duplicateShare } = run({});
  assert.ok(lastMs >= boundMs, `Nothing is faster than the bound: ${lastMs} of ${boundMs} ms.`);
  assert.ok(lastMs <= 1.25 * boundMs, `The last machine has it after ${lastMs} of ${boundMs} ms.`);
  assert.ok(originCopies >= 1 && originCopies <= 1.05, `The origin sends ${originCopies} copies.`);
  assert.ok(duplicateShare < 0.01, `${duplicateShare} of the bytes are duplicates.`);
});

// 64 pieces keep the test short and are few: the first and the last pieces' way through the crowd is a large part of it.
test("a crowd of a thousand with 20 links each is served by one copy, within 1.75 of the bound for 64 pieces", () => {
  const thousand = { machines: 1_000, linksSought: 10, linksMax: 30 };
  const { lastMs, boundMs, originCopies, duplicateShare } = run({
    ...thousand,
    sizeBytes: 4 * MEBIBYTE,
    uplinkMbit: 10,
    downlinkMbit: 20,
  });
  assert.ok(lastMs <= 1.75 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
  assert.ok(duplicateShare < 0.05, `${duplicateShare} of the bytes are duplicates.`);
});

test("a crowd is no slower with 40 ms of delay each way", () => {
  const { lastMs, boundMs, originCopies } = run({ delayMs: 40 });
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a few machines far from the origin and from each other fill its uplink, whatever the pieces' length", () => {
  for (const machines of [1, 2, 5]) {
    for (const pieceLengthBytes of [65_536, 262_144]) {
      const { lastMs, boundMs } = run({ machines, pieceLengthBytes, delayMs: 40, costs: SOCKET_LINKS });
      assert.ok(lastMs <= 1.25 * boundMs, `${machines} machines, ${pieceLengthBytes}: ${lastMs} of ${boundMs} ms`);
    }
  }
  const { lastMs, boundMs } = run({ machines: 1, delayMs: 150, sizeBytes: 256 * MEBIBYTE });
  assert.ok(lastMs <= 1.15 * boundMs, `300 ms there and back: ${lastMs} of ${boundMs} ms`);
});

test("a crowd behind the buffers of real sockets is served within 1.25 of the bound", () => {
  const { lastMs, boundMs, originCopies } = run({ costs: SOCKET_LINKS });
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd whose uplinks differ tenfold is not held up by the slow half", () => {
  const { lastMs, boundMs, originCopies } = run(CROWD_CASES["uneven"] ?? {});
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd whose uplinks differ tenfold is not held up by what the sockets of the slow half hold", () => {
  const { lastMs, boundMs, originCopies } = run({ ...CROWD_CASES["uneven"], costs: SOCKET_LINKS });
  assert.ok(lastMs <= 1.5 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.15, `${originCopies} copies`);
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
  const { lastMs, medianMs, boundMs, originCopies } = run({ arrivalMs: 30_000, costs: SOCKET_LINKS });
  assert.ok(medianMs <= 0.75 * boundMs, `Half of them wait less than ${medianMs} ms.`);
  assert.ok(lastMs <= 1.25 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.05, `${originCopies} copies`);
});

test("a crowd whose origin has a thin uplink is served as fast as that uplink sends one copy", () => {
  const { lastMs, boundMs, originCopies } = run({ sizeBytes: 8 * MEBIBYTE, originUplinkMbit: 5 });
  assert.ok(lastMs <= 1.1 * boundMs, `${lastMs} of ${boundMs} ms`);
  assert.ok(originCopies <= 1.02, `${originCopies} copies`);
});

test("a simulated crowd is reproducible: the same seed gives the same run, another seed another", () => {
  const small = { machines: 8, sizeBytes: 4 * MEBIBYTE };
  assert.deepEqual(run(small), run(small));
  assert.notDeepEqual(run(small).times, run({ ...small, seed: SEED + 1 }).times);
});
