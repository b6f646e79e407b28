// The real command line as a process, run from the source so that no stale build is ever tested.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { here } from "./clients/stock-client.ts";
import type { On } from "./clients/stock-client.ts";

const entry = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Compiled once for all processes of a run: a start takes a third of the time. HOME has no config file in it. */
const home = mkdtempSync(join(tmpdir(), "upswarm-home-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

export type Json = Readonly<Record<string, unknown>>;

export interface Progress {
  readonly phase: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly peers: number;
}

export interface GetResult {
  readonly path: string;
  readonly lengthBytes: number;
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly seconds: number;
  readonly bytes: Readonly<Record<ByteKind, number>>;
}
type ByteKind = "sitePeers" | "otherPeers" | "webSeeds" | "local" | "duplicate" | "hashFailed" | "uploaded";

export interface Created {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly magnet: string;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
}

export class Upswarm extends Child {
  constructor(argv: readonly string[], on: On = here) {
    const { PATH } = process.env;
    const env = { PATH, HOME: home, NODE_COMPILE_CACHE: join(home, "cache"), NODE_NO_WARNINGS: "1" };
    const [command = "", ...rest] = on([process.execPath, entry, ...argv, "--json", "--progress", "json"]);
    super(`upswarm ${argv[0]}`, command, rest, { env });
  }

  /** The `index`-th object on stdout. */
  object<T extends object = Json>(index: number): Promise<T> {
    return this.until(`object ${index}`, ({ lines }) => {
      const line = lines[index];
      return line === undefined ? undefined : (JSON.parse(line) as T);
    });
  }

  /** The first progress report that `wanted` is true of. */
  progress(wanted: (sample: Progress) => boolean): Promise<Progress> {
    let seen = 0;
    return this.until("progress", ({ err }) => {
      const lines = err.split("\n").slice(0, -1);
      for (; seen < lines.length; seen++) {
        const line = lines[seen] ?? "";
        if (!line.startsWith('{"type":"progress"')) continue;
        const sample = JSON.parse(line) as Progress;
        if (wanted(sample)) return sample;
      }
      return undefined;
    });
  }

  /** The result of a command that is to end by itself, and well. */
  async result<T extends object = Json>(): Promise<T> {
    const code = await this.end();
    assert.equal(code, 0, `${this.name} ended with ${code}: ${this.lines.join("\n")}\n${this.err.slice(-4000)}`);
    assert.equal(this.lines.length, 1, "one object on stdout");
    return JSON.parse(this.lines[0] ?? "") as T;
  }

  /** Ctrl-C of a command whose normal end that is; its last object. */
  async stop<T extends object = Json>(): Promise<T> {
    this.kill("SIGINT");
    const code = await this.end();
    assert.equal(code, 0, `${this.name} ended with ${code}: ${this.err.slice(-4000)}`);
    return JSON.parse(this.lines.at(-1) ?? "") as T;
  }
}

export async function create(path: string, output: string, ...argv: string[]): Promise<Created> {
  await using child = new Upswarm(["create", path, "-o", output, ...argv]);
  return await child.result<Created>();
}

/** A seed that is ready, and where it listens. */
export async function seed(file: string, path: string, ...argv: string[]): Promise<{ child: Upswarm; peer: string }> {
  const hasListen = argv.includes("--listen");
  const child = new Upswarm(["seed", file, path, ...(hasListen ? [] : ["--listen", "127.0.0.1:0"]), ...argv]);
  const { listen } = await child.object<{ listen: string }>(0);
  return { child, peer: listen };
}

export function get(source: string, folder: string, ...argv: string[]): Upswarm {
  const hasListen = argv.includes("--listen");
  return new Upswarm(["get", source, "-o", folder, ...(hasListen ? [] : ["--listen", "127.0.0.1:0"]), ...argv]);
}

export async function tracker(): Promise<{ child: Upswarm; http: string; udp: string }> {
  const child = new Upswarm(["tracker", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]);
  const { http, udp } = await child.object<{ http: string; udp: string }>(0);
  return { child, http: `http://${http}/announce`, udp: `udp://${udp}/announce` };
}
