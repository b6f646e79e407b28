// `npm run bench -- throughput`: one seed to one peer over loopback, on a memory disk, v1, v2 and hybrid: ours and
// Debian's libtorrent as it comes, alternately, in the same run. Reports medians, spread and the ratio.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  closeSync,
  createWriteStream,
  mkdtempSync,
  openSync,
  writeSync,
  readFileSync,
  rmSync,
  existsSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpus } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const upswarm = join(import.meta.dirname, "..", "bin", "upswarm.js");
const libtorrent = join(import.meta.dirname, "libtorrent-peer.py");
const SEED_PORT = 41_850;

interface Options {
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly formats: readonly string[];
  readonly json: boolean;
}

interface Run {
  readonly mbPerSecond: number;
  readonly residentMB: number;
}

export async function throughput(options: Options): Promise<void> {
  const folder = mkdtempSync("/dev/shm/upswarm-bench-");
  try {
    const payload = join(folder, "payload.bin");
    await fill(payload, options.sizeBytes);
    const hasLibtorrent = await works("/usr/bin/python3", ["-c", "import libtorrent"]);
    if (!hasLibtorrent) console.error("libtorrent is missing: apt-get install python3-libtorrent");
    const rows = [];
    for (const format of options.formats)
      rows.push(await compare(format, { ...options, folder, payload, hasLibtorrent }));
    if (options.json) console.log(JSON.stringify({ machine: cpus()[0]?.model, cores: cpus().length, rows }));
    else printTable(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place extends Options {
  readonly folder: string;
  readonly payload: string;
  readonly hasLibtorrent: boolean;
}

async function compare(format: string, place: Place): Promise<{ format: string; ours: Run[]; theirs: Run[] }> {
  const torrent = join(place.folder, `${format}.torrent`);
  await output(
    start(process.execPath, [
      upswarm,
      "create",
      place.payload,
      "-o",
      torrent,
      "--format",
      format,
      "--piece-length",
      "256KiB",
      "--json",
    ]),
  );
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round < place.rounds; round++) {
    warm(place);
    ours.push(await runOurs(torrent, place));
    warm(place);
    if (place.hasLibtorrent) theirs.push(await runLibtorrent(torrent, place));
  }
  return { format, ours, theirs };
}

/**
 * Touches as much memory as a download writes, so that every run finds pages that the machine has at hand. Measured on a
 * virtual machine: whoever came first paid for fresh pages and got half of the rate.
 */
function warm({ folder, sizeBytes }: Place): void {
  const path = join(folder, "warm");
  const zeros = Buffer.alloc(1 << 20);
  const file = openSync(path, "w");
  for (let at = 0; at < sizeBytes * 1.25; at += zeros.length) writeSync(file, zeros);
  closeSync(file);
  rmSync(path);
}

async function runOurs(torrent: string, place: Place): Promise<Run> {
  const seed = start(process.execPath, [
    upswarm,
    "seed",
    torrent,
    place.payload,
    "--no-verify",
    "--listen",
    `127.0.0.1:${SEED_PORT}`,
    "--json",
  ]);
  const target = join(place.folder, "ours");
  try {
    await firstLine(seed);
    const get = start(process.execPath, [
      upswarm,
      "get",
      torrent,
      "-o",
      target,
      "--listen",
      "127.0.0.1:0",
      "--peer",
      `127.0.0.1:${SEED_PORT}`,
      "--json",
    ]);
    const resident = watchResident(get);
    const { seconds } = JSON.parse(await output(get)) as { seconds: number };
    return { mbPerSecond: place.sizeBytes / 1e6 / seconds, residentMB: resident() };
  } finally {
    await end(seed);
    rmSync(target, { recursive: true, force: true });
  }
}

async function runLibtorrent(torrent: string, place: Place): Promise<Run> {
  const seed = start("/usr/bin/python3", [libtorrent, "seed", torrent, place.folder, String(SEED_PORT)]);
  const target = join(place.folder, "theirs");
  try {
    await firstLine(seed);
    const [seconds = 0, kilobytes = 0] = (
      await output(start("/usr/bin/python3", [libtorrent, "get", torrent, target, String(SEED_PORT)]))
    )
      .trim()
      .split(" ")
      .map(Number);
    return { mbPerSecond: place.sizeBytes / 1e6 / seconds, residentMB: kilobytes / 1024 };
  } finally {
    await end(seed);
    rmSync(target, { recursive: true, force: true });
  }
}

function printTable(rows: readonly { format: string; ours: Run[]; theirs: Run[] }[]): void {
  console.log(`| 1 seed → 1 peer, loopback | Upswarm MB/s | resident MB | libtorrent MB/s | resident MB | ratio |`);
  console.log("|---|---|---|---|---|---|");
  for (const { format, ours, theirs } of rows) {
    const ratio = theirs.length === 0 ? "–" : (median(rates(ours)) / median(rates(theirs))).toFixed(2);
    console.log(
      `| ${format} | ${spread(rates(ours))} | ${Math.max(...ours.map((run) => run.residentMB)).toFixed(0)} | ${spread(rates(theirs))} | ${theirs.length === 0 ? "–" : Math.max(...theirs.map((run) => run.residentMB)).toFixed(0)} | ${ratio} |`,
    );
  }
}

function rates(runs: readonly Run[]): number[] {
  return runs.map((run) => run.mbPerSecond);
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, UPSWARM_PROGRESS: "none" },
  });
}

async function output(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (bytes: Buffer) => (text += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} ended with ${code}: ${text}`);
  return text;
}

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(createInterface(child.stdout), "line");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await closed;
}

/** The peak of a process's resident memory in MB, as far as it was seen. */
function watchResident(child: ChildProcess): () => number {
  let kilobytes = 0;
  const timer = setInterval(() => {
    const status = `/proc/${child.pid}/status`;
    if (!existsSync(status)) return;
    kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1] ?? kilobytes);
  }, 50);
  return () => {
    clearInterval(timer);
    return kilobytes / 1024;
  };
}

async function fill(path: string, sizeBytes: number): Promise<void> {
  const stream = createWriteStream(path);
  for (let at = 0; at < sizeBytes; at += 1 << 20) {
    if (!stream.write(randomBytes(Math.min(1 << 20, sizeBytes - at)))) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: "ignore" });
  return await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}
