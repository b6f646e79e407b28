// How long this thread has waited for a processor, as Linux's scheduler counts it: time that passed without us, and neither
// our work's nor the disk's fault. (proc(5), /proc/PID/schedstat: on the processor, waiting for it, both in ns, turns.)

import fs from "node:fs";

const NS_PER_MS = 1_000_000;

export class ThreadTime implements Disposable {
  readonly #text = Buffer.alloc(96);
  #fd: number | null;

  /** Of the thread that calls. */
  constructor() {
    try {
      this.#fd = fs.openSync("/proc/thread-self/schedstat", "r");
    } catch {
      this.#fd = null;
    }
  }

  /** Monotonic, ms. */
  now(): number {
    return performance.now();
  }

  /** ms since the thread began; 0 where the system does not tell. */
  waitedMs(): number {
    if (this.#fd === null) return 0;
    const lengthBytes = fs.readSync(this.#fd, this.#text, 0, this.#text.length, 0);
    return Number(this.#text.toString("latin1", 0, lengthBytes).split(" ")[1]) / NS_PER_MS;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }
}
