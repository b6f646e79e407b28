// A crowd: one origin and many machines that take the same payload at the same time, with what can happen to them.

import { createLayout } from "../../src/metainfo/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import type { Machine } from "./machine.ts";
import { World } from "./world.ts";

const MEBIBYTE = 1_048_576;
/** Connections that a machine accepts beyond those it makes. */
const LINKS_ACCEPTED_FACTOR = 1.5;

export interface CrowdOptions {
  readonly seed: number;
  readonly machines: number;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  /** Mbit/s, by machine; -1 is the origin. */
  readonly upMbit: (machine: number) => number;
  readonly downMbit: number;
  readonly delayMs: number;
  /** Links that a machine makes. */
  readonly links: number;
  /** Machines arrive evenly over this time. */
  readonly arrivalMs?: number;
  /** The origin goes down when every piece is with some machine. */
  readonly originLeaves?: boolean;
  /** Share of the machines that go down when half of the copies are delivered. */
  readonly killedShare?: number;
  readonly limitMs?: number;
}

export interface CrowdResult {
  readonly isComplete: boolean;
  readonly firstMs: number;
  readonly medianMs: number;
  readonly lastMs: number;
  /** What no policy can beat: max(F / origin's uplink, N·F / all uplinks, F / downlink). */
  readonly boundMs: number;
  readonly originCopies: number;
  /** Bytes received for nothing, of those that were of use. */
  readonly duplicateShare: number;
}

export function singleFileLayout(lengthBytes: number, pieceLengthBytes: number): Layout {
  return createLayout({
    isFolder: false,
    pieceLengthBytes,
    placement: "listed",
    entries: [
      { kind: "regular", path: ["update"], lengthBytes, executable: false, symlinkTarget: null, piecesRoot: null },
    ],
  });
}

export function runCrowd(options: CrowdOptions): CrowdResult {
  const { seed, machines: count, lengthBytes, pieceLengthBytes, delayMs } = options;
  const world = new World({ seed, layout: singleFileLayout(lengthBytes, pieceLengthBytes), delayMs, checkMs: 5 });
  const origin = world.addMachine({ ...ratesOf(options, -1), isOrigin: true });
  const crowd: Machine[] = [];
  for (let index = 0; index < count; index++) {
    world.at(((options.arrivalMs ?? 0) * index) / count, () => {
      const machine = world.addMachine(ratesOf(options, index));
      crowd.push(machine);
      connect(world, machine, options.links);
    });
  }
  world.at(0, () => watch(world, origin, crowd, options));
  const left = (): boolean =>
    crowd.length === count && crowd.every((machine) => !machine.isAlive || machine.completedAt !== null);
  let checked = 0;
  const isComplete = world.run(() => ++checked % 1_000 === 0 && left(), options.limitMs ?? 3_600_000);
  return resultOf(world, origin, crowd, options, isComplete);
}

/** Links to random machines, the origin among them, that have room. */
function connect(world: World, machine: Machine, links: number): void {
  const candidates = world.machines.filter((other) => other !== machine && other.isAlive);
  while (candidates.length > 0 && machine.ends.size < links) {
    const [other] = candidates.splice(world.random.int(candidates.length), 1);
    if (other === undefined || other.ends.size >= links * LINKS_ACCEPTED_FACTOR) continue;
    if (!world.isLinked(machine, other)) world.link(machine, other);
  }
}

/** Looks at the crowd every 100 ms and does to it what the options say. */
function watch(world: World, origin: Machine, crowd: Machine[], options: CrowdOptions): void {
  const total = options.lengthBytes * options.machines;
  const delivered = crowd.reduce((sum, machine) => sum + machine.swarm.haveBytes, 0);
  if (options.originLeaves === true && origin.isAlive && isOut(world, crowd)) world.kill(origin);
  if (options.killedShare !== undefined && delivered >= total / 2 && crowd.every((machine) => machine.isAlive)) {
    for (const machine of crowd.slice(0, Math.floor(crowd.length * options.killedShare))) world.kill(machine);
  }
  world.at(world.now + 100, () => watch(world, origin, crowd, options));
}

function isOut(world: World, crowd: Machine[]): boolean {
  for (let piece = 0; piece < world.layout.pieceCount; piece++) {
    if (!crowd.some((machine) => machine.swarm.have.has(piece))) return false;
  }
  return true;
}

function ratesOf(
  options: CrowdOptions,
  machine: number,
): { upBytesPerSecond: number; downBytesPerSecond: number; memoryPieces: number } {
  return {
    upBytesPerSecond: (options.upMbit(machine) * 1e6) / 8,
    downBytesPerSecond: (options.downMbit * 1e6) / 8,
    memoryPieces: Math.floor((48 * MEBIBYTE) / options.pieceLengthBytes),
  };
}

function resultOf(
  world: World,
  origin: Machine,
  crowd: readonly Machine[],
  options: CrowdOptions,
  isComplete: boolean,
): CrowdResult {
  const times = crowd
    .filter((machine) => machine.completedAt !== null)
    .map((machine) => (machine.completedAt ?? 0) - (options.arrivalMs === undefined ? 0 : machine.joinedAt))
    .sort((a, b) => a - b);
  const bits = options.lengthBytes * 8;
  const uplinks = crowd.reduce((sum, _, index) => sum + options.upMbit(index), options.upMbit(-1));
  const mbit = Math.min(options.upMbit(-1), options.downMbit, uplinks / crowd.length);
  const useful = crowd.reduce((sum, machine) => sum + machine.swarm.haveBytes, 0);
  const wasted = crowd.reduce((sum, machine) => sum + machine.swarm.accounts.duplicate, 0);
  return {
    isComplete,
    firstMs: times[0] ?? NaN,
    medianMs: times[times.length >> 1] ?? NaN,
    lastMs: times.at(-1) ?? NaN,
    boundMs: bits / (mbit * 1_000),
    originCopies: origin.swarm.accounts.uploaded / options.lengthBytes,
    duplicateShare: wasted / useful,
  };
}
