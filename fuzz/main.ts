// `npm run fuzz -- TARGET|all [--seconds N] [--seed N]`: runs one target, or each in turn for so long, and says how many
// inputs it tried. With `--hex INPUT` it checks that one input. Exit code 1 where something was found.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { seededRandom } from "../src/core/index.ts";
import { Finding, fuzz } from "./driver.ts";
import { targets } from "./targets/index.ts";

const SECONDS_DEFAULT = 10;
const SLOW_MS = 2_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" }, seed: { type: "string" }, hex: { type: "string" } },
});
const [wanted = "all"] = positionals;
const chosen = targets.filter(({ name }) => wanted === "all" || name === wanted);
if (chosen.length === 0) {
  console.error(`No target "${wanted}". There are: all, ${targets.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const seed = Number(values.seed ?? randomInt(2 ** 31));
const seconds = Number(values.seconds ?? SECONDS_DEFAULT);

for (const target of chosen) {
  if (values.hex !== undefined) {
    const isAccepted = await target.check(Buffer.from(values.hex, "hex"), seededRandom(seed));
    console.log(`${target.name}: ${isAccepted ? "accepted" : "refused"}`);
    continue;
  }
  try {
    const { executions, accepted } = await fuzz(target, {
      seed,
      seconds,
      slowMs: SLOW_MS,
    });
    const memory = Math.round(process.memoryUsage.rss() / 1e6);
    console.log(`${target.name}: seed ${seed}, ${executions} executions, ${accepted} accepted, ${memory} MB`);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    console.error(error);
    process.exitCode = 1;
  }
}
for (const target of chosen) await target.close?.();
