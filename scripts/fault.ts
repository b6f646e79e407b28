// `npm run fault -- kill [--rounds N] [--seed N] [--only create,get,seed,publish]`: kill -9 at random moments, N kills in
// all, the same moments for the same seed. `npm run fault -- outage [--seconds N] [--only seed-suspended,…]`: a process is
// suspended, or the cable is out (as root), for a minute. What was measured stands in docs/reference/faults.md.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runKills, victimNames } from "../test/fault/kill-rounds.ts";
import type { KillTally } from "../test/fault/kill-rounds.ts";
import { outageNames, runOutage } from "../test/fault/outage.ts";

const ROUNDS_DEFAULT = 200;
const SECONDS_DEFAULT = 60;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    seed: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string" },
  },
});

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function textOf({ name, tries, killed, left, leftovers, seconds, words }: KillTally): string {
  const found = `nothing ${left.nothing}, unfinished ${left.unfinished}, finished ${left.finished}`;
  return `${name}: ${killed} of ${tries} killed while it ran; found: ${found}; ${leftovers} leftovers; ${seconds.toFixed(0)} s; ${words}`;
}

function chosen<Name extends string>(names: readonly Name[]): readonly Name[] {
  const wanted = values.only?.split(",") ?? names;
  const unknown = wanted.filter((name) => !(names as readonly string[]).includes(name));
  if (unknown.length > 0) fail(`No such case: ${unknown.join(", ")}. There are: ${names.join(", ")}.`);
  return names.filter((name) => wanted.includes(name));
}

async function kill(): Promise<void> {
  const names = chosen(victimNames);
  const rounds = Math.ceil(Number(values.rounds ?? ROUNDS_DEFAULT) / names.length);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  for (const name of names) console.log(textOf(await runKills(name, rounds, seed)));
}

async function outage(): Promise<void> {
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  for (const name of chosen(outageNames)) {
    const { flowsAfterMs, duplicateBytes } = await runOutage(name, seconds * 1000);
    const flows = `bytes flow ${(flowsAfterMs / 1000).toFixed(1)} s after`;
    console.log(`${name} for ${seconds} s: ${flows}, ${duplicateBytes} bytes came twice, whole`);
  }
}

const cases: Readonly<Record<string, () => Promise<void>>> = { kill, outage };
const run = cases[positionals[0] ?? ""];
if (run === undefined) fail(`There are: ${Object.keys(cases).join(", ")}.`);
await run();
