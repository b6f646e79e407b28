// An origin with one release for the benches `pages` and `downloads`, made and served by the real commands.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { owned } from "./leave-nothing.ts";
import { fillFile } from "./payload.ts";
import { firstLine, output, startOurs, upswarm } from "./processes.ts";

export interface ServerProcess {
  readonly process: ChildProcess;
  readonly port: number;
}

export const PAGE_PATH = "/tool/1.0";
export const DOWNLOAD_PATH = "/download/tool/1.0/tool.bin";

/** In `folder`; gives back the origin's data folder. */
export async function publishBenchRelease(folder: string, sizeBytes: number): Promise<string> {
  const data = join(folder, "origin");
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "only for a bench\n");
  mkdirSync(join(folder, "payload"));
  const payload = join(folder, "payload", "tool.bin");
  fillFile(payload, sizeBytes);
  const names = ["--product", "tool", "--version", "1.0"];
  const places = ["--data", data, "--url", "http://127.0.0.1:8080", "--passphrase-file", passphrase];
  await output(startOurs("publish", payload, ...names, ...places, "--quiet", "--json"));
  rmSync(join(folder, "payload"), { recursive: true });
  return data;
}

export async function serveBenchRelease(data: string): Promise<ServerProcess> {
  const anywhere = "127.0.0.1:0";
  const listen = [
    "--site-http",
    anywhere,
    "--seed-listen",
    anywhere,
    "--tracker-http",
    anywhere,
    "--tracker-udp",
    anywhere,
  ];
  // Its log, a line a request, goes to a file as it would elsewhere.
  const log = openSync(`${data}.log`, "w");
  const words = [upswarm, "serve", "--data", data, ...listen, "--json"];
  const child = owned(spawn(process.execPath, words, { stdio: ["ignore", "pipe", log] }));
  const { http } = JSON.parse(await firstLine(child)) as { http: string };
  return { process: child, port: Number(http.split(":").at(-1)) };
}
