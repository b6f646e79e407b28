// `npm run bench -- NAME`: measures beside the peers that a user would pick instead, in the same run. Installs nothing;
// says what is missing. `--json` prints one object, `--save` writes docs/reference/benchmarks.

import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { UsageError } from "./bench-options.ts";
import type { BenchValues } from "./bench-options.ts";
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
  /** @throws UsageError */
  readonly run: (values: BenchValues) => Promise<Report>;
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
  const lines = Object.entries(benches).map(([known, { usage }]) => usageOf(known, usage));
  refuse(`Which bench?\n${lines.join("\n")}`);
} else {
  try {
    const options = { ...bench.options, json: { type: "boolean" }, save: { type: "boolean" } } as const;
    const { values } = parse(options);
    const report = await bench.run(values);
    if (values["save"] === true) save(report);
    show(report, values["json"] === true);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(`${error.message}\n${usageOf(name, bench.usage)}`);
  }
}

/** @throws UsageError */
function parse(options: Bench["options"]): { readonly values: BenchValues } {
  try {
    return parseArgs({ args, options }) as { values: BenchValues };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function usageOf(known: string, usage: string): string {
  return `npm run bench -- ${known} ${usage} [--json] [--save]`;
}

function refuse(words: string): void {
  console.error(words);
  process.exitCode = 2;
}
