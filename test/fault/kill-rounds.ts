// Rounds of kill -9 over the commands that write or serve something: `create`, `get`, `seed`, `publish`. A round starts a
// real process, kills it at a random moment of its life, looks at what it left, and runs the command again. What must hold
// stands with each victim; what is counted here is what the rounds met. The same seed gives the same moments.

import { performance } from "node:perf_hooks";
import { seededRandom } from "../../src/core/index.ts";
import type { Random } from "../../src/core/index.ts";
import type { Child } from "../processes/child.ts";
import { openCreateVictim } from "./kill-create.ts";
import { openGetVictim } from "./kill-get.ts";
import { openPublishVictim } from "./kill-publish.ts";
import { openSeedVictim } from "./kill-seed.ts";

/** What was there when the process was dead: nothing, something under a working name, or the result itself. */
export type Left = "nothing" | "unfinished" | "finished";

export interface KillOutcome {
  /** False where it had ended before its moment came. */
  readonly killed: boolean;
  readonly left: Left;
  /** Files under working names that a killed process left and the next run removed or went on with. */
  readonly leftovers: number;
}

export interface Victim extends AsyncDisposable {
  /** @throws AssertionError where the kill did harm */
  round(random: Random): Promise<KillOutcome>;
  /** After the last round: what was begun is finished, and checked. Returns what there is to say. */
  finish(): Promise<string>;
}

export const victimNames = ["create", "get", "seed", "publish"] as const;
export type VictimName = (typeof victimNames)[number];

const victims: Readonly<Record<VictimName, () => Promise<Victim>>> = {
  create: openCreateVictim,
  get: openGetVictim,
  seed: openSeedVictim,
  publish: openPublishVictim,
};

export interface KillTally {
  readonly name: VictimName;
  /** Processes that were started to be killed. */
  readonly tries: number;
  readonly killed: number;
  readonly left: Readonly<Record<Left, number>>;
  readonly leftovers: number;
  readonly seconds: number;
  readonly words: string;
}

/** @throws AssertionError, with the round, where one did harm */
export async function runKills(name: VictimName, rounds: number, seed: number): Promise<KillTally> {
  const random = seededRandom(seed);
  const startMs = performance.now();
  await using victim = await victims[name]();
  const left: Record<Left, number> = { nothing: 0, unfinished: 0, finished: 0 };
  let killed = 0;
  let tries = 0;
  let leftovers = 0;
  // One that had ended by itself is not counted among them.
  for (let round = 0; killed < rounds && round < 3 * rounds; round++) {
    tries = round + 1;
    try {
      const outcome = await victim.round(random);
      if (!outcome.killed) continue;
      killed++;
      left[outcome.left]++;
      leftovers += outcome.leftovers;
    } catch (cause) {
      throw new Error(`${name}, round ${round} of seed ${seed}`, { cause });
    }
  }
  const words = await victim.finish();
  return { name, tries, killed, left, leftovers, seconds: (performance.now() - startMs) / 1000, words };
}

/** How long a command lives that nobody kills: moments are drawn from it. It follows what the machine is up to. */
export class LifeSpan {
  #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get ms(): number {
    return this.#ms;
  }

  moment(random: Random, from = 0): number {
    return Math.ceil(this.#ms * from) + random.int(Math.ceil(this.#ms * (1 - from)) + 1);
  }

  /** A run of the same kind that nobody kills: how long it takes now. */
  async measure<T>(run: Promise<T>): Promise<T> {
    const startMs = performance.now();
    const result = await run;
    this.#ms = performance.now() - startMs;
    return result;
  }

  /** Kills the process at that moment. False where it had ended by then. */
  async kill(child: Child, delayMs: number): Promise<boolean> {
    const startMs = performance.now();
    const killed = await killAfter(child, delayMs);
    if (!killed) this.#ms = performance.now() - startMs;
    return killed;
  }
}

/** Kills it so long after its start. False where it had ended by then. */
export async function killAfter(child: Child, delayMs: number): Promise<boolean> {
  const timer = setTimeout(() => child.kill("SIGKILL"), delayMs);
  const code = await child.ended;
  clearTimeout(timer);
  return code === null;
}
