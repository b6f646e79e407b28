// `npm run bench -- pages`: pages a second of a served origin on one core beside a bare Fastify that sends the same page, and
// while thousands of other connections are idle or trickle a head (slowloris).

import { openSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amountOf, countOf } from "./bench-options.ts";
import { benchFolder, owned } from "./leave-nothing.ts";
import { PAGE_PATH, publishBenchRelease } from "./bench-origin.ts";
import { IdleConnections } from "./idle-connections.ts";
import type { Bench } from "./main.ts";
import { cpuSecondsOf, end, firstLine } from "./processes.ts";
import { alternate, OURS } from "./report.ts";
import type { Contender, Report, Sample } from "./report.ts";
import { runWrk, wrkVersion } from "./wrk.ts";

const CONNECTIONS = 32;
const BARE = "bare Fastify";

interface Case {
  readonly name: string;
  readonly idle: number;
}

export const pages: Bench = {
  usage: "[--seconds N] [--rounds N] [--idle N]",
  options: {
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    idle: { type: "string", default: "10000" },
  },
  run: async (values) => {
    const folder = benchFolder(join(tmpdir(), "upswarm-bench-"));
    try {
      return await run(folder, countOf(values, "seconds"), countOf(values, "rounds"), amountOf(values, "idle"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function run(folder: string, seconds: number, rounds: number, idle: number): Promise<Report> {
  const version = wrkVersion();
  const data = await publishBenchRelease(folder, 1 << 20);
  const page = join(folder, "page.html");
  await keepPage(folder, data, page);
  const many = idle.toLocaleString("en");
  const cases: Case[] = [
    { name: "a release's page", idle: 0 },
    { name: `the same beside ${many} idle and trickling connections`, idle },
  ];
  const contender = (client: string, words: readonly string[]): Contender<Case> => ({
    client,
    runs: ({ idle: others }) => client === OURS || others === 0,
    run: (one) => measure(folder, words, one, seconds),
  });
  return {
    bench: "pages",
    question: `Pages a second of one process on one core, asked for by wrk over ${CONNECTIONS} kept connections on the other, ${seconds} s each, alternating; median (lowest–highest).`,
    metrics: [
      { key: "perCpuSecond", label: "pages a processor second", digits: 0 },
      { key: "perSecond", label: "pages a second", digits: 0 },
      { key: "p99Ms", label: "p99, ms", digits: 1 },
      { key: "busyPercent", label: "server busy %", digits: 0 },
      { key: "open", label: "other connections open", digits: 0 },
      { key: "reopened", label: "cut and opened again", digits: 0 },
    ],
    compare: { metric: "perCpuSecond", better: "higher" },
    rows: await alternate(cases, [contender(OURS, ["site", data]), contender(BARE, ["bare", page])], rounds),
    versions: { wrk: version },
    notes: [
      "Ours is a served origin with its database: it looks whether the catalogue has changed, counts the client's rate and the metrics, sends security headers, and logs each request to a file. The bare one is Fastify as it comes, with one route that sends the same text.",
      "Requests by processor second of the server are what is compared: they hold also where the machine does other work.",
      "Half of the idle connections send nothing and half a byte of a head every 5 s; the server cuts both kinds after 10 s, and they come again.",
    ],
  };
}

/** The page's text as ours sends it, for the bare server. */
async function keepPage(folder: string, data: string, page: string): Promise<void> {
  const server = startServer(folder, ["site", data]);
  try {
    const response = await fetch(`http://127.0.0.1:${await firstLine(server)}${PAGE_PATH}`);
    if (!response.ok) throw new Error(`The page cannot be had: ${response.status}.`);
    writeFileSync(page, await response.text());
  } finally {
    await end(server);
  }
}

function startServer(folder: string, words: readonly string[]): ChildProcess {
  const script = join(import.meta.dirname, "page-server.ts");
  const log = openSync(join(folder, "log"), "w");
  return owned(spawn("taskset", ["-c", "0", process.execPath, script, ...words], { stdio: ["ignore", "pipe", log] }));
}

async function measure(folder: string, words: readonly string[], { idle }: Case, seconds: number): Promise<Sample> {
  const server = startServer(folder, words);
  try {
    const port = Number(await firstLine(server));
    const url = `http://127.0.0.1:${port}${PAGE_PATH}`;
    await using others = new IdleConnections(port);
    await others.open(idle);
    // With idle ones so long that the server begins to cut them while it is measured.
    await runWrk({ url, connections: CONNECTIONS, seconds: idle === 0 ? 1 : 4 });
    const before = cpuSecondsOf(server.pid ?? 0);
    const sample = await runWrk({ url, connections: CONNECTIONS, seconds });
    const spentSeconds = cpuSecondsOf(server.pid ?? 0) - before;
    return {
      ...sample,
      perCpuSecond: ((sample["perSecond"] ?? 0) * seconds) / spentSeconds,
      busyPercent: (100 * spentSeconds) / seconds,
      ...(idle === 0 ? {} : { open: others.openCount, reopened: others.reopened }),
    };
  } finally {
    await end(server);
  }
}
