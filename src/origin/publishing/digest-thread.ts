// A thread that reads one file and computes whole-file digests. It ends with its answer; whoever no longer wants it
// terminates it. Started by artifact-digests.ts.

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { DigestAnswer, DigestOrder } from "./artifact-digests.ts";

const { path, algorithms, readBytes } = workerData as DigestOrder;

function say(answer: DigestAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer);
}

const hashes = algorithms.map((algorithm) => createHash(algorithm));
const memory = Buffer.allocUnsafe(readBytes);
const fd = openSync(path, "r");
let doneBytes = 0;
let saidBytes = 0;
for (let count = readSync(fd, memory); count > 0; count = readSync(fd, memory)) {
  const part = memory.subarray(0, count);
  for (const hash of hashes) hash.update(part);
  doneBytes += count;
  // Not with each read: a message costs as much as hashing some ten KiB.
  if (doneBytes - saidBytes >= readBytes * 16) {
    saidBytes = doneBytes;
    say({ doneBytes });
  }
}
closeSync(fd);
say({ doneBytes, hex: hashes.map((hash) => hash.digest("hex")) });
