// The load generator of the tracker bench, a process of its own so that it can be pinned to a core: fills a tracker's
// table, then sends each kind of request for some seconds, and prints what it saw, one JSON line a task. The processor
// time is that of the tracker's process and its own, from the kernel: a request's cost, whatever the generator manages.

import { readFileSync } from "node:fs";
import { AnnouncerCrowd } from "./tracker-crowd.ts";
import { loadHttp } from "./tracker-load-http.ts";
import { UdpLoad } from "./tracker-load-udp.ts";

export type LoadTask = "fill" | "udp-announce" | "udp-scrape" | "http-announce" | "http-announce-close" | "http-scrape";

export interface LoadOptions {
  /** The tracker's process, which is what takes the time … */
  readonly pid: number;
  readonly port: number;
  readonly torrents: number;
  readonly peers: number;
  readonly tasks: readonly LoadTask[];
  /** … for each task but the filling. */
  readonly seconds: number;
}

export interface LoadResult {
  readonly task: LoadTask;
  readonly requests: number;
  readonly replyBytes: number;
  readonly seconds: number;
  /** Processor seconds, user and system. */
  readonly trackerSeconds: number;
  readonly generatorSeconds: number;
}

/** Counts what was answered, once the warm-up is over. */
export class Tally {
  requests = 0;
  bytes = 0;
  isOver = false;

  count(lengthBytes: number): void {
    this.requests++;
    this.bytes += lengthBytes;
  }
}

/** Before the measurement, for the compiler of a tracker that has one. */
const WARM_UP_MS = 1500;
const TICKS_PER_SECOND = 100;

async function run(options: LoadOptions): Promise<void> {
  const crowd = new AnnouncerCrowd(options.torrents, options.peers);
  const isUdp = options.tasks.some((task) => task === "fill" || task.startsWith("udp"));
  using udp = isUdp ? await UdpLoad.connect(options.port, crowd) : null;
  for (const task of options.tasks) {
    const tally = new Tally();
    const start = mark(options.pid);
    const work = perform(task, tally, crowd, udp, options);
    const result = task === "fill" ? work.then(() => seen(task, tally, start, options)) : window(task, tally, options);
    console.log(JSON.stringify(await result));
    tally.isOver = true;
    await work;
  }
}

function perform(
  task: LoadTask,
  tally: Tally,
  crowd: AnnouncerCrowd,
  udp: UdpLoad | null,
  { port }: LoadOptions,
): Promise<void> {
  if (task === "http-announce") return loadHttp(crowd, tally, { port, keepAlive: true, action: "announce" });
  if (task === "http-announce-close") return loadHttp(crowd, tally, { port, keepAlive: false, action: "announce" });
  if (task === "http-scrape") return loadHttp(crowd, tally, { port, keepAlive: true, action: "scrape" });
  if (udp === null) throw new Error("This load needs UDP.");
  if (task === "fill") return udp.fill(tally);
  return task === "udp-announce" ? udp.announce(tally) : udp.scrape(tally);
}

/** What happens within the time that counts. */
async function window(task: LoadTask, tally: Tally, options: LoadOptions): Promise<LoadResult> {
  await later(WARM_UP_MS);
  tally.requests = 0;
  tally.bytes = 0;
  const start = mark(options.pid);
  await later(options.seconds * 1000);
  return seen(task, tally, start, options);
}

interface Mark {
  readonly ms: number;
  readonly trackerSeconds: number;
  readonly generatorSeconds: number;
}

function mark(pid: number): Mark {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), trackerSeconds: processorSeconds(pid), generatorSeconds: (user + system) / 1e6 };
}

function seen(task: LoadTask, tally: Tally, start: Mark, { pid }: LoadOptions): LoadResult {
  const end = mark(pid);
  return {
    task,
    requests: tally.requests,
    replyBytes: tally.bytes / tally.requests,
    seconds: (end.ms - start.ms) / 1000,
    trackerSeconds: end.trackerSeconds - start.trackerSeconds,
    generatorSeconds: end.generatorSeconds - start.generatorSeconds,
  };
}

/** Fields 14 and 15 of proc_pid_stat(5); the name, field 2, may hold anything but ends with the last parenthesis. */
function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? "") as LoadOptions);
