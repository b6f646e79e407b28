// `npm run bench -- tracker`: announces and scrapes over UDP and HTTP, and memory, with few and many torrents: ours,
// Debian's opentracker, npm's bittorrent-tracker, and a bare responder. The tracker has one core, the generator the other.
// What is compared is requests by processor second of the tracker, which holds also where the generator is the slower of
// the two; the table shows how busy both were.

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientsOf, countOf, namesOf, textOf, UsageError } from "./bench-options.ts";
import type { Bench } from "./main.ts";
import { end, output, start } from "./processes.ts";
import type { Report, Row, Sample } from "./report.ts";
import type { LoadOptions, LoadResult, LoadTask } from "./tracker-load.ts";
import { canDo, trackerSubjects } from "./tracker-subjects.ts";
import type { Subject } from "./tracker-subjects.ts";

const PORT = 41_900;
/** A tracker that has not taken all peers by then is left out: some take longer for each the more a swarm has. */
const FILL_MS_MAX = 60_000;
const MEASURED: Readonly<Record<Exclude<LoadTask, "fill">, string>> = {
  "udp-announce": "UDP announces",
  "udp-scrape": "UDP scrapes",
  "http-announce": "HTTP announces, connections kept",
  "http-announce-close": "HTTP announces, a connection each",
  "http-scrape": "HTTP scrapes, connections kept",
};

interface Shape {
  readonly torrents: number;
  readonly peers: number;
}

export const tracker: Bench = {
  usage: `[--shapes TORRENTSxPEERS,…] [--tasks ${Object.keys(MEASURED).join(",")}] [--seconds N] [--rounds N] [--clients NAME,…]`,
  options: {
    shapes: { type: "string", default: "1x1000,1000x100000,100000x1000000,1x1000000,1000x1000000" },
    tasks: { type: "string", default: Object.keys(MEASURED).join(",") },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    clients: { type: "string", default: "" },
  },
  run: async (values) => {
    const shapes = textOf(values, "shapes").split(",").map(shapeOf);
    const tasks = namesOf(values, "tasks", Object.keys(MEASURED)) as LoadTask[];
    const subjects = clientsOf(values, trackerSubjects());
    const rows = await measure(shapes, subjects, tasks, countOf(values, "seconds"), countOf(values, "rounds"));
    return reportOf(rows, subjects);
  },
};

async function measure(
  shapes: readonly Shape[],
  subjects: readonly Subject[],
  tasks: readonly LoadTask[],
  seconds: number,
  rounds: number,
): Promise<Row[]> {
  const samples = new Map<string, { case: string; client: string; samples: Sample[] }>();
  for (const shape of shapes) {
    for (let round = 1; round <= rounds; round++) {
      for (const subject of subjects.filter(({ peersMax }) => shape.peers <= peersMax)) {
        process.stderr.write(`${nameOf(shape)}, ${subject.client}, round ${round} of ${rounds}\n`);
        for (const [what, sample] of await run(subject, shape, tasks, seconds)) {
          const name = `${what}; ${nameOf(shape)}`;
          const row = samples.get(`${name} ${subject.client}`) ?? { case: name, client: subject.client, samples: [] };
          samples.set(`${name} ${subject.client}`, row);
          row.samples.push(sample);
        }
      }
    }
  }
  const order = [...new Set([...samples.values()].map((row) => row.case))];
  return [...samples.values()].sort((a, b) => order.indexOf(a.case) - order.indexOf(b.case));
}

/** One process of one tracker: every task's sample, and the memory that its table took, by what was measured. */
async function run(
  subject: Subject,
  shape: Shape,
  tasks: readonly LoadTask[],
  seconds: number,
): Promise<(readonly [string, Sample])[]> {
  const child = await subject.open(PORT, shape.torrents);
  try {
    const found: (readonly [string, Sample])[] = [];
    const load = { pid: child.pid as number, port: PORT, seconds };
    if (!subject.isBare) {
      // One small swarm first, so that what serving costs by itself is not counted as peers.
      await generate({ ...load, torrents: 1, peers: 1000, tasks: ["fill", "udp-announce"] });
      const before = residentBytes(load.pid);
      if (!(await fill({ ...load, ...shape, tasks: ["fill"] }))) {
        process.stderr.write(`left out: it was not filled within ${FILL_MS_MAX / 1000} s\n`);
        return [];
      }
      const bytesPerPeer = (residentBytes(load.pid) - before) / shape.peers;
      if (shape.peers >= 1_000_000) found.push(["memory", { bytesPerPeer }]);
    }
    for (const task of tasks.filter((task) => canDo(subject, task))) {
      for (const result of await generate({ ...load, ...shape, tasks: [task] })) {
        found.push([MEASURED[task as keyof typeof MEASURED], sampleOf(result)]);
      }
    }
    return found;
  } finally {
    await end(child);
  }
}

/** False where it took too long. */
async function fill(options: LoadOptions): Promise<boolean> {
  const child = startGenerator(options);
  const timer = setTimeout(() => child.kill(), FILL_MS_MAX);
  try {
    await output(child);
    return true;
  } catch (error) {
    if (child.signalCode === null) throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function startGenerator(options: LoadOptions): ChildProcess {
  const generator = join(import.meta.dirname, "tracker-load.ts");
  return start("taskset", ["-c", "1", process.execPath, generator, JSON.stringify(options)]);
}

async function generate(options: LoadOptions): Promise<LoadResult[]> {
  const text = await output(startGenerator(options));
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LoadResult);
}

function sampleOf(result: LoadResult): Sample {
  const { requests, seconds, trackerSeconds, generatorSeconds, replyBytes } = result;
  return {
    perCpuSecond: requests / trackerSeconds,
    perSecond: requests / seconds,
    trackerPercent: (100 * trackerSeconds) / seconds,
    generatorPercent: (100 * generatorSeconds) / seconds,
    replyBytes,
  };
}

function reportOf(rows: readonly Row[], subjects: readonly Subject[]): Report {
  return {
    bench: "tracker",
    question:
      "Requests that a tracker answers on one core, with a load generator on the other: 50 peers in an announce's reply where there are as many, ten info-hashes in a scrape; median (lowest–highest).",
    metrics: [
      { key: "perCpuSecond", label: "a processor second", digits: 0 },
      { key: "perSecond", label: "a second", digits: 0 },
      { key: "trackerPercent", label: "tracker busy %", digits: 0 },
      { key: "generatorPercent", label: "generator busy %", digits: 0 },
      { key: "replyBytes", label: "reply bytes", digits: 0 },
      { key: "bytesPerPeer", label: "resident bytes a peer", digits: 0 },
    ],
    compare: { metric: "perCpuSecond", better: "higher" },
    rows,
    versions: Object.fromEntries(
      subjects.filter(({ version }) => version !== "").map((one) => [one.client, one.version]),
    ),
    notes: [
      "Where the generator is the busier one, the rate is its own; requests by processor second of the tracker's process are what is compared. Waking the other core is part of them, and costs most where one of the two often waits.",
      "The bare responder answers with bytes made before: what Node.js's sockets and the kernel cost.",
      "opentracker ends each HTTP connection. bittorrent-tracker keeps 1,000 peers of a swarm as it comes, and is left out of tables beyond 100,000 peers, which take it minutes to fill.",
      "Resident bytes are what the process grew by while the peers announced, after it had served one swarm of 1,000.",
    ],
  };
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

function shapeOf(text: string): Shape {
  const [, torrents, peers] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number);
  if (torrents === undefined || peers === undefined || torrents < 1 || peers < torrents) {
    throw new UsageError(`--shapes ${text}: TORRENTSxPEERS is expected, with at least a peer a torrent.`);
  }
  return { torrents, peers };
}

function nameOf({ torrents, peers }: Shape): string {
  return `${many(torrents, "torrent")}, ${many(peers, "peer")}`;
}

function many(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
