// Where the records of swarms are: small blocks in a slab, large ones in arrays of their own with an index.
// Invariant: a block is a number, good until it is freed; 0 or more: of the slab; below 0: the inverted number of a large
// one.

import { RecordSlab } from "./record-slab.ts";

/** Searching 16 records costs what a look-up in the index costs. */
const largeFrom = 32;

interface LargeBlock {
  readonly words: Int32Array;
  readonly index: Int32Array;
}

export class RecordMemory {
  /** Of the blocks that somebody has. */
  usedBytes = 0;
  readonly #stride: number;
  readonly #slab: RecordSlab;
  readonly #large: (LargeBlock | null)[] = [];
  readonly #largeFree: number[] = [];

  /** `stride`: words of a record. */
  constructor(stride: number) {
    this.#stride = stride;
    this.#slab = new RecordSlab(stride);
  }

  /** Room for so many records, 4 · 2^n, with whatever was in it. */
  allocate(capacity: number): number {
    this.usedBytes += this.#sizeOf(capacity);
    if (capacity < largeFrom) return this.#slab.allocate(capacity);
    const block = { words: new Int32Array(capacity * this.#stride), index: new Int32Array(capacity * 2) };
    const number = this.#largeFree.pop() ?? this.#large.length;
    this.#large[number] = block;
    return ~number;
  }

  free(block: number, capacity: number): void {
    this.usedBytes -= this.#sizeOf(capacity);
    if (block >= 0) {
      this.#slab.free(block, capacity);
      return;
    }
    this.#large[~block] = null;
    this.#largeFree.push(~block);
  }

  /** The words among which the block lies … */
  words(block: number): Int32Array {
    return block >= 0 ? this.#slab.words(block) : this.#largeBlock(block).words;
  }

  /** … and where it begins in them. */
  base(block: number): number {
    return block >= 0 ? this.#slab.base(block) : 0;
  }

  /** Of a large block: its index of slots (see slot-index), empty when it is new. */
  index(block: number): Int32Array | null {
    return block >= 0 ? null : this.#largeBlock(block).index;
  }

  #sizeOf(capacity: number): number {
    return capacity * (this.#stride + (capacity < largeFrom ? 0 : 2)) * 4;
  }

  #largeBlock(block: number): LargeBlock {
    return this.#large[~block] as LargeBlock;
  }
}
