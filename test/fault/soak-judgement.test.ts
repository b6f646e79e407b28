// That `npm run soak` can fail: it finds what grows, and is not misled by a saw or by a warm-up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../bench/soak-judgement.ts";
import type { SoakSample } from "../../bench/soak-judgement.ts";

const flat: SoakSample = {
  seconds: 0,
  residentMB: 200,
  heapMB: 20,
  externalMB: 60,
  buffersMB: 50,
  descriptors: 40,
  threads: 12,
  resources: 16,
};

/** Half an hour, a sample each five seconds, of a process that is up and down by 10 MB. */
function run(change: (minute: number) => Partial<SoakSample>): SoakSample[] {
  return Array.from({ length: 360 }, (_, index) => {
    const saw = (index % 7) - 3;
    const sample = {
      ...flat,
      seconds: index * 5,
      residentMB: 200 + saw * 3,
      heapMB: 20 + saw * 3,
      descriptors: 40 + saw,
    };
    return { ...sample, ...change(index / 12) };
  });
}

test("judge() finds nothing in a saw, nor in what grows while it warms up", () => {
  assert.deepEqual(
    judge(
      run(() => ({})),
      { before: flat, after: flat },
    ).findings,
    [],
  );
  const warming = run((minute) => ({ residentMB: minute < 5 ? 100 + minute * 20 : 200 }));
  assert.deepEqual(judge(warming, null).findings, []);
});

for (const [what, change, finding] of [
  [
    "resident memory",
    (minute: number) => ({ residentMB: 200 + minute * 1.5 }),
    /^residentMB climbs by \d+\.\d in 1\d{3} s/,
  ],
  ["the heap", (minute: number) => ({ heapMB: 20 + minute * 0.7 }), /^heapMB climbs by/],
  ["buffers", (minute: number) => ({ buffersMB: 50 + minute * 0.8 }), /^buffersMB climbs by/],
  ["descriptors", (minute: number) => ({ descriptors: 40 + Math.floor(minute / 2) }), /^descriptors grow by/],
  ["threads", (minute: number) => ({ threads: 12 + Math.floor(minute / 2) }), /^threads grow by/],
] as const) {
  test(`judge() finds ${what} that grow`, () => {
    const { findings } = judge(run(change), null);
    assert.equal(findings.length, 1, findings.join());
    assert.match(findings[0] ?? "", finding);
  });
}

test("judge() finds what is still held at rest, and too few samples", () => {
  assert.match(
    judge(
      run(() => ({})),
      { before: flat, after: { ...flat, descriptors: 43 } },
    ).findings[0] ?? "",
    /at rest/,
  );
  assert.match(judge([flat], null).findings[0] ?? "", /only 1 samples/);
});
