// `npm run bench -- NAME`: measures beside the peers that a user would pick instead, in the same run. Installs nothing;
// says what is missing. `--json` prints one object, `--save` writes docs/reference/benchmarks.

import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { create } from "./create.ts";
import { crowd } from "./crowd.ts";
import { downloads } from "./downloads.ts";
import { memory } from "./memory.ts";
import { pages } from "./pages.ts";
import { save, show } from "./report.ts";
import type { Report } from "./report.ts";
import { sites } from "./sites.ts";
import { throughput } from "./throughput.ts";
import { tracker } from "./tracker.ts";

/** One bench: its own options, as `parseArgs` takes them, and what it measures. */
export interface Bench {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  readonly run: (values: Readonly<Record<string, string | boolean | undefined>>) => Promise<Report>;
}

const benches: Readonly<Record<string, Bench>> = {
  create,
  crowd,
  downloads,
  memory,
  pages,
  sites,
  throughput,
  tracker,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const lines = Object.entries(benches).map(
    ([known, { usage }]) => `npm run bench -- ${known} ${usage} [--json] [--save]`,
  );
  console.error(`Which bench?\n${lines.join("\n")}`);
  process.exitCode = 2;
} else {
  const options = { ...bench.options, json: { type: "boolean" }, save: { type: "boolean" } } as const;
  const { values } = parseArgs({ args, options });
  const report = await bench.run(values);
  if (values.save === true) save(report);
  show(report, values.json === true);
}
