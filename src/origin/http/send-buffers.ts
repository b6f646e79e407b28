// Buffers for downloads, used again and again. So many large ones, which carry most of what a machine can send; beyond
// them small ones, so that the sum is bounded whoever connects. A slow reader keeps its buffer until it has read it.

import { ORIGIN_SEND_BUFFER_BYTES, ORIGIN_SEND_SMALL_BUFFER_BYTES } from "../../core/index.ts";

export class SendBuffers {
  readonly #largeMax: number;
  readonly #free: Buffer[] = [];
  #largeCount = 0;

  constructor(largeMax: number) {
    this.#largeMax = largeMax;
  }

  take(): Buffer {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#largeCount >= this.#largeMax) return Buffer.allocUnsafeSlow(ORIGIN_SEND_SMALL_BUFFER_BYTES);
    this.#largeCount++;
    return Buffer.allocUnsafeSlow(ORIGIN_SEND_BUFFER_BYTES);
  }

  /** Nobody reads it any more. */
  give(buffer: Buffer): void {
    if (buffer.length === ORIGIN_SEND_BUFFER_BYTES) this.#free.push(buffer);
  }

  /** It may still be read: it is left to the garbage collector, and another takes its place. */
  forget(buffer: Buffer): void {
    if (buffer.length === ORIGIN_SEND_BUFFER_BYTES) this.#largeCount--;
  }
}
