// `npm run fault -- kill [--rounds N] [--seed N] [--only create,get,seed,publish]`: kill -9 at random moments, N rounds in
// all, the same moments for the same seed. What was measured stands in docs/reference/faults.md.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runKills, victimNames } from "../test/fault/kill-rounds.ts";
import type { KillTally, VictimName } from "../test/fault/kill-rounds.ts";

const ROUNDS_DEFAULT = 200;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
});

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function textOf({ name, rounds, killed, left, leftovers, seconds, words }: KillTally): string {
  const found = `nothing ${left.nothing}, unfinished ${left.unfinished}, finished ${left.finished}`;
  return `${name}: ${rounds} rounds, ${killed} killed while it ran; found: ${found}; ${leftovers} leftovers; ${seconds.toFixed(0)} s; ${words}`;
}

if (positionals[0] !== "kill") fail("There is: kill.");
const names = values.only === undefined ? victimNames : (values.only.split(",") as VictimName[]);
for (const name of names) if (!victimNames.includes(name)) fail(`No such victim: ${name}.`);
const rounds = Math.ceil(Number(values.rounds ?? ROUNDS_DEFAULT) / names.length);
const seed = Number(values.seed ?? randomInt(2 ** 31));
console.log(`seed ${seed}`);
for (const name of names) console.log(textOf(await runKills(name, rounds, seed)));
