import assert from "node:assert/strict";
import { test } from "node:test";
import { demoReport, demoTable, lowerBound } from "./demo-report.ts";

test("lowerBound() is one copy through the origin's uplink, or all copies through all uplinks", () => {
  assert.equal(lowerBound(20, 1_000, 100), 10);
  assert.equal(lowerBound(1, 1_000, 100), 10);
});

test("demoReport() computes what was not measured from what was, and says so in the table", () => {
  const report = demoReport({
    machines: 3,
    lengthBytes: 1_000,
    uplinkBytesPerSecond: 100,
    swarmSeconds: [10, 11, 12],
    originBytes: 1_000,
    direct: { machines: 2, seconds: 20, sentBytes: 2_000 },
  });
  assert.equal(report.swarm.medianSeconds, 11);
  assert.equal(report.swarm.originCopies, 1);
  assert.ok(Math.abs(report.swarm.shareFromMachines - 2 / 3) < 1e-9);
  assert.equal(report.direct.computedSeconds, 30);
  assert.equal(report.ratioToBound, 1.2);
  const table = demoTable(report);
  assert.match(table, /3 machines: computed/);
  assert.match(table, /measured directly: 2 machines in 20\.0 s/);
});
