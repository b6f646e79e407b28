import assert from "node:assert/strict";
import { test } from "node:test";
import { singleFileLayout } from "./crowd.ts";
import { IDEAL_LINKS } from "./uplink.ts";
import type { LinkCosts } from "./uplink.ts";
import { World } from "./world.ts";

const PIECES = 64;
const PIECE = 65_536;
const BYTES_PER_SECOND = 1_000_000;
const DELAY_MS = 10;

/** How long one machine takes to get everything from another. */
function transferMs(costs: Partial<LinkCosts>): number {
  const layout = singleFileLayout(PIECES * PIECE, PIECE);
  const world = new World({ seed: 1, layout, delayMs: DELAY_MS, checkMs: 1, costs: { ...IDEAL_LINKS, ...costs } });
  const rates = { upBytesPerSecond: BYTES_PER_SECOND, downBytesPerSecond: 2 * BYTES_PER_SECOND };
  const origin = world.addMachine({ ...rates, isOrigin: true });
  const machine = world.addMachine(rates);
  world.link(machine, origin);
  assert.ok(world.run(() => machine.completedAt !== null, 60_000));
  return machine.completedAt ?? NaN;
}

const payloadMs = (PIECES * PIECE * 1_000) / BYTES_PER_SECOND;

test("Uplink sends at its rate and no faster", () => {
  const ms = transferMs({});
  assert.ok(ms > payloadMs && ms < payloadMs * 1.05, `${ms} of ${payloadMs} ms`);
});

test("Uplink sends headers and messages too", () => {
  const headersMs = transferMs({ overheadShare: 0.1 }) - transferMs({});
  assert.ok(Math.abs(headersMs - payloadMs * 0.1) < payloadMs * 0.02, `${headersMs} ms`);
  assert.ok(transferMs({ messageBytes: 100 }) > transferMs({}));
});

test("Uplink sends no less with buffers and a queue, only later", () => {
  const ms = transferMs({ sendBufferBytes: 262_144, queueMs: 50 });
  assert.ok(ms > transferMs({}) && ms < payloadMs * 1.1, `${ms} of ${payloadMs} ms`);
});
