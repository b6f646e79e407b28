// A short run of every fuzz target, always with the same inputs; the long ones are `npm run fuzz`.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fuzz } from "../../fuzz/driver.ts";
import { regressions } from "../../fuzz/regressions.ts";
import { accepts } from "../../fuzz/target.ts";
import { targets } from "../../fuzz/targets/index.ts";
import { seededRandom } from "../../src/core/index.ts";

const EXECUTIONS = 1_500;
/** Of targets that have a whole origin behind them. */
const REQUESTS = 200;

after(async () => {
  for (const target of targets) await target.close?.();
});

for (const target of targets) {
  const executionsMax = target.open === undefined ? EXECUTIONS : REQUESTS;
  test(`${target.name}: its invariant holds for ${executionsMax} damaged inputs`, async () => {
    const { executions, accepted } = await fuzz(target, { seed: 1, executionsMax });
    assert.equal(executions, executionsMax);
    // A target that refuses everything, or nothing, tests nothing.
    assert.ok(accepted > target.corpus.length && accepted < executions, `${accepted} of ${executions} accepted`);
  });
}

for (const { target: name, what, hex } of regressions) {
  test(`${name}: ${what}`, async () => {
    const target = targets.find((candidate) => candidate.name === name);
    assert.ok(target !== undefined);
    await target.check(Buffer.from(hex, "hex"), seededRandom(1));
  });
}

test("an error that is not the decoder's own is a finding, with its seed and input", async () => {
  const broken = {
    name: "broken",
    corpus: [Buffer.from([1, 2, 3])],
    tokens: [],
    isBencoded: false,
    check: (input: Buffer) => accepts(RangeError, () => void (input.length === 2 && input.readUInt8(0).toFixed(-1))),
  };
  assert.equal((await fuzz(broken, { seed: 1, executionsMax: 50 })).executions, 50);
  const careless = { ...broken, check: (input: Buffer) => accepts(SyntaxError, () => void input.readUInt8(2)) };
  await assert.rejects(
    fuzz(careless, { seed: 1, executionsMax: 50 }),
    /careless|broken: seed 1, execution \d+, input [0-9a-f]*/,
  );
});
