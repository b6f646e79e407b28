// The clients of the throughput bench: how each seeds and downloads one payload on loopback.

import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  end,
  firstLine,
  libtorrentVersion,
  npmPeer,
  output,
  PYTHON,
  start,
  startOurs,
  upswarm,
  versionOf,
  watch,
} from "./processes.ts";
import { type Contender, OURS, type Sample } from "./report.ts";

export interface Transfer {
  readonly name: string;
  readonly format: string;
  readonly seeds: number;
  readonly downloaders: number;
  readonly torrent: string;
  readonly payload: string;
  readonly folder: string;
  readonly sizeBytes: number;
}

export interface ThroughputPeer extends Contender<Transfer> {
  readonly version: string;
}

const SEED_PORT = 41_850;
const TRACKER_PORT = 41_840;

/** How one client takes part. `get` ends by itself and prints its seconds first, where it knows them. */
interface Way {
  readonly before?: (transfer: Transfer) => Promise<ChildProcess>;
  /** Prints a line when it is ready. */
  readonly seed: (transfer: Transfer, port: number) => ChildProcess;
  readonly get: (transfer: Transfer, target: string, ports: readonly number[]) => ChildProcess;
  /** Null where the client does not tell: it is timed from the first bytes that it writes. */
  readonly secondsOf: ((printed: string) => number) | null;
}

export function throughputPeers(): ThroughputPeer[] {
  const peers: ThroughputPeer[] = [];
  const add = (client: string, version: string | null, runs: (transfer: Transfer) => boolean, way: Way): void => {
    if (version !== null) peers.push({ client, version, runs, run: (transfer) => run(way, transfer) });
  };
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const libtorrent = libtorrentVersion();
  add(OURS, version, () => true, ours);
  add("libtorrent", libtorrent, () => true, libtorrentWay("plain"));
  add(
    "libtorrent, high_performance_seed",
    libtorrent,
    ({ seeds, downloaders }) => seeds + downloaders === 2,
    libtorrentWay("tuned"),
  );
  add("aria2", versionOf(["aria2c", "--version"], /aria2 version (\S+)/, "apt-get install aria2"), isPlainV1, aria2);
  const webtorrent = npmPeer("webtorrent");
  add("WebTorrent", webtorrent?.version ?? null, isPlainV1, webtorrentWay(webtorrent?.folder ?? ""));
  return peers;
}

function isPlainV1({ format, seeds, downloaders }: Transfer): boolean {
  return format === "v1" && seeds + downloaders === 2;
}

async function run(way: Way, transfer: Transfer): Promise<Sample> {
  const { sizeBytes, downloaders } = transfer;
  const helper = (await way.before?.(transfer)) ?? null;
  const ports = Array.from({ length: transfer.seeds }, (_, index) => SEED_PORT + index);
  const seeds = ports.map((port) => way.seed(transfer, port));
  const watches = seeds.map((seed) => watch(seed));
  const targets = Array.from({ length: downloaders }, (_, index) => join(transfer.folder, `target-${index}`));
  const delays = targets.map((target) => `${target}.delay`);
  try {
    await Promise.all(seeds.map(firstLine));
    const ends = targets.map(async (target) => {
      mkdirSync(target);
      const child = way.get(transfer, target, ports);
      const spent = watch(child);
      const begin = way.secondsOf === null ? firstBytes(target) : null;
      const printed = await output(child);
      const seconds = begin === null ? way.secondsOf?.(printed) : (performance.now() - (await begin)) / 1_000;
      return { seconds: seconds ?? Number.NaN, ...spent() };
    });
    const done = await Promise.all(ends);
    const bySeeds = watches.map((spent) => spent());
    const loopDelays = delays.filter((path) => existsSync(path)).map((path) => Number(readFileSync(path, "utf8")));
    return {
      mbPerSecond: (downloaders * sizeBytes) / 1e6 / Math.max(...done.map(({ seconds }) => seconds)),
      residentMB: Math.max(...done.map(({ residentMB }) => residentMB)),
      anonymousMB: Math.max(...done.map(({ anonymousMB }) => anonymousMB)),
      seedResidentMB: Math.max(...bySeeds.map(({ residentMB }) => residentMB)),
      seedAnonymousMB: Math.max(...bySeeds.map(({ anonymousMB }) => anonymousMB)),
      cpuSeconds: [...done, ...bySeeds].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      ...(loopDelays.length > 0 ? { loopDelayP99Ms: Math.max(...loopDelays) } : {}),
    };
  } finally {
    for (const spent of watches) spent();
    await Promise.all([...seeds, ...(helper === null ? [] : [helper])].map(end));
    for (const path of [...targets, ...delays]) rmSync(path, { recursive: true, force: true });
  }
}

/** When the first file in the folder has bytes. */
function firstBytes(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const file = readdirSync(folder).find((name) => name.endsWith(".bin"));
      if (file === undefined || statSync(join(folder, file)).blocks === 0) return;
      clearInterval(timer);
      resolve(performance.now());
    }, 5);
  });
}

const ours: Way = {
  seed: ({ torrent, payload }, port) =>
    startOurs("seed", torrent, payload, "--no-verify", "--listen", `127.0.0.1:${port}`, "--json"),
  get: ({ torrent }, target, ports) => {
    const peers = ports.flatMap((port) => ["--peer", `127.0.0.1:${port}`]);
    const meter = ["--import", join(import.meta.dirname, "loop-delay.js"), upswarm];
    const args = [...meter, "get", torrent, "-o", target, "--listen", "127.0.0.1:0", ...peers, "--json"];
    return start(process.execPath, args, { UPSWARM_BENCH_LOOP_DELAY: `${target}.delay` });
  },
  secondsOf: (printed) => (JSON.parse(printed) as { seconds: number }).seconds,
};

function libtorrentWay(settings: "plain" | "tuned"): Way {
  const script = join(import.meta.dirname, "libtorrent-peer.py");
  return {
    seed: ({ torrent, payload }, port) =>
      start(PYTHON, [script, "seed", settings, torrent, dirname(payload), String(port)]),
    get: ({ torrent }, target, ports) =>
      start(PYTHON, [script, "get", settings, torrent, target, ...ports.map(String)]),
    secondsOf: Number,
  };
}

/** aria2 takes no peer’s address on the command line, so it gets a tracker: ours. */
async function tracker(): Promise<ChildProcess> {
  const child = startOurs("tracker", "--http", `127.0.0.1:${TRACKER_PORT}`, "--json");
  await firstLine(child);
  return child;
}
const ANNOUNCE = `http://127.0.0.1:${TRACKER_PORT}/announce`;

const aria2: Way = {
  before: tracker,
  seed: ({ torrent, payload }, port) => {
    const unchecked = ["--bt-seed-unverified=true", "--seed-ratio=0.0", "--quiet=false", "--console-log-level=notice"];
    return start("aria2c", [...aria2Words(dirname(payload), port), ...unchecked, torrent]);
  },
  get: ({ torrent }, target) =>
    start("aria2c", [...aria2Words(target, SEED_PORT + 1), "--seed-time=0", "--quiet=true", torrent]),
  secondsOf: null,
};

function aria2Words(folder: string, port: number): string[] {
  const quietly = [
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=false",
  ];
  const fast = ["--file-allocation=none", "--bt-tracker-interval=1", "--summary-interval=0", "--no-conf=true"];
  return [
    `--dir=${folder}`,
    `--listen-port=${port}`,
    `--bt-tracker=${ANNOUNCE}`,
    "--interface=127.0.0.1",
    ...quietly,
    ...fast,
  ];
}

function webtorrentWay(module: string): Way {
  const script = join(import.meta.dirname, "webtorrent-peer.js");
  const node = process.execPath;
  return {
    seed: ({ torrent, payload }, port) =>
      start(node, [script, module, "seed", torrent, dirname(payload), String(port)]),
    get: ({ torrent }, target, ports) => start(node, [script, module, "get", torrent, target, ...ports.map(String)]),
    secondsOf: Number,
  };
}
