// `npm run bench -- downloads`: a large file by plain HTTP over loopback from a memory disk, beside nginx: whole, four at
// once, and in the ranges that a web seed is asked for. Both servers have both cores; the receiver takes its share.

import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { countOf } from "./bench-options.ts";
import { benchFolder, owned } from "./leave-nothing.ts";
import { DOWNLOAD_PATH, publishBenchRelease, serveBenchRelease } from "./bench-origin.ts";
import type { ServerProcess } from "./bench-origin.ts";
import type { Bench } from "./main.ts";
import { cpuSecondsOf, end, output, start, versionOf } from "./processes.ts";
import { alternate, OURS } from "./report.ts";
import type { Contender, Sample } from "./report.ts";
import { runWrk, wrkVersion } from "./wrk.ts";

const RANGE_BYTES = 262_144;

interface Case {
  readonly name: string;
  /** Whole files at once; 0 for ranges. */
  readonly whole: number;
}

const CASES: readonly Case[] = [
  { name: "the whole file", whole: 1 },
  { name: "the whole file, four at once", whole: 4 },
  { name: "ranges of 256 KiB over 16 connections", whole: 0 },
];

/** As Debian sets it, and with what was found to be its fastest way over loopback. */
const NGINX: readonly (readonly [client: string, settings: string])[] = [
  ["nginx", "sendfile on; tcp_nopush on;"],
  ["nginx, output_buffers 2 512k", "sendfile off; output_buffers 2 512k;"],
];

export const downloads: Bench = {
  usage: "[--size MiB] [--rounds N]",
  options: { size: { type: "string", default: "1024" }, rounds: { type: "string", default: "5" } },
  run: async (values) => {
    const wrk = wrkVersion();
    const nginx = versionOf(["nginx", "-v"], /nginx\/(\S+)/, "apt-get install nginx-light");
    const curl = versionOf(["curl", "--version"], /curl (\S+)/, "apt-get install curl");
    if (curl === null) throw new Error("This bench needs curl to download with: apt-get install curl");
    const sizeBytes = countOf(values, "size") * 1_048_576;
    const rounds = countOf(values, "rounds");
    const folder = benchFolder("/dev/shm/upswarm-bench-");
    try {
      const data = await publishBenchRelease(folder, sizeBytes);
      linkPayload(folder, data);
      const contender = (client: string, open: () => Promise<ServerProcess>): Contender<Case> => ({
        client,
        runs: () => true,
        run: (one) => measure(open, one, sizeBytes),
      });
      const contenders = [contender(OURS, () => serveBenchRelease(data))];
      for (const [client, settings] of nginx === null ? [] : NGINX) {
        contenders.push(contender(client, () => openNginx(folder, settings)));
      }
      return {
        bench: "downloads",
        question: `${sizeBytes / 1_048_576} MiB from a memory disk by plain HTTP over loopback, alternating; median (lowest–highest).`,
        metrics: [
          { key: "mbPerSecond", label: "MB/s", digits: 0 },
          { key: "serverSecondsPerGB", label: "server's CPU s a GB", digits: 2 },
        ],
        compare: { metric: "mbPerSecond", better: "higher" },
        rows: await alternate(CASES, contenders, rounds),
        versions: { ...(nginx === null ? {} : { nginx }), curl, wrk },
        notes: [
          "Ours is `upswarm serve` with its database. Whole files go to curl, ranges to wrk; both throw the bytes away. One process serves, in ours with Node.js's threads for reading.",
          "nginx as Debian sets it uses sendfile(), which costs the server little and, over loopback, the receiver more; without, and with buffers as large as ours, it passes most.",
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(open: () => Promise<ServerProcess>, { whole }: Case, sizeBytes: number): Promise<Sample> {
  const server = await open();
  const url = `http://127.0.0.1:${server.port}${DOWNLOAD_PATH}`;
  const pid = server.process.pid ?? 0;
  try {
    await fetchWhole(url);
    const before = cpuSecondsOf(pid);
    const begin = performance.now();
    let bytes = whole * sizeBytes;
    if (whole > 0) {
      await Promise.all(Array.from({ length: whole }, () => fetchWhole(url)));
    } else {
      const headers = [`Range: bytes=0-${RANGE_BYTES - 1}`];
      const seconds = 3;
      bytes = (await runWrk({ url, connections: 16, seconds, headers }))["perSecond"]! * seconds * RANGE_BYTES;
    }
    const elapsed = whole > 0 ? (performance.now() - begin) / 1000 : 3;
    return { mbPerSecond: bytes / 1e6 / elapsed, serverSecondsPerGB: (cpuSecondsOf(pid) - before) / (bytes / 1e9) };
  } finally {
    await end(server.process);
  }
}

async function fetchWhole(url: string): Promise<void> {
  await output(start("curl", ["--silent", "--show-error", "--fail", "--output", "/dev/null", url]));
}

/** nginx's folder has the release's file under the same path. */
function linkPayload(folder: string, data: string): void {
  const found = readdirSync(data, { recursive: true, encoding: "utf8" }).find((path) => basename(path) === "tool.bin");
  if (found === undefined) throw new Error(`There is no payload in ${data}.`);
  mkdirSync(dirname(join(folder, "nginx", DOWNLOAD_PATH)), { recursive: true });
  linkSync(join(data, found), join(folder, "nginx", DOWNLOAD_PATH));
}

/** One worker: like ours, one process that serves. */
async function openNginx(folder: string, settings: string): Promise<ServerProcess> {
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (one) => `${one}_temp_path ${folder}/temp;`,
  );
  writeFileSync(
    config,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
events { worker_connections 1024; }
http { access_log off; ${settings} ${temporary.join(" ")}
  server { listen 127.0.0.1:${port}; root ${folder}/nginx; } }
`,
  );
  const child = owned(spawn("nginx", ["-c", config, "-p", folder], { stdio: ["ignore", "ignore", "ignore"] }));
  while ((await fetchHead(port)) === null) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { process: child, port };
}

async function fetchHead(port: number): Promise<Response | null> {
  return await fetch(`http://127.0.0.1:${port}/`, { method: "HEAD" }).catch(() => null);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
