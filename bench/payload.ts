// Payloads for the benches: random bytes on a memory disk.

import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const STEP_BYTES = 1 << 20;

export function fillFile(path: string, sizeBytes: number): void {
  const file = openSync(path, "w");
  const step = Buffer.alloc(STEP_BYTES);
  for (let at = 0; at < sizeBytes; at += STEP_BYTES) {
    writeSync(file, randomFillSync(step), 0, Math.min(STEP_BYTES, sizeBytes - at));
  }
  closeSync(file);
}

/**
 * Touches as much memory as a download will write, so that every run finds pages that the machine has at hand. Measured on
 * a virtual machine: whoever came first paid for fresh pages and got half of the rate. For runs of a few seconds: what is
 * free goes back to the host, see memory-reserve.
 */
export function warmMemory(folder: string, sizeBytes: number): void {
  const path = join(folder, "warm");
  const zeros = Buffer.alloc(STEP_BYTES);
  const file = openSync(path, "w");
  for (let at = 0; at < sizeBytes; at += STEP_BYTES) writeSync(file, zeros);
  closeSync(file);
  rmSync(path);
}
