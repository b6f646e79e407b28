// The time of each file of a download after our last write to it, in memory that the I/O threads share: whoever writes next
// sees whether somebody else has written in between. To know that, one thread at a time writes to a file; the kernel would
// have them wait for each other there anyway.
//
//   | modifiedNs 8 × files | lock 4 × files |
//
// A thread that ended while it held a file leaves it locked. abandon() opens all of them: they are written without a lock
// from then on, and nobody can say any more that nobody else wrote.

import type { FileState } from "./resume-trust.ts";

const FREE = 0;
const HELD = 1;
const ABANDONED = 2;

export class FileTimes {
  readonly memory: SharedArrayBuffer;
  readonly #modifiedNs: BigInt64Array;
  readonly #locks: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    const fileCount = memory.byteLength / 12;
    this.#modifiedNs = new BigInt64Array(memory, 0, fileCount);
    this.#locks = new Int32Array(memory, fileCount * 8, fileCount);
  }

  /** `states` by file index, as they were before they were looked into. */
  static of(states: readonly (FileState | null)[]): FileTimes {
    const times = new FileTimes(new SharedArrayBuffer(states.length * 12));
    for (const [index, state] of states.entries()) times.wrote(index, state?.modifiedNs ?? 0n);
    return times;
  }

  /** Waits for the file. False where it was abandoned: it may be written all the same, and its time says nothing. */
  hold(fileIndex: number): boolean {
    for (;;) {
      const was = Atomics.compareExchange(this.#locks, fileIndex, FREE, HELD);
      if (was === FREE) return true;
      if (was === ABANDONED) return false;
      Atomics.wait(this.#locks, fileIndex, HELD);
    }
  }

  release(fileIndex: number): void {
    if (Atomics.compareExchange(this.#locks, fileIndex, HELD, FREE) === HELD) Atomics.notify(this.#locks, fileIndex, 1);
  }

  /** A thread ended, perhaps while it held one. */
  abandon(): void {
    for (let index = 0; index < this.#locks.length; index++) {
      Atomics.store(this.#locks, index, ABANDONED);
      Atomics.notify(this.#locks, index);
    }
  }

  isOurs(fileIndex: number, modifiedNs: bigint): boolean {
    return Atomics.load(this.#modifiedNs, fileIndex) === modifiedNs;
  }

  wrote(fileIndex: number, modifiedNs: bigint): void {
    Atomics.store(this.#modifiedNs, fileIndex, modifiedNs);
  }
}
