import assert from "node:assert/strict";
import { test } from "node:test";
import { singleFileLayout } from "./crowd.ts";
import { Kind } from "./kind.ts";
import { IDEAL_LINKS, Uplink } from "./uplink.ts";
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

test("Uplink sends no less with buffers and a queue", () => {
  const ms = transferMs({ sendBufferBytes: 262_144, queueMs: 50 });
  assert.ok(ms > payloadMs && ms < payloadMs * 1.05, `${ms} of ${payloadMs} ms`);
});

test("Uplink's news waits behind what the link's queue holds, and not where the link is free", () => {
  const layout = singleFileLayout(PIECES * PIECE, PIECE);
  const world = new World({ seed: 1, layout, delayMs: 0, checkMs: 1 });
  const machine = world.addMachine({ upBytesPerSecond: BYTES_PER_SECOND, downBytesPerSecond: BYTES_PER_SECOND });
  const [near, far] = [world.addMachine(machine.options), world.addMachine(machine.options)];
  const [end, other] = [machine.addEnd(0, 1, true, near), machine.addEnd(2, 3, true, far)];
  const after: number[] = [];
  const uplink = new Uplink({
    bytesPerSecond: BYTES_PER_SECOND,
    roundTripMs: 1_000,
    costs: { ...IDEAL_LINKS, sendBufferBytes: 1_000_000, queueMs: 50 },
    now: () => 0,
    fullFor: () => {},
    deliver: (_end, kind, _a, _b, afterMs) => {
      if (kind === Kind.have) after.push(afterMs);
    },
  });
  uplink.pushMessage(other, Kind.have, 1, 0);
  for (let block = 0; block < 20; block++) uplink.pushBlock(end, block >> 2, (block & 3) * 2);
  uplink.pushMessage(other, Kind.have, 2, 0);
  // What the queue takes, and the block that came last into it.
  const blockMs = (16_384 * 1_000) / BYTES_PER_SECOND;
  assert.deepEqual(after, [0, Math.ceil(50 / blockMs) * blockMs]);
});
