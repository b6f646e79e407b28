// Memory for the records of small swarms, many to a page. An array of its own for each of 100,000 swarms costs more in
// the engine's bookkeeping (about 200 bytes, outside the heap) than its ten peers do.
// A buddy allocator (Knuth, TAOCP 1, 2.5): blocks of 4, 8, 16 … records; a freed block joins its neighbour, so that what
// many swarms leave behind when they grow from 4 to 8 records makes blocks of 8.
// Invariant: a block belongs to who allocated it until it is freed. Free blocks of a size form a list through their own
// first two words, and `#free` marks where they begin. Pages are kept for good, so their memory is bounded by the most
// that was in use at once.

/** Records of a page: 64 KiB of IPv4 peers. */
const pageRecords = 4096;
/** Records of the smallest block, which has to have room for two words. */
const blockRecordsMin = 4;
const ordersCount = Math.log2(pageRecords / blockRecordsMin) + 1;

interface Page {
  readonly words: Int32Array;
  /** By smallest block: 1 + the order of the free block that begins there; 0 where none does. */
  readonly free: Uint8Array;
}

/** A block is known by the number of its first record, counted over all pages. */
export class RecordSlab {
  readonly #stride: number;
  readonly #pages: Page[] = [];
  /** The first free block of each order, or -1. */
  readonly #heads = new Int32Array(ordersCount).fill(-1);

  /** `stride`: words of a record. */
  constructor(stride: number) {
    this.#stride = stride;
  }

  /** A block of so many records, 4 · 2^n, with whatever was in it. */
  allocate(records: number): number {
    const order = orderOf(records);
    let from = order;
    while (from < ordersCount && this.#heads[from] === -1) from++;
    if (from === ordersCount) this.#addPage(--from);
    const block = this.#heads[from] as number;
    this.#unlink(block, from);
    while (from > order) {
      from--;
      this.#link(block + (blockRecordsMin << from), from);
    }
    return block;
  }

  /** `records` as when it was allocated. */
  free(block: number, records: number): void {
    let order = orderOf(records);
    let start = block;
    for (; order < ordersCount - 1; order++) {
      const buddy = start ^ (blockRecordsMin << order);
      if (this.#page(buddy).free[unitOf(buddy)] !== order + 1) break;
      this.#unlink(buddy, order);
      start = Math.min(start, buddy);
    }
    this.#link(start, order);
  }

  /** The words among which the block lies … */
  words(block: number): Int32Array {
    return this.#page(block).words;
  }

  /** … and where it begins in them. */
  base(block: number): number {
    return (block % pageRecords) * this.#stride;
  }

  get sizeBytes(): number {
    return this.#pages.length * pageRecords * this.#stride * 4;
  }

  #page(block: number): Page {
    return this.#pages[Math.floor(block / pageRecords)] as Page;
  }

  #addPage(order: number): void {
    this.#pages.push({
      words: new Int32Array(pageRecords * this.#stride),
      free: new Uint8Array(pageRecords / blockRecordsMin),
    });
    this.#link((this.#pages.length - 1) * pageRecords, order);
  }

  #link(block: number, order: number): void {
    const next = this.#heads[order] as number;
    const words = this.words(block);
    words[this.base(block)] = next;
    words[this.base(block) + 1] = -1;
    if (next !== -1) this.words(next)[this.base(next) + 1] = block;
    this.#heads[order] = block;
    this.#page(block).free[unitOf(block)] = order + 1;
  }

  #unlink(block: number, order: number): void {
    const words = this.words(block);
    const next = words[this.base(block)] as number;
    const previous = words[this.base(block) + 1] as number;
    if (next !== -1) this.words(next)[this.base(next) + 1] = previous;
    if (previous === -1) this.#heads[order] = next;
    else this.words(previous)[this.base(previous)] = next;
    this.#page(block).free[unitOf(block)] = 0;
  }
}

function orderOf(records: number): number {
  return 31 - Math.clz32(records / blockRecordsMin);
}

/** The number of the smallest block within its page. */
function unitOf(block: number): number {
  return (block % pageRecords) / blockRecordsMin;
}
