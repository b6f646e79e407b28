// Runs one target: inputs of its corpus, damaged, one after the other. The same seed gives the same inputs, as many as there
// is time for. What is accepted joins the inputs that are damaged next, so that damage adds up.

import { performance } from "node:perf_hooks";
import { seededRandom } from "../src/core/index.ts";
import type { Random } from "../src/core/index.ts";
import { mutate, mutateValue } from "./mutation.ts";
import type { FuzzTarget } from "./target.ts";

/** Inputs kept beside the corpus; a new one takes the place of a random one. */
const KEPT_MAX = 256;

export interface FuzzLimits {
  readonly seed: number;
  readonly executionsMax?: number;
  readonly seconds?: number;
  /** No input of 64 KiB may take so much of this thread's time: others may keep the machine busy. */
  readonly slowMs?: number;
}

export interface FuzzResult {
  readonly executions: number;
  readonly accepted: number;
}

/** An input that broke the target's invariant. */
export class Finding extends Error {
  readonly input: Buffer;

  constructor(target: string, seed: number, execution: number, input: Buffer, cause: unknown) {
    super(`${target}: seed ${seed}, execution ${execution}, input ${input.toString("hex")}`, { cause });
    this.input = input;
  }
}

/** @throws (later) Finding */
export async function fuzz(target: FuzzTarget, limits: FuzzLimits): Promise<FuzzResult> {
  const { seed, executionsMax = Infinity, seconds = Infinity, slowMs = Infinity } = limits;
  await target.open?.();
  const random = seededRandom(seed);
  const kept: Buffer[] = [...target.corpus];
  const endsAt = performance.now() + seconds * 1_000;
  let accepted = 0;
  let executions = 0;
  for (; executions < executionsMax; executions++) {
    const input = executions < target.corpus.length ? kept[executions] : nextInput(target, kept, random);
    if (input === undefined) break;
    const beganAt = performance.now();
    if (beganAt >= endsAt) break;
    const cpuBeganMs = slowMs === Infinity ? 0 : cpuMs();
    try {
      const outcome = target.check(input, random);
      // Most are synchronous, and millions: waiting for nothing would cost them a tenth.
      if (typeof outcome === "boolean" ? outcome : await outcome) {
        accepted++;
        if (executions >= target.corpus.length) keep(kept, target.corpus.length, input, random);
      } else if (executions < target.corpus.length) throw new Error("An input of the corpus was refused.");
      const tookMs = slowMs === Infinity ? 0 : cpuMs() - cpuBeganMs;
      if (tookMs > slowMs) throw new Error(`It took ${tookMs.toFixed(0)} ms.`);
    } catch (error) {
      throw new Finding(target.name, seed, executions, input, error);
    }
  }
  return { executions, accepted };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function nextInput(target: FuzzTarget, kept: readonly Buffer[], random: Random): Buffer {
  if (target.generate !== undefined && random.int(3) === 0) return target.generate(random);
  // Every other one from the corpus itself: what damage has added up in is mostly short and dull after a while.
  const input = kept[random.int(random.int(2) === 0 ? target.corpus.length : kept.length)] ?? Buffer.alloc(0);
  if (target.mutate !== undefined && random.int(2) === 0) return target.mutate(input, random);
  if (target.isBencoded && random.int(2) === 0) return mutateValue(input, target.tokens, random);
  return mutate(input, kept[random.int(kept.length)] ?? input, target.tokens, random);
}

function keep(kept: Buffer[], corpusCount: number, input: Buffer, random: Random): void {
  if (kept.length < KEPT_MAX) kept.push(input);
  else kept[corpusCount + random.int(KEPT_MAX - corpusCount)] = input;
}
