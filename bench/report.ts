// What every bench gives back, and how it is shown: samples by case and client, a table with median, spread and ratio,
// one JSON object, and the saved results of the last run beside docs/reference/benchmarks.md.
//
// Invariant: a table is made from the samples alone, so what the documents show can be made again from what was saved.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";

export interface Metric {
  /** The key in a sample. */
  readonly key: string;
  /** With its unit, as the table's head shows it. */
  readonly label: string;
  readonly digits: number;
}

/** What one run of one client measured, by metric. */
export type Sample = Readonly<Record<string, number>>;

export interface Row {
  readonly case: string;
  readonly client: string;
  readonly samples: readonly Sample[];
}

export interface Report {
  readonly bench: string;
  /** What is measured, in a sentence or two. */
  readonly question: string;
  readonly metrics: readonly Metric[];
  /** Ours against each peer in this metric; null where nothing is compared. */
  readonly compare: { readonly metric: string; readonly better: "higher" | "lower" } | null;
  readonly rows: readonly Row[];
  /** Program and version of each client. */
  readonly versions: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export const OURS = "Upswarm";

export interface Contender<Case> {
  readonly client: string;
  readonly runs: (one: Case) => boolean;
  readonly run: (one: Case) => Promise<Sample>;
}

/** Each case's contenders one after the other, `rounds` times over, so that a drift of the machine meets all alike. */
export async function alternate<Case extends { readonly name: string }>(
  cases: readonly Case[],
  contenders: readonly Contender<Case>[],
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const one of cases) {
    const present = contenders
      .filter((contender) => contender.runs(one))
      .map((by) => ({ by, samples: [] as Sample[] }));
    for (let round = 1; round <= rounds; round++) {
      for (const { by, samples } of present) {
        process.stderr.write(`${one.name}, ${by.client}, round ${round} of ${rounds}\n`);
        samples.push(await by.run(one));
      }
    }
    rows.push(...present.map(({ by, samples }) => ({ case: one.name, client: by.client, samples })));
  }
  return rows;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function table(report: Report): string {
  const { metrics, compare, rows } = report;
  const heads = [
    "case",
    "client",
    ...metrics.map(({ label }) => label),
    ...(compare === null ? [] : ["ours : theirs"]),
  ];
  const lines = [heads, heads.map(() => "---")];
  for (const row of rows) {
    const cells = metrics.map((metric) => spread(row.samples, metric));
    lines.push([row.case, row.client, ...cells, ...(compare === null ? [] : [ratio(report, row)])]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** How many times as good ours is, by the medians, in the metric that is compared. */
function ratio({ compare, rows }: Report, row: Row): string {
  const ours = rows.find(({ case: name, client }) => name === row.case && client === OURS);
  if (compare === null || ours === undefined || row.client === OURS) return "";
  const [mine, theirs] = [ours, row].map(({ samples }) => median(valuesOf(samples, compare.metric)));
  if (mine === undefined || theirs === undefined || !(mine > 0) || !(theirs > 0)) return "–";
  return (compare.better === "higher" ? mine / theirs : theirs / mine).toFixed(2);
}

function spread(samples: readonly Sample[], { key, digits }: Metric): string {
  const values = valuesOf(samples, key);
  if (values.length === 0) return "–";
  const middle = median(values).toFixed(digits);
  if (values.length === 1) return middle;
  return `${middle} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}

function valuesOf(samples: readonly Sample[], key: string): number[] {
  return samples.map((sample) => sample[key]).filter((value) => value !== undefined);
}

export function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.versions.node,
  };
}

export function show(report: Report, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify({ ...report, machine: machine() }));
    return;
  }
  console.log(`${report.question}\n\n${table(report)}`);
  for (const note of report.notes) console.log(`- ${note}`);
}

const reference = join(import.meta.dirname, "..", "docs", "reference");

interface Saved extends Report {
  readonly date: string;
  readonly machine: Readonly<Record<string, string | number>>;
}

/**
 * Writes the samples to docs/reference/benchmarks/NAME.json and the table between its markers in benchmarks.md. What was
 * saved before on such a machine and was not measured now stays, so that a long bench can be run in parts.
 */
export function save(report: Report): void {
  mkdirSync(join(reference, "benchmarks"), { recursive: true });
  const file = join(reference, "benchmarks", `${report.bench}.json`);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Saved) : null;
  const here = machine();
  const isSame = before !== null && before.machine["cpu"] === here["cpu"] && before.machine["node"] === here["node"];
  const isKept = (row: Row): boolean => !report.rows.some((one) => one.case === row.case && one.client === row.client);
  const kept = isSame ? before.rows.filter(isKept) : [];
  const versions = { ...(isSame ? before.versions : {}), ...report.versions };
  const rows = inCases([...kept, ...report.rows]);
  const saved: Saved = { ...report, rows, versions, date: new Date().toISOString().slice(0, 10), machine: here };
  writeFileSync(file, `${JSON.stringify(saved, null, 2)}\n`);
  const page = join(reference, "benchmarks.md");
  const [open, close] = [`<!-- ${report.bench}: made by the bench -->`, `<!-- end of ${report.bench} -->`];
  const text = readFileSync(page, "utf8");
  const begin = text.indexOf(open);
  const end = text.indexOf(close);
  if (begin === -1 || end < begin) {
    throw new Error(`${page} lacks the lines “${open}” and “${close}”; add them where the table goes.`);
  }
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [report.question, "", table(saved), "", `${saved.date}; ${programs.join(", ")}.`];
  if (report.notes.length > 0) lines.push("", ...report.notes.map((note) => `- ${note}`));
  writeFileSync(page, `${text.slice(0, begin)}${open}\n\n${lines.join("\n")}\n\n${text.slice(end)}`);
}

/** The rows of each case together, in the order in which the cases first appear. */
function inCases(rows: readonly Row[]): Row[] {
  return [...Map.groupBy(rows, (row) => row.case).values()].flat();
}
