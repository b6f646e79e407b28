// `npm run schedules`: the decisions of a swarm under random schedules of loss, disorder, lies, churn and wrong clocks, with
// every invariant checked after each step. Two kinds: one Swarm among peers that follow no policy but chance
// (`downloader`), and a few Swarms with each other (`swarm`). Exit code 1 where a schedule failed.
// Examples: npm run schedules -- --schedules 10000 --seed 1
//           npm run schedules -- --replay 2483 --kind swarm

import { randomInt } from "node:crypto";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { endureDownloader } from "../test/simulation/downloader-schedule.ts";
import type { ScheduleResult, Trace } from "../test/simulation/schedule.ts";
import { endureSmallSwarm } from "../test/simulation/small-swarm-schedule.ts";

const SCHEDULES_DEFAULT = 10_000;
const PROGRESS_EVERY = 500;
/** More say nothing new. */
const FAILURES_MAX = 10;

const kinds: Readonly<Record<string, (seed: number, trace: Trace) => ScheduleResult>> = {
  downloader: endureDownloader,
  swarm: endureSmallSwarm,
};

const { values } = parseArgs({
  options: {
    /** Of each kind */
    schedules: { type: "string" },
    /** The first one; a random one where it is not given */
    seed: { type: "string" },
    kind: { type: "string" },
    /** Prints each step of this seed's schedule */
    replay: { type: "string" },
  },
});

const wanted = Object.keys(kinds).filter((kind) => values.kind === undefined || kind === values.kind);
if (wanted.length === 0) {
  console.error(`No such kind: ${values.kind}. There are ${Object.keys(kinds).join(", ")}.`);
  process.exit(2);
}
if (values.replay === undefined) runAll();
else for (const kind of wanted) replay(kind, Number(values.replay));

function replay(kind: string, seed: number): void {
  let line = 0;
  console.log(`${kind}, seed ${seed}`);
  try {
    const result = kinds[kind]?.(seed, (text) => console.log(`${++line}`.padStart(6), text));
    console.log(`It holds: ${result?.steps} steps.`);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

function runAll(): void {
  const count = Number(values.schedules ?? SCHEDULES_DEFAULT);
  const first = Number(values.seed ?? randomInt(2 ** 31));
  for (const kind of wanted) run(kind, first, count);
}

function run(kind: string, first: number, count: number): void {
  const beganAt = performance.now();
  let [steps, banned, failures, done] = [0, 0, 0, 0];
  for (; done < count && failures < FAILURES_MAX; done++) {
    const seed = first + done;
    try {
      const result = kinds[kind]?.(seed, null);
      steps += result?.steps ?? 0;
      banned += result?.banned ?? 0;
    } catch (error) {
      failures++;
      console.error(`${kind}: seed ${seed} failed; npm run schedules -- --kind ${kind} --replay ${seed}`);
      console.error(error);
    }
    if ((done + 1) % PROGRESS_EVERY === 0) console.log(`${kind}: ${done + 1} of ${count}, ${failures} failed`);
  }
  const seconds = Math.round((performance.now() - beganAt) / 1_000);
  const memory = Math.round(process.memoryUsage.rss() / 1e6);
  const range = `seeds ${first} to ${first + done - 1}`;
  console.log(
    `${kind}: ${range}, ${steps} steps, ${banned} liars thrown out, ${failures} failed, ${seconds} s, ${memory} MB`,
  );
  if (failures > 0) process.exitCode = 1;
}
