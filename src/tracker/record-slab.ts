// Memory for the records of small swarms, many to a page. An array of its own for each of 100,000 swarms costs more in
// the engine's bookkeeping (about 200 bytes, outside the heap) than its ten peers do.
// Invariant: a block belongs to who allocated it until it is freed; freed blocks are handed out again to blocks of the
// same size. Pages are kept for good, so their memory is bounded by the most that was in use at once.

/** 256 KiB: a process with one small swarm does not pay for a million. */
const pageWords = 65_536;

interface SizeClass {
  readonly free: number[];
  /** The page that is being handed out, and how much of it was. */
  page: number;
  used: number;
}

export class RecordSlab {
  readonly #pages: Int32Array[] = [];
  readonly #classes = new Map<number, SizeClass>();

  /** A block of so many words, with whatever was in it. Returns its handle. */
  allocate(words: number): number {
    let sizeClass = this.#classes.get(words);
    if (sizeClass === undefined) {
      sizeClass = { free: [], page: -1, used: pageWords };
      this.#classes.set(words, sizeClass);
    }
    const freed = sizeClass.free.pop();
    if (freed !== undefined) return freed;
    if (sizeClass.used + words > pageWords) {
      sizeClass.page = this.#pages.push(new Int32Array(pageWords)) - 1;
      sizeClass.used = 0;
    }
    const handle = sizeClass.page * pageWords + sizeClass.used;
    sizeClass.used += words;
    return handle;
  }

  /** `words` as when it was allocated. */
  free(handle: number, words: number): void {
    this.#classes.get(words)?.free.push(handle);
  }

  /** The page in which the block lies … */
  page(handle: number): Int32Array {
    return this.#pages[Math.floor(handle / pageWords)] as Int32Array;
  }

  /** … and where in it. */
  base(handle: number): number {
    return handle % pageWords;
  }
}
