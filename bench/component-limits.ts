// What the parts of this machine can do, measured in the same run as the clients: no client passes more bytes than the
// slowest of them allows, and two that share the cores allow less than either.

import { spawn } from "node:child_process";
import { createHash, hash } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer, connect } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { warmMemory } from "./payload.ts";
import type { Row, Sample } from "./report.ts";

const PIECE_BYTES = 262_144;
const TOTAL_BYTES = 1 << 30;

/** One row a part: MB/s over all cores for hashing and writing, for one connection for the copy. */
export async function componentLimits(folder: string, rounds: number): Promise<Row[]> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const part of ["SHA-1", "SHA-256", "write", "loopback copy"] as const) {
      if (part === "write") warmMemory(folder, TOTAL_BYTES * 1.25);
      const mbPerSecond = part === "loopback copy" ? await loopbackCopy() : await overAllCores(part, folder);
      samples.set(part, [...(samples.get(part) ?? []), { mbPerSecond }]);
    }
  }
  return [...samples].map(([part, taken]) => ({ case: "the machine's parts", client: part, samples: taken }));
}

/** A process a core, all at once; each prints its seconds. */
async function overAllCores(part: string, folder: string): Promise<number> {
  const cores = availableParallelism();
  const children = Array.from({ length: cores }, (_, index) => {
    const words = [fileURLToPath(import.meta.url), part, join(folder, `part-${index}`), String(TOTAL_BYTES / cores)];
    return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  });
  const seconds = await Promise.all(
    children.map(async (child) => {
      const [printed] = (await once(child.stdout, "data")) as [Buffer];
      return Number(printed.toString());
    }),
  );
  for (let index = 0; index < cores; index++) rmSync(join(folder, `part-${index}`), { force: true });
  return TOTAL_BYTES / 1e6 / Math.max(...seconds);
}

/** One connection, received into one buffer by a second process: what the kernel's two copies cost. */
async function loopbackCopy(): Promise<number> {
  const server = createServer((socket) => {
    const bytes = Buffer.alloc(PIECE_BYTES, 1);
    let sent = 0;
    const more = (): void => {
      while (sent < TOTAL_BYTES) {
        sent += bytes.length;
        if (!socket.write(bytes)) return void socket.once("drain", more);
      }
      socket.end();
    };
    more();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "receive", String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  server.close();
  return TOTAL_BYTES / 1e6 / Number(printed.toString());
}

function work(part: string, path: string, lengthBytes: number): void {
  const piece = Buffer.alloc(PIECE_BYTES, 7);
  if (part === "write") {
    const file = openSync(path, "w");
    for (let at = 0; at < lengthBytes; at += PIECE_BYTES) writeSync(file, piece, 0, PIECE_BYTES, at);
    closeSync(file);
    return;
  }
  const algorithm = part === "SHA-1" ? "sha1" : "sha256";
  for (let at = 0; at < lengthBytes; at += PIECE_BYTES) hash(algorithm, piece, "buffer");
}

function receive(port: number): void {
  const begin = performance.now();
  const onread = { buffer: Buffer.alloc(PIECE_BYTES), callback: () => true };
  connect({ port, host: "127.0.0.1", onread }).once("close", () => console.log((performance.now() - begin) / 1_000));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [part = "", place = "", length = "0"] = process.argv.slice(2);
  if (part === "receive") {
    receive(Number(place));
  } else {
    createHash("sha1").update("").digest();
    const begin = performance.now();
    work(part, place, Number(length));
    console.log((performance.now() - begin) / 1_000);
  }
}
