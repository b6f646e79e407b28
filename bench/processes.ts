// The processes that a bench starts: their output, their end, their peak of memory, and which peers are present.

import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { owned } from "./leave-nothing.ts";

export const upswarm: string = join(import.meta.dirname, "..", "bin", "upswarm.js");

export function start(command: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, UPSWARM_PROGRESS: "none", ...settings };
  return owned(spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env }));
}

export function startOurs(...args: readonly string[]): ChildProcess {
  return start(process.execPath, [upswarm, ...args]);
}

/** All that a process prints, when it has ended well. */
export async function output(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (bytes: Buffer) => (text += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} ended with ${code}: ${text}`);
  return text;
}

/** The first line that it prints; the rest is read and dropped. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The process was started without an output.");
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, "line"), once(lines, "close")]);
  if (first.length === 0) throw new Error(`${child.spawnargs.join(" ")} ended before it was ready.`);
  return String(first[0]);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await closed;
}

export interface Spent {
  /** The peak of resident memory, and of that part of it which is no file's. */
  readonly residentMB: number;
  readonly anonymousMB: number;
  readonly cpuSeconds: number;
}

const TICKS_PER_SECOND = 100;

/** User and kernel time of a running process, all its threads together; 0 where it is gone. */
export function cpuSecondsOf(pid: number): number {
  try {
    // Fields from the third on, after the name in brackets: utime is the 14th, stime the 15th (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** What a process has spent, as far as it was seen: looked at every 20 ms, and once more when asked while it runs. */
export function watch(child: ChildProcess): () => Spent {
  let spent: Spent = { residentMB: 0, anonymousMB: 0, cpuSeconds: 0 };
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const [kilobytes = 0, anonymous = 0] = [/VmHWM:\s+(\d+)/, /RssAnon:\s+(\d+)/].map((line) =>
        Number(line.exec(status)?.[1] ?? 0),
      );
      const cpuSeconds = cpuSecondsOf(child.pid ?? 0);
      const anonymousMB = Math.max(spent.anonymousMB, (anonymous * 1024) / 1e6);
      if (kilobytes > 0) spent = { residentMB: (kilobytes * 1024) / 1e6, anonymousMB, cpuSeconds };
    } catch {
      // It has ended between two looks: what was seen last stands.
    }
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    look();
    return spent;
  };
}

/**
 * The version that a program prints (the first group of `pattern`), or null, after saying on stderr how to get it.
 * A bench goes on without a peer that is not there.
 */
export function versionOf(command: readonly string[], pattern: RegExp, howToGet: string): string | null {
  const [program = "", ...args] = command;
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  const version = error === undefined ? pattern.exec(`${stdout}${stderr}`)?.[1] : undefined;
  if (version !== undefined) return version;
  process.stderr.write(`${program} is missing and left out. To compare with it: ${howToGet}\n`);
  return null;
}

export const PYTHON = "/usr/bin/python3";

export function libtorrentVersion(): string | null {
  const ask = [PYTHON, "-c", "import libtorrent; print(libtorrent.__version__)"];
  return versionOf(ask, /^(\d[\d.]+)$/m, "apt-get install python3-libtorrent");
}

export interface NpmPeer {
  /** A module inside it can be imported from here. */
  readonly folder: string;
  readonly version: string;
}

/** A peer from npm, which is never a dependency: it is looked for in the folder that UPSWARM_BENCH_PEERS names. */
export function npmPeer(name: string): NpmPeer | null {
  const root = process.env["UPSWARM_BENCH_PEERS"] ?? "";
  const folder = join(root, "node_modules", name);
  if (root !== "" && existsSync(join(folder, "package.json"))) {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return { folder, version };
  }
  const install = `npm install --prefix /tmp/bench-peers --ignore-scripts ${name}`;
  process.stderr.write(
    `${name} is missing and left out. To compare with it: ${install}, then UPSWARM_BENCH_PEERS=/tmp/bench-peers\n`,
  );
  return null;
}
