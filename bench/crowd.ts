// `npm run bench -- crowd`: one origin and N machines in network namespaces with shaped links, all waiting when the
// origin appears: seconds to the last machine and what the origin's link sent, against the bound. Ours, and libtorrent
// plain and super-seeding, one after the other in the same run.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { Lab } from "./lab.ts";

export interface CrowdOptions {
  readonly machines: number;
  readonly sizeMiB: number;
  readonly uplinkMbit: number;
  readonly downlinkMbit: number;
  readonly clients: readonly string[];
  readonly delayMs: number;
  readonly json: boolean;
}

interface CrowdRow {
  readonly client: string;
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  readonly originCopies: number;
  readonly ratio: number;
}

const upswarm = join(import.meta.dirname, "..", "bin", "upswarm.js");
const libtorrent = join(import.meta.dirname, "libtorrent-crowd.py");

export async function crowd(options: CrowdOptions): Promise<void> {
  const rows: CrowdRow[] = [];
  for (const client of options.clients) rows.push(await runCrowd(client, options));
  if (options.json) {
    console.log(JSON.stringify({ ...options, boundSeconds: bound(options), rows }));
    return;
  }
  console.log(
    `${options.machines} machines, ${options.sizeMiB} MiB, uplinks ${options.uplinkMbit} Mbit/s, downlinks ${options.downlinkMbit}, delay ${options.delayMs} ms; bound ${bound(options).toFixed(1)} s`,
  );
  console.log("| client | first machine s | last machine s | against the bound | origin's link, copies |");
  console.log("|---|---|---|---|---|");
  for (const row of rows) {
    console.log(
      `| ${row.client} | ${row.firstSeconds.toFixed(1)} | ${row.lastSeconds.toFixed(1)} | ${row.ratio.toFixed(2)} | ${row.originCopies.toFixed(2)} |`,
    );
  }
}

function bound({ machines, sizeMiB, uplinkMbit }: CrowdOptions): number {
  const one = (sizeMiB * 1_048_576 * 8) / (uplinkMbit * 1e6);
  return Math.max(one, (machines * one) / (machines + 1));
}

async function runCrowd(client: string, options: CrowdOptions): Promise<CrowdRow> {
  const folder = mkdtempSync("/dev/shm/upswarm-crowd-");
  const children: ChildProcess[] = [];
  using lab = new Lab(options.machines + 1, {
    uplinkMbit: () => options.uplinkMbit,
    downlinkMbit: options.downlinkMbit,
    delayMs: options.delayMs,
  });
  const start = (host: number, words: readonly string[]): ChildProcess => {
    const [command = "", ...args] = lab.on(host, words);
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    children.push(child);
    return child;
  };
  try {
    const payload = join(folder, "payload.bin");
    writeFileSync(payload, randomBytes(options.sizeMiB * 1_048_576));
    const torrent = join(folder, "payload.torrent");
    const tracker = start(0, [process.execPath, upswarm, "tracker", "--http", `${lab.address(0)}:6969`, "--json"]);
    await lines(tracker).next();
    const announce = `http://${lab.address(0)}:6969/announce`;
    await ended(
      start(0, [process.execPath, upswarm, "create", payload, "-o", torrent, "--tracker", announce, "--json"]),
    );
    const machines = Array.from({ length: options.machines }, (_, index) =>
      machine(client, index + 1, lab, folder, torrent, start),
    );
    await Promise.all(machines.map(({ waiting }) => waiting));
    const sentBefore = lab.sentBytes(0);
    const origin = start(0, originCommand(client, lab, torrent, payload));
    await lines(origin).next();
    const begin = performance.now();
    const seconds = await Promise.all(
      machines.map(async ({ done }) => done.then(() => (performance.now() - begin) / 1_000)),
    );
    const originCopies = (lab.sentBytes(0) - sentBefore) / (options.sizeMiB * 1_048_576);
    await checkAll(
      payload,
      machines.map(({ file }) => file),
    );
    const last = Math.max(...seconds);
    return {
      client,
      firstSeconds: Math.min(...seconds),
      lastSeconds: last,
      originCopies,
      ratio: last / bound(options),
    };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Machine {
  /** It runs, and has announced. */
  readonly waiting: Promise<void>;
  readonly done: Promise<void>;
  readonly file: string;
}

type Start = (host: number, words: readonly string[]) => ChildProcess;

function machine(client: string, host: number, lab: Lab, folder: string, torrent: string, start: Start): Machine {
  const target = join(folder, `machine-${host}`);
  mkdirSync(target);
  const file = join(target, "payload.bin");
  if (client === "upswarm") {
    const listen = `${lab.address(host)}:6881`;
    const words = [
      process.execPath,
      upswarm,
      "get",
      torrent,
      "-o",
      target,
      "--listen",
      listen,
      "--seed-for",
      "forever",
      "--json",
      "--quiet",
    ];
    const child = start(host, words);
    return {
      waiting: later(3_000),
      done: lines(child)
        .next()
        .then(() => {}),
      file,
    };
  }
  const output = lines(
    start(host, ["/usr/bin/python3", libtorrent, "get", torrent, target, lab.address(host), client]),
  );
  const waiting = output.next().then(() => later(3_000));
  return { waiting, done: waiting.then(() => output.next()).then(() => {}), file };
}

function originCommand(client: string, lab: Lab, torrent: string, payload: string): string[] {
  const listen = `${lab.address(0)}:6881`;
  if (client === "upswarm")
    return [process.execPath, upswarm, "seed", torrent, payload, "--super", "--listen", listen, "--json", "--quiet"];
  return ["/usr/bin/python3", libtorrent, "seed", torrent, join(payload, ".."), lab.address(0), client];
}

/** Every machine has the payload, byte for byte. */
async function checkAll(payload: string, files: readonly string[]): Promise<void> {
  const wanted = await sha256(payload);
  for (const file of files) if ((await sha256(file)) !== wanted) throw new Error(`${file} has other bytes.`);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function lines(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error("no output");
  return createInterface(child.stdout)[Symbol.asyncIterator]();
}

function ended(child: ChildProcess): Promise<void> {
  child.stdout?.resume();
  return new Promise((resolve, reject) =>
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`)))),
  );
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
