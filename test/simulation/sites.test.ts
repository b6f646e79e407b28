import assert from "node:assert/strict";
import { test } from "node:test";
import { singleFileLayout } from "./crowd.ts";
import type { Machine } from "./machine.ts";
import { SiteLink } from "./site-link.ts";
import { World } from "./world.ts";

const SEED = 7;
const LENGTH_BYTES = 64 * 1_048_576;
/** A site's link to the rest, each way. */
const LINK_MBIT = 20;
const BOUND_MS = (LENGTH_BYTES * 8) / (LINK_MBIT * 1_000);
const INSIDE_MBIT = 1_000;
const SITES = 2;
const MACHINES_EACH = 10;

interface SitesCase {
  readonly pieceLengthBytes: number;
  readonly superSeed: boolean;
  readonly originMbit: number;
  /** Called when half of the payload is at the first machine. */
  readonly midway?: (world: World, machines: readonly Machine[]) => void;
}

interface SitesResult {
  readonly lastMs: number;
  readonly copiesIn: readonly number[];
  readonly copiesOut: readonly number[];
  readonly originCopies: number;
}

function rates(mbit: number): { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number } {
  const bytesPerSecond = (mbit * 1e6) / 8;
  return { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond };
}

function killEveryThird(world: World, machines: readonly Machine[]): void {
  for (const machine of machines.filter((_, index) => index % 3 === 0)) world.kill(machine);
}

/** Two sites of ten machines, and an origin outside; everybody knows everybody. */
function run({ pieceLengthBytes, superSeed, originMbit, midway }: SitesCase): SitesResult {
  const layout = singleFileLayout(LENGTH_BYTES, pieceLengthBytes);
  const world = new World({ seed: SEED, layout, delayMs: 5, checkMs: 5 });
  const links = Array.from({ length: SITES }, () => new SiteLink(LINK_MBIT));
  const origin = world.addMachine({ ...rates(originMbit), isOrigin: true, superSeed });
  const machines = links.flatMap((site) =>
    Array.from({ length: MACHINES_EACH }, () => world.addMachine({ ...rates(INSIDE_MBIT), site })),
  );
  for (const [index, machine] of machines.entries()) {
    for (const other of machines.slice(index + 1)) world.link(machine, other);
  }
  for (const machine of machines) world.link(machine, origin);
  let isMidway = false;
  let steps = 0;
  const isOver = (): boolean => {
    if (++steps % 100 !== 0) return false;
    if (!isMidway && (machines[0]?.swarm.haveBytes ?? 0) >= LENGTH_BYTES / 2) {
      isMidway = true;
      midway?.(world, machines);
    }
    return machines.every((machine) => !machine.isAlive || machine.completedAt !== null);
  };
  assert.ok(world.run(isOver, 10 * BOUND_MS), `Every machine completes (seed ${SEED}).`);
  return {
    lastMs: Math.max(...machines.map((machine) => machine.completedAt ?? 0)),
    copiesIn: links.map((link) => link.inBytes / LENGTH_BYTES),
    copiesOut: links.map((link) => link.outBytes / LENGTH_BYTES),
    originCopies: origin.swarm.accounts.uploaded / LENGTH_BYTES,
  };
}

function check(result: SitesResult, timeFactor: number, copiesMax: number): void {
  const told = JSON.stringify({ ...result, bound: BOUND_MS });
  assert.ok(result.lastMs <= timeFactor * BOUND_MS, `The last machine is in time: ${told}`);
  for (const copies of result.copiesIn) assert.ok(copies >= 0.999 && copies <= copiesMax, `Into each site: ${told}`);
  for (const copies of result.copiesOut) assert.ok(copies <= copiesMax, `Out of each site: ${told}`);
}

for (const pieceLengthBytes of [65_536, 262_144]) {
  test(`two sites of ten fetch each piece over their links once from a super-seed, ${pieceLengthBytes} byte pieces`, () => {
    const result = run({ pieceLengthBytes, superSeed: true, originMbit: 100 });
    check(result, 1.1, 1.05);
    assert.ok(result.originCopies <= 1.05, `The origin sends ${result.originCopies} copies.`);
  });
}

test("two sites of ten fetch each piece over their links once from a plain seed", () => {
  check(run({ pieceLengthBytes: 65_536, superSeed: false, originMbit: 100 }), 1.1, 1.05);
});

test("a site goes on when a third of its machines goes down midway", () => {
  check(run({ pieceLengthBytes: 65_536, superSeed: false, originMbit: 100, midway: killEveryThird }), 1.15, 1.1);
});
