// `npm run bench -- sites`: an origin outside and sites of machines, each site behind one slow link, all waiting when the
// origin appears: seconds to the last machine against the bound of that link, and the bytes over it in copies.
// The bound is one copy of the payload through one site's link, without any header.

import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { amountOf, countOf, namesOf, textOf } from "./bench-options.ts";
import type { BenchValues } from "./bench-options.ts";
import { benchFolder } from "./leave-nothing.ts";
import type { Bench } from "./main.ts";
import { fillFile } from "./payload.ts";
import { end, firstLine, libtorrentVersion, output, PYTHON, start, upswarm } from "./processes.ts";
import { alternate, OURS, type Report, type Sample } from "./report.ts";
import { CORE_ADDRESS, SiteLab, type SiteLinks } from "./site-lab.ts";

interface SitesCase extends SiteLinks {
  readonly name: string;
  readonly sizeBytes: number;
}

/** After the last machine is known to the tracker: it connects to the others. */
const SETTLE_MS = 1_500;
/** libtorrent does not say when it has announced. */
const LIBTORRENT_ANNOUNCE_MS = 3_000;
const libtorrentScript = join(import.meta.dirname, "libtorrent-crowd.py");

export const sites: Bench = {
  usage: "[--machines N a site] [--sites N] [--size MiB] [--site-mbit N] [--rounds N] [--clients NAME,…]",
  options: {
    machines: { type: "string", default: "10" },
    sites: { type: "string", default: "2" },
    size: { type: "string", default: "64" },
    "site-mbit": { type: "string", default: "20" },
    "origin-mbit": { type: "string", default: "100" },
    delay: { type: "string", default: "0" },
    "piece-length": { type: "string", default: "64KiB" },
    rounds: { type: "string", default: "1" },
    clients: { type: "string", default: "" },
  },
  run: async (values) => {
    const count = (key: string): number => countOf(values, key);
    const links = { sites: count("sites"), machinesEach: count("machines"), siteMbit: count("site-mbit") };
    const one: SitesCase = {
      ...links,
      name: `${links.sites} sites of ${links.machinesEach}`,
      originMbit: count("origin-mbit"),
      delayMs: amountOf(values, "delay"),
      sizeBytes: count("size") * 1_048_576,
    };
    return await measure(one, values);
  },
};

async function measure(one: SitesCase, values: BenchValues): Promise<Report> {
  const pieceLength = textOf(values, "piece-length");
  const rounds = countOf(values, "rounds");
  const libtorrent = libtorrentVersion();
  const versions = { [OURS]: "this tree", ...(libtorrent === null ? {} : { libtorrent }) };
  const contenders = namesOf(values, "clients", Object.keys(versions)).map((client) => ({
    client,
    runs: () => true,
    run: async (sitesCase: SitesCase) => await runOnce(client, sitesCase, pieceLength),
  }));
  return {
    bench: "sites",
    question:
      `An origin (${one.originMbit} Mbit/s) and ${one.name} machines; each site's link to the rest carries ` +
      `${one.siteMbit} Mbit/s each way, 1 Gbit/s inside; ${one.sizeBytes / 1_048_576} MiB in pieces of ${pieceLength}. ` +
      `The bound is ${boundSeconds(one).toFixed(1)} s: one copy through a site's link.`,
    metrics: [
      { key: "lastSeconds", label: "last machine, s", digits: 1 },
      { key: "againstBound", label: "against the bound", digits: 2 },
      { key: "copiesIn", label: "into a site, copies", digits: 2 },
      { key: "copiesOut", label: "out of a site, copies", digits: 2 },
      { key: "originCopies", label: "origin's link, copies", digits: 2 },
    ],
    compare: { metric: "lastSeconds", better: "lower" },
    rows: await alternate([one], contenders, rounds),
    versions,
    notes: [
      "Copies are bytes of packets, headers and acknowledgements included, of the site that has more, from the origin's start to the last machine's end.",
      "All machines run and have announced when the origin appears. Both clients have local discovery switched on.",
    ],
  };
}

function boundSeconds({ sizeBytes, siteMbit }: SitesCase): number {
  return (sizeBytes * 8) / (siteMbit * 1e6);
}

async function runOnce(client: string, one: SitesCase, pieceLength: string): Promise<Sample> {
  const folder = benchFolder("/dev/shm/upswarm-sites-");
  const children: ChildProcess[] = [];
  using lab = new SiteLab(one);
  const launch = (host: number | "core", words: readonly string[], settings: NodeJS.ProcessEnv = {}): ChildProcess => {
    const [command = "", ...args] = lab.on(host, words);
    const child = start(command, args, settings);
    children.push(child);
    return child;
  };
  try {
    const payload = join(folder, "payload.bin");
    fillFile(payload, one.sizeBytes);
    const torrent = join(folder, "payload.torrent");
    const announce = `http://${CORE_ADDRESS}:6969/announce`;
    await firstLine(launch("core", [process.execPath, upswarm, "tracker", "--http", `${CORE_ADDRESS}:6969`, "--json"]));
    const create = ["create", payload, "-o", torrent, "--tracker", announce, "--piece-length", pieceLength, "--json"];
    await output(launch("core", [process.execPath, upswarm, ...create]));
    const hosts = Array.from({ length: one.sites }, (_, site) => lab.hosts(site)).flat();
    const machines = hosts.map((host) => startMachine(client, host, lab, folder, torrent, launch));
    await Promise.all(machines.map(({ waiting }) => waiting));
    await later(SETTLE_MS);
    const before = passed(lab, one.sites);
    const origin = launch(0, originWords(client, lab, torrent, payload));
    await firstLine(origin);
    const begin = performance.now();
    const seconds = await Promise.all(machines.map(async ({ done }) => ((await done) - begin) / 1_000));
    const after = passed(lab, one.sites);
    for (const { file } of machines) await check(payload, file);
    return sampleOf(one, seconds, before, after);
  } finally {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Passed {
  readonly sites: readonly { readonly in: number; readonly out: number }[];
  readonly origin: number;
}

function passed(lab: SiteLab, count: number): Passed {
  return { sites: Array.from({ length: count }, (_, site) => lab.passed(site)), origin: lab.originSent() };
}

function sampleOf(one: SitesCase, seconds: readonly number[], before: Passed, after: Passed): Sample {
  const copies = (direction: "in" | "out"): number => {
    const bytes = after.sites.map((site, index) => site[direction] - (before.sites[index]?.[direction] ?? 0));
    return Math.max(...bytes) / one.sizeBytes;
  };
  const lastSeconds = Math.max(...seconds);
  return {
    lastSeconds,
    againstBound: lastSeconds / boundSeconds(one),
    copiesIn: copies("in"),
    copiesOut: copies("out"),
    originCopies: (after.origin - before.origin) / one.sizeBytes,
  };
}

interface Machine {
  /** It runs, and has announced. */
  readonly waiting: Promise<void>;
  /** When it had verified the payload. */
  readonly done: Promise<number>;
  readonly file: string;
}

type Launch = (host: number, words: readonly string[], settings?: NodeJS.ProcessEnv) => ChildProcess;

function startMachine(
  client: string,
  host: number,
  lab: SiteLab,
  folder: string,
  torrent: string,
  launch: Launch,
): Machine {
  const target = join(folder, `machine-${host}`);
  mkdirSync(target);
  const file = join(target, "payload.bin");
  const log = join(target, "log");
  const isOurs = client === OURS;
  const listen = lab.address(host);
  const ours = [process.execPath, upswarm, "get", torrent, "-o", target, "--listen", `${listen}:6881`];
  const words = isOurs
    ? ["sh", "-c", `exec "$@" 2>${log}`, "sh", ...ours, "--seed-for", "forever", "--json", "--verbose"]
    : [PYTHON, libtorrentScript, "get", torrent, target, listen, `${client}+lsd`];
  const child = launch(host, words);
  const done = lineThat(child, (line) => isOurs || line === "done").then(() => performance.now());
  return { waiting: isOurs ? announced(log) : later(LIBTORRENT_ANNOUNCE_MS), done, file };
}

function originWords(client: string, lab: SiteLab, torrent: string, payload: string): string[] {
  if (client === OURS) {
    const listen = `${lab.address(0)}:6881`;
    return [
      process.execPath,
      upswarm,
      "seed",
      torrent,
      payload,
      "--super",
      "--listen",
      listen,
      "--json",
      "--no-verify",
    ];
  }
  return [PYTHON, libtorrentScript, "seed", torrent, join(payload, ".."), lab.address(0), client];
}

/** Our log says so. */
async function announced(log: string): Promise<void> {
  while (!readFileSync(log, { encoding: "utf8", flag: "a+" }).includes("tracker.announced")) await later(50);
}

async function lineThat(child: ChildProcess, fits: (line: string) => boolean): Promise<void> {
  if (child.stdout === null) throw new Error("The process was started without an output.");
  for await (const line of createInterface(child.stdout)) if (fits(line)) return;
  throw new Error(`${child.spawnargs.join(" ")} ended before it was done.`);
}

async function check(payload: string, file: string): Promise<void> {
  if ((await sha256(payload)) !== (await sha256(file))) throw new Error(`${file} has other bytes.`);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
