// Memory for whole pieces, shared with the I/O threads, with a bounded total: no buffer, no request.
//
// Invariant: memory in use plus memory kept for reuse is within the budget, except that one buffer is always granted
// when none is in use (a piece may be larger than the budget). Memory is recycled by size class, because fresh pages
// are zeroed by the kernel and that costs as much as hashing them.

import assert from "node:assert";
import { POOL_CLASS_BYTES_MIN } from "../core/index.ts";

/** One piece's bytes. Whoever uses them holds a reference; the acquirer holds the first one. */
export interface PieceBuffer {
  /** Exactly the asked length, over a SharedArrayBuffer from its first byte on. */
  readonly bytes: Buffer;
  retain(): void;
  release(): void;
}

/** Who keeps buffers that it can do without. */
export interface BufferHolder {
  readonly heldBytes: number;
  /** Releases one of them; false where there is none. */
  giveUpOne(): boolean;
}

export class BufferPool {
  readonly budgetBytes: number;
  #usedBytes = 0;
  #keptBytes = 0;
  #peakBytes = 0;
  #refused = false;
  readonly #kept = new Map<number, SharedArrayBuffer[]>();
  readonly #listeners = new Set<() => void>();
  readonly #holders = new Set<BufferHolder>();

  constructor(options: { budgetBytes: number }) {
    assert(options.budgetBytes > 0, "a pool needs a budget");
    this.budgetBytes = options.budgetBytes;
  }

  /** Null where the budget is spent; `onAvailable` tells when to ask again. The bytes are what was there before. */
  acquire(lengthBytes: number): PieceBuffer | null {
    assert(Number.isSafeInteger(lengthBytes) && lengthBytes > 0, "a buffer has a positive length");
    const classBytes = classOf(lengthBytes);
    if (this.#usedBytes > 0 && this.#usedBytes + classBytes > this.budgetBytes) {
      this.#refused = true;
      return null;
    }
    const memory = this.#take(classBytes);
    this.#usedBytes += classBytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes + this.#keptBytes);
    return new PooledBuffer(memory, lengthBytes, (returned) => this.#giveBack(returned));
  }

  /** Those that can do without some of their buffers. Returns how to leave. */
  addHolder(holder: BufferHolder): () => void {
    this.#holders.add(holder);
    return () => this.#holders.delete(holder);
  }

  /** Has the holder of the most bytes release a buffer: what nobody uses is in nobody's way. False where nobody has any. */
  reclaim(): boolean {
    let most: BufferHolder | null = null;
    for (const holder of this.#holders) if (most === null || holder.heldBytes > most.heldBytes) most = holder;
    return most?.giveUpOne() ?? false;
  }

  /** Calls back (never inside release) when memory came back after a refused acquire. Returns the unsubscribe. */
  onAvailable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Memory of the buffers that are out. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The most that was ever held, in use and kept. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  #take(classBytes: number): SharedArrayBuffer {
    const kept = this.#kept.get(classBytes)?.pop();
    if (kept !== undefined) {
      this.#keptBytes -= classBytes;
      return kept;
    }
    this.#drop(this.#usedBytes + this.#keptBytes + classBytes - this.budgetBytes);
    return new SharedArrayBuffer(classBytes);
  }

  #giveBack(memory: SharedArrayBuffer): void {
    this.#usedBytes -= memory.byteLength;
    if (this.#usedBytes + this.#keptBytes + memory.byteLength <= this.budgetBytes) {
      const list = this.#kept.get(memory.byteLength);
      if (list === undefined) this.#kept.set(memory.byteLength, [memory]);
      else list.push(memory);
      this.#keptBytes += memory.byteLength;
    }
    if (!this.#refused) return;
    this.#refused = false;
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  /** Forgets kept memory of other classes, the largest first, until `excessBytes` are gone. */
  #drop(excessBytes: number): void {
    let excess = excessBytes;
    for (const classBytes of [...this.#kept.keys()].toSorted((a, b) => b - a)) {
      const list = this.#kept.get(classBytes) ?? [];
      while (excess > 0 && list.pop() !== undefined) {
        excess -= classBytes;
        this.#keptBytes -= classBytes;
      }
    }
  }
}

class PooledBuffer implements PieceBuffer {
  readonly bytes: Buffer;
  readonly #memory: SharedArrayBuffer;
  readonly #giveBack: (memory: SharedArrayBuffer) => void;
  #references = 1;

  constructor(memory: SharedArrayBuffer, lengthBytes: number, giveBack: (memory: SharedArrayBuffer) => void) {
    this.bytes = Buffer.from(memory, 0, lengthBytes);
    this.#memory = memory;
    this.#giveBack = giveBack;
  }

  retain(): void {
    assert(this.#references > 0, "a released buffer was retained");
    this.#references++;
  }

  release(): void {
    assert(this.#references > 0, "a buffer was released too often");
    this.#references--;
    if (this.#references === 0) this.#giveBack(this.#memory);
  }
}

function classOf(lengthBytes: number): number {
  let classBytes = POOL_CLASS_BYTES_MIN;
  while (classBytes < lengthBytes) classBytes *= 2;
  return classBytes;
}
