// The demonstration of 2004, measured: one seed with a thin uplink, many machines with the same thin uplinks, each a
// process of its own running the real command, beside a plain download through the same uplink.
//
//   payload ─▶ create ─▶ tracker ─▶ machines (get, waiting) ─▶ seed ─▶ everybody verified ─▶ verify ─▶ direct download
//
// The clock runs from the moment when the seed is ready and every machine is waiting.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../core/index.ts";
import { DEMO_READY_MS } from "../../core/index.ts";
import { CliError } from "../cli-error.ts";
import type { ProgressSample } from "../output/progress.ts";
import { ChildCommand } from "./child-command.ts";
import { measureDirectDownload } from "./direct-download.ts";
import { demoReport } from "./demo-report.ts";
import type { DemoReport } from "./demo-report.ts";

export interface DemoOptions {
  readonly machines: number;
  readonly uplinkBytesPerSecond: number;
  readonly directMachines: number;
  /** The file that is distributed. */
  readonly artifact: string;
  /** An empty folder for everything that is made. */
  readonly directory: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onStep: (sentence: string) => void;
  /** A few times a second while the swarm runs. */
  readonly onSwarm: (
    machines: readonly (ProgressSample | null)[],
    seed: ProgressSample | null,
    seconds: number,
  ) => void;
  readonly onDirect: (fraction: number) => void;
}

export interface DemoResult extends DemoReport {
  readonly name: string;
  readonly infoHashV1: string;
  readonly infoHashV2: string;
  readonly sha256: string;
  /** Machines whose file was hashed after the download and is the publisher's, byte for byte. */
  readonly verifiedMachines: number;
}

interface Created {
  readonly name: string;
  readonly infoHashV1: string;
  readonly infoHashV2: string;
  readonly lengthBytes: number;
}

const POLL_MS = 200;
const VERIFY_AT_ONCE = 2;

export async function demonstrate(options: DemoOptions): Promise<DemoResult> {
  const children: ChildCommand[] = [];
  const start = (name: string, args: readonly string[]): ChildCommand => {
    const child = new ChildCommand(name, args);
    children.push(child);
    return child;
  };
  try {
    const torrent = join(options.directory, "update.torrent");
    const tracker = start("The tracker", ["tracker", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]);
    const { http } = await tracker.next<{ http: string }>();
    const created = await create(start, options, torrent, http);
    const machines = await startMachines(start, options, torrent);
    const { seconds, originBytes } = await runSwarm(start, options, torrent, machines);
    options.onStep("Verifying what every machine has, again and from disk.");
    await Promise.all([...machines, tracker].map((child) => child.end()));
    const sha256 = await verifyAll(start, options, torrent, created.name);
    options.onStep(
      `For comparison: ${options.directMachines} machines download the file directly through the same uplink.`,
    );
    const direct = await measureDirectDownload(options.artifact, {
      machines: options.directMachines,
      bytesPerSecond: options.uplinkBytesPerSecond,
      signal: options.signal,
      onProgress: (sent) => options.onDirect(sent / (created.lengthBytes * options.directMachines)),
    });
    const { machines: count, uplinkBytesPerSecond } = options;
    const figures = { machines: count, uplinkBytesPerSecond, lengthBytes: created.lengthBytes, swarmSeconds: seconds };
    const report = demoReport({ ...figures, originBytes, direct });
    const { name, infoHashV1, infoHashV2 } = created;
    return { name, infoHashV1, infoHashV2, sha256, verifiedMachines: count, ...report };
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

type Start = (name: string, args: readonly string[]) => ChildCommand;

async function create(start: Start, options: DemoOptions, torrent: string, tracker: string): Promise<Created> {
  options.onStep("Publishing: hashing the update (SHA-1 and SHA-256) and writing its metainfo.");
  const args = ["create", options.artifact, "-o", torrent, "--tracker", `http://${tracker}/announce`];
  return await start("create", args).next<Created>();
}

/** Every machine runs, knows of the others and waits for the first byte. */
async function startMachines(start: Start, options: DemoOptions, torrent: string): Promise<ChildCommand[]> {
  options.onStep(`Starting ${options.machines} machines.`);
  const machines: ChildCommand[] = [];
  for (let number = 1; number <= options.machines; number++) {
    const folder = machineFolder(options, number);
    await mkdir(folder, { recursive: true });
    const args = ["get", torrent, "-o", folder, "--listen", "127.0.0.1:0", "--seed-for", "forever"];
    machines.push(start(`Machine ${number}`, [...args, ...uplink(options)]));
  }
  const enough = Math.min(options.machines - 1, 10);
  const deadline = options.clock.now() + DEMO_READY_MS;
  const isWaiting = (machine: ChildCommand): boolean =>
    machine.progress?.phase === "downloading" && machine.progress.peers >= enough;
  while (!machines.every(isWaiting)) {
    if (options.clock.now() > deadline) throw new CliError("cli.demo", "The machines did not find each other in time.");
    await tick(options.signal);
  }
  return machines;
}

async function runSwarm(
  start: Start,
  options: DemoOptions,
  torrent: string,
  machines: readonly ChildCommand[],
): Promise<{ seconds: number[]; originBytes: number }> {
  const { clock, signal } = options;
  const args = ["seed", torrent, options.artifact, "--super", "--listen", "127.0.0.1:0", ...uplink(options)];
  const seed = start("The seed", args);
  await seed.next();
  const startMs = clock.now();
  options.onStep("The seed is up; the clock runs.");
  const seconds: number[] = [];
  const done = Promise.all(
    machines.map(async (machine) => {
      await machine.next();
      seconds.push((clock.now() - startMs) / 1_000);
    }),
  );
  const finished = new AbortController();
  const watched = done.finally(() => finished.abort());
  while (!finished.signal.aborted) {
    const samples = machines.map((machine) => machine.progress);
    options.onSwarm(samples, seed.progress, (clock.now() - startMs) / 1_000);
    await Promise.race([tick(signal), watched]);
  }
  await done;
  options.onSwarm(
    machines.map(() => allDone(machines)),
    seed.progress,
    seconds.at(-1) ?? 0,
  );
  const totals = seed.next<{ uploadedBytes: number }>();
  await seed.end();
  return { seconds: seconds.sort((a, b) => a - b), originBytes: (await totals).uploadedBytes };
}

/** The view at the end: the last progress of a child may be a quarter of a second old. */
function allDone(machines: readonly ChildCommand[]): ProgressSample | null {
  const sample = machines.find((machine) => machine.progress !== null)?.progress ?? null;
  return sample === null ? null : { ...sample, doneBytes: sample.totalBytes };
}

/** `upswarm verify` on every machine's file, and the SHA-256 of each against the publisher's. */
async function verifyAll(start: Start, options: DemoOptions, torrent: string, name: string): Promise<string> {
  const sha256 = await sha256Of(options.artifact);
  const numbers = Array.from({ length: options.machines }, (_, index) => index + 1);
  const verifyNext = async (): Promise<void> => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      options.signal.throwIfAborted();
      const file = join(machineFolder(options, number), name);
      const code = await exitOf(start(`verify of machine ${number}`, ["verify", torrent, file]));
      if (code !== 0 || (await sha256Of(file)) !== sha256) {
        throw new CliError("cli.demo", `Machine ${number} has other bytes than the publisher.`);
      }
    }
  };
  await Promise.all(Array.from({ length: VERIFY_AT_ONCE }, verifyNext));
  return sha256;
}

async function exitOf(child: ChildCommand): Promise<number> {
  await child.next();
  return await child.exited;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

function machineFolder(options: DemoOptions, number: number): string {
  return join(options.directory, `machine-${String(number).padStart(2, "0")}`);
}

function uplink(options: DemoOptions): string[] {
  return ["--max-upload", `${options.uplinkBytesPerSecond * 8}bit`];
}

function tick(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
