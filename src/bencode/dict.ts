// A decoded dictionary. Keys are binary strings: one character, 0 … 255, for each byte, so that any key can be looked
// up and JavaScript's string order is the byte order that bencoding demands.
//
// Invariant: `span` gives the bytes as they were received, never a re-encoding, so a hash of them is the hash of what
// the sender had.

/** A string is a view of the input (no copy); an integer is a number where that is exact and a bigint beyond. */
export type BencodeValue = number | bigint | Buffer | readonly BencodeValue[] | BencodeDict;

export class BencodeDict {
  readonly #source: Buffer;
  readonly #values: ReadonlyMap<string, BencodeValue>;
  /** Start and end of each value, in the order of the keys. */
  readonly #spans: readonly number[];

  constructor(source: Buffer, values: ReadonlyMap<string, BencodeValue>, spans: readonly number[]) {
    this.#source = source;
    this.#values = values;
    this.#spans = spans;
  }

  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): BencodeValue | undefined {
    return this.#values.get(key);
  }

  keys(): MapIterator<string> {
    return this.#values.keys();
  }

  entries(): MapIterator<[string, BencodeValue]> {
    return this.#values.entries();
  }

  /** The value where it is an integer that a number holds exactly; undefined where it is absent or anything else. */
  int(key: string): number | undefined {
    const value = this.#values.get(key);
    return typeof value === "number" ? value : undefined;
  }

  /** The value where it is a string. */
  bytes(key: string): Buffer | undefined {
    const value = this.#values.get(key);
    return Buffer.isBuffer(value) ? value : undefined;
  }

  /** The value where it is a string, as UTF-8; bytes that are none become U+FFFD. For showing, never for names of files. */
  text(key: string): string | undefined {
    return this.bytes(key)?.toString("utf8");
  }

  /** The value where it is a list. */
  list(key: string): readonly BencodeValue[] | undefined {
    const value = this.#values.get(key);
    return Array.isArray(value) ? (value as readonly BencodeValue[]) : undefined;
  }

  /** The value where it is a dictionary. */
  dict(key: string): BencodeDict | undefined {
    const value = this.#values.get(key);
    return value instanceof BencodeDict ? value : undefined;
  }

  /** The raw bytes of a value as received, a view of the input. Takes time in proportion to the number of keys. */
  span(key: string): Buffer | undefined {
    let at = 0;
    for (const candidate of this.#values.keys()) {
      if (candidate === key) return this.#source.subarray(this.#spans[at], this.#spans[at + 1]);
      at += 2;
    }
    return undefined;
  }
}
