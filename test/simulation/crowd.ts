// A crowd: one origin and many machines that take the same payload at the same time, with what can happen to them.

import type { Random } from "../../src/core/index.ts";
import { createLayout } from "../../src/metainfo/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { boundMs, uplinkMbitOf } from "./crowd-cases.ts";
import type { CrowdOptions } from "./crowd-cases.ts";
import type { Machine, MachineOptions } from "./machine.ts";
import { World } from "./world.ts";

const MEMORY_BYTES = 48 * 1_048_576;
const CHECK_MS = 5;
/** Endpoints that a machine learns of for each link that it seeks: those of the others that are full refuse it. */
const ENDPOINTS_PER_LINK = 10;

export interface CrowdResult {
  readonly isComplete: boolean;
  /** When the machines completed, the earliest first; from their arrival where they arrive over time. */
  readonly times: readonly number[];
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
  const crowd = new Crowd(options);
  const isComplete = crowd.run();
  const { machines, origin } = crowd;
  const times = machines
    .filter((machine) => machine.completedAt !== null)
    .map((machine) => (machine.completedAt ?? 0) - machine.joinedAt)
    .sort((a, b) => a - b);
  const useful = machines.reduce((sum, machine) => sum + machine.swarm.haveBytes, 0);
  const wasted = machines.reduce((sum, machine) => sum + machine.swarm.accounts.duplicate, 0);
  return {
    isComplete,
    times,
    boundMs: boundMs(options),
    originCopies: origin.swarm.accounts.uploaded / options.sizeBytes,
    duplicateShare: wasted / useful,
  };
}

class Crowd {
  readonly machines: Machine[] = [];
  readonly origin: Machine;
  readonly #options: CrowdOptions;
  readonly #world: World;
  /** Machines before this one have completed or are down. */
  #settled = 0;

  constructor(options: CrowdOptions) {
    const { seed, sizeBytes, pieceLengthBytes, delayMs, costs, arrivalMs = 0 } = options;
    this.#options = options;
    const layout = singleFileLayout(sizeBytes, pieceLengthBytes);
    this.#world = new World({ seed, layout, delayMs, checkMs: CHECK_MS, costs });
    this.origin = this.#world.addMachine({ ...this.#machine(-1), isOrigin: true });
    for (let index = 0; index < options.machines; index++) {
      this.#world.at((arrivalMs * index) / options.machines, () => {
        const machine = this.#world.addMachine(this.#machine(index));
        this.machines.push(machine);
        connect(this.#world, machine, options);
      });
    }
    this.#world.at(0, () => this.#watch());
  }

  run(): boolean {
    return this.#world.run(() => this.#isOver(), this.#options.limitMs);
  }

  #isOver(): boolean {
    for (; this.#settled < this.machines.length; this.#settled++) {
      const machine = this.machines[this.#settled];
      if (machine?.isAlive === true && machine.completedAt === null) return false;
    }
    return this.#settled === this.#options.machines;
  }

  /** Looks at the crowd every 100 ms and does to it what the options say. */
  #watch(): void {
    const { machines, origin } = this;
    const { originLeaves, killedShare, sizeBytes } = this.#options;
    if (originLeaves === true && origin.isAlive && this.#isOut()) this.#world.kill(origin);
    if (killedShare !== undefined && machines.every((machine) => machine.isAlive)) {
      const delivered = machines.reduce((sum, machine) => sum + machine.swarm.haveBytes, 0);
      const isMidway = delivered >= (sizeBytes * this.#options.machines) / 2;
      const victims = isMidway ? machines.slice(0, Math.floor(machines.length * killedShare)) : [];
      for (const machine of victims) this.#world.kill(machine);
    }
    this.#world.at(this.#world.now + 100, () => this.#watch());
  }

  /** True where every piece is with some machine. */
  #isOut(): boolean {
    for (let piece = 0; piece < this.#world.layout.pieceCount; piece++) {
      if (!this.machines.some((machine) => machine.swarm.have.has(piece))) return false;
    }
    return true;
  }

  #machine(index: number): MachineOptions {
    const { downlinkMbit, pieceLengthBytes } = this.#options;
    return {
      upBytesPerSecond: (uplinkMbitOf(this.#options, index) * 1e6) / 8,
      downBytesPerSecond: (downlinkMbit * 1e6) / 8,
      memoryPieces: Math.floor(MEMORY_BYTES / pieceLengthBytes),
    };
  }
}

/** Links to machines that the tracker names at random, the origin among them, and that have room. */
function connect(world: World, machine: Machine, options: Pick<CrowdOptions, "linksSought" | "linksMax">): void {
  const { linksSought, linksMax } = options;
  for (const index of sample(world.random, machine.index, linksSought * ENDPOINTS_PER_LINK)) {
    const other = world.machines[index];
    if (machine.ends.size >= linksSought) return;
    if (other?.isAlive === true && other.ends.size < linksMax) world.link(machine, other);
  }
}

/** Up to `count` different numbers below `below`, in random order. */
function sample(random: Random, below: number, count: number): Set<number> {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, below)) chosen.add(random.int(below));
  return chosen;
}
