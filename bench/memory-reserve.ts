// Memory that a machine has at hand for what a run is about to take. A virtual machine may give free memory back to its host
// within two seconds; whoever touches a page then waits for the host: 0.3 to 0.5 GB/s where it is 2.3. So a file on the
// memory disk holds pages, and gives them up as the run's own files grow, a little ahead of them. (How much memory is free is
// no measure of what was taken: the kernel keeps what was freed lately in lists of each processor and counts it later.)

import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";

const STEP_BYTES = 1 << 20;
const LOOK_MS = 20;
/** Given up ahead of the files: what they grow by in a look or two. */
const AHEAD_BYTES = 64 << 20;

export interface ReserveSize {
  /** What will be written to the memory disk. */
  readonly filesBytes: number;
  /** What processes and sockets take meanwhile; it is given up in proportion to the files. */
  readonly besideBytes: number;
}

export class MemoryReserve implements Disposable {
  readonly #path: string;
  readonly #file: number;
  readonly #size: ReserveSize;
  #heldBytes: number;
  /** What the disk has free while nobody has written anything, with all that is held here. */
  readonly #wholeBytes: number;
  readonly #timer: NodeJS.Timeout;

  /** In a bench's folder on the memory disk. At most half of the free memory is held: the rest is as it comes. */
  constructor(folder: string, size: ReserveSize) {
    this.#size = size;
    this.#path = join(folder, "reserve");
    this.#file = openSync(this.#path, "w");
    const zeros = Buffer.alloc(STEP_BYTES);
    const wantedBytes = Math.min(size.filesBytes + size.besideBytes, freemem() / 2);
    this.#heldBytes = 0;
    while (this.#heldBytes < wantedBytes) this.#heldBytes += writeSync(this.#file, zeros);
    this.#wholeBytes = this.#freeBytes() + this.#heldBytes;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #look(): void {
    const { filesBytes, besideBytes } = this.#size;
    const writtenBytes = this.#wholeBytes - this.#heldBytes - this.#freeBytes();
    const givenBytes = (writtenBytes + AHEAD_BYTES) * (1 + besideBytes / filesBytes);
    const heldBytes = Math.max(0, Math.floor(filesBytes + besideBytes - givenBytes));
    if (heldBytes >= this.#heldBytes) return;
    ftruncateSync(this.#file, heldBytes);
    this.#heldBytes = heldBytes;
  }

  #freeBytes(): number {
    const { bfree, bsize } = statfsSync(this.#path);
    return bfree * bsize;
  }
}
