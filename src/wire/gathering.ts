// The payload of one message as it comes in over many reads. Memory grows with the bytes that have come, at most
// twofold, and not with the length that was claimed: a thousand idle connections that each announce a long message
// hold 4 KiB each at most.

import { GATHER_FIRST_BYTES } from "../core/index.ts";

export class Gathering {
  readonly #lengthBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #held = 0;

  constructor(lengthBytes: number) {
    this.#lengthBytes = lengthBytes;
  }

  /** What it occupies at this moment. */
  get capacityBytes(): number {
    return this.#bytes.length;
  }

  get missingBytes(): number {
    return this.#lengthBytes - this.#held;
  }

  /** Copies [start, end) of `source`, which is no longer than what is missing. */
  add(source: Buffer, start: number, end: number): void {
    const needed = this.#held + end - start;
    if (needed > this.#bytes.length) {
      const wanted = Math.max(needed, this.#bytes.length * 2, GATHER_FIRST_BYTES);
      const larger = Buffer.alloc(Math.min(this.#lengthBytes, wanted));
      this.#bytes.copy(larger, 0, 0, this.#held);
      this.#bytes = larger;
    }
    source.copy(this.#bytes, this.#held, start, end);
    this.#held = needed;
  }

  /** The whole payload, once nothing is missing: a buffer of just that length. */
  take(): Buffer {
    return this.#bytes;
  }
}
