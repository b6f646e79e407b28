// Bytes to values (BEP 3, "bencoding"). Strict: exactly one encoding of a value is accepted, so what is accepted
// re-encodes to the bytes it came from, and two parties cannot read one document in two ways.
//
// Invariant: work and memory are bounded by the limits before anything is allocated. Strings are views of the input
// and keep it alive; copy the one that must outlive a large document.
//
// `order: "any"` lifts one rule, the order of keys, for tracker replies and extension messages: some trackers and
// clients in the field write keys as they come, and nothing is hashed there. Metainfo is never read that way. Equal
// keys are refused in either case, since readers differ in which one they believe.

import {
  BENCODE_DEPTH_MAX,
  BENCODE_INTEGER_DIGITS_MAX,
  BENCODE_LENGTH_MAX_BYTES,
  BENCODE_TOKENS_MAX,
} from "../core/index.ts";
import { BencodeDict } from "./dict.ts";
import type { BencodeValue } from "./dict.ts";
import { BencodeError } from "./errors.ts";
import type { BencodeErrorCode } from "./errors.ts";

export interface BencodeLimits {
  readonly depthMax: number;
  readonly tokensMax: number;
  readonly lengthMaxBytes: number;
}

export interface DecodeOptions {
  /** Those that are not given have the values of core/limits. */
  readonly limits?: Partial<BencodeLimits>;
  /** "sorted" by default. "any" is for messages that nobody hashes. */
  readonly order?: "sorted" | "any";
}

/** One whole document. @throws BencodeError */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeValue {
  const decoder = new Decoder(bytes, options);
  const value = decoder.value(0);
  if (decoder.at !== bytes.length) {
    decoder.refuse("bencode.trailing", `${bytes.length - decoder.at} bytes follow the end of the document`);
  }
  return value;
}

/** The document at the beginning of `bytes`, and how many bytes it takes: what follows is a payload (BEP 9). @throws BencodeError */
export function decodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { readonly value: BencodeValue; readonly lengthBytes: number } {
  const decoder = new Decoder(bytes, options);
  const value = decoder.value(0);
  return { value, lengthBytes: decoder.at };
}

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const MINUS = 0x2d;
const DICT = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;
/** No buffer is as long as a number of more digits says; it also keeps the sum exact. */
const STRING_LENGTH_DIGITS_MAX = 12;

class Decoder {
  at = 0;
  readonly #bytes: Buffer;
  readonly #depthMax: number;
  readonly #sorted: boolean;
  #tokensLeft: number;

  constructor(bytes: Uint8Array, { limits = {}, order = "sorted" }: DecodeOptions) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#depthMax = limits.depthMax ?? BENCODE_DEPTH_MAX;
    this.#tokensLeft = limits.tokensMax ?? BENCODE_TOKENS_MAX;
    this.#sorted = order === "sorted";
    const lengthMax = limits.lengthMaxBytes ?? BENCODE_LENGTH_MAX_BYTES;
    if (bytes.length > lengthMax) {
      this.refuse("bencode.size", `the document has ${bytes.length} bytes, more than the ${lengthMax} allowed`);
    }
  }

  refuse(code: BencodeErrorCode, message: string, offset: number = this.at): never {
    throw new BencodeError(code, `Bencoding: ${message}`, offset);
  }

  value(depth: number): BencodeValue {
    this.#spendToken();
    const type = this.#bytes[this.at];
    if (type === INTEGER) return this.#integer();
    if (type === LIST || type === DICT) {
      if (depth >= this.#depthMax) this.refuse("bencode.depth", `nested deeper than ${this.#depthMax}`);
      return type === LIST ? this.#list(depth + 1) : this.#dict(depth + 1);
    }
    if (type !== undefined && type >= ZERO && type <= NINE) {
      const start = this.#stringStart();
      return this.#bytes.subarray(start, this.at);
    }
    if (type === undefined) return this.refuse("bencode.truncated", "the document ends where a value should begin");
    return this.refuse("bencode.syntax", `no value begins with the byte 0x${type.toString(16).padStart(2, "0")}`);
  }

  #spendToken(): void {
    if (this.#tokensLeft === 0) this.refuse("bencode.tokens", "more values than allowed");
    this.#tokensLeft -= 1;
  }

  #list(depth: number): BencodeValue[] {
    const values: BencodeValue[] = [];
    this.at += 1;
    while (this.#bytes[this.at] !== END) values.push(this.value(depth));
    this.at += 1;
    return values;
  }

  #dict(depth: number): BencodeDict {
    const values = new Map<string, BencodeValue>();
    const spans: number[] = [];
    let previous: string | null = null;
    this.at += 1;
    while (this.#bytes[this.at] !== END) {
      const keyAt = this.at;
      const key = this.#key();
      if (!this.#sorted) this.#checkNew(key, values, keyAt);
      else if (previous !== null && key <= previous) this.#refuseOrder(key, previous, keyAt);
      previous = key;
      const start = this.at;
      values.set(key, this.value(depth));
      spans.push(start, this.at);
    }
    this.at += 1;
    return new BencodeDict(this.#bytes, values, spans);
  }

  #checkNew(key: string, values: ReadonlyMap<string, BencodeValue>, keyAt: number): void {
    if (values.has(key)) this.refuse("bencode.key-duplicate", `the key ${shown(key)} is there twice`, keyAt);
  }

  #refuseOrder(key: string, previous: string, keyAt: number): never {
    if (key === previous) this.refuse("bencode.key-duplicate", `the key ${shown(key)} is there twice`, keyAt);
    this.refuse("bencode.key-order", `the key ${shown(key)} is not in sorted order`, keyAt);
  }

  #key(): string {
    this.#spendToken();
    const type = this.#bytes[this.at];
    if (type === undefined) this.refuse("bencode.truncated", "the document ends inside a dictionary");
    if (type < ZERO || type > NINE) this.refuse("bencode.key-type", "a key must be a string");
    const start = this.#stringStart();
    return this.#bytes.toString("latin1", start, this.at);
  }

  /** Reads `LENGTH:` and the string; returns where the string begins, and `at` is its end. */
  #stringStart(): number {
    const begin = this.at;
    let at = begin;
    let length = 0;
    for (;;) {
      const byte = this.#bytes[at];
      if (byte === COLON) break;
      if (byte === undefined) this.refuse("bencode.truncated", "the document ends inside the length of a string", at);
      if (byte < ZERO || byte > NINE)
        this.refuse("bencode.syntax", "the length of a string must be digits and a colon", at);
      length = length * 10 + (byte - ZERO);
      at += 1;
      if (at - begin > STRING_LENGTH_DIGITS_MAX)
        this.refuse("bencode.string-length", "a string longer than any document");
    }
    if (this.#bytes[begin] === ZERO && at - begin > 1) {
      this.refuse("bencode.string-length", "the length of a string begins with a zero");
    }
    const start = at + 1;
    if (start + length > this.#bytes.length) {
      this.refuse("bencode.truncated", `a string of ${length} bytes reaches beyond the end of the document`);
    }
    this.at = start + length;
    return start;
  }

  #integer(): number | bigint {
    const begin = this.at + 1;
    const negative = this.#bytes[begin] === MINUS;
    const first = negative ? begin + 1 : begin;
    let at = first;
    let value = 0;
    for (;;) {
      const byte = this.#bytes[at];
      if (byte === END) break;
      if (byte === undefined) this.refuse("bencode.truncated", "the document ends inside an integer", at);
      if (byte < ZERO || byte > NINE) this.refuse("bencode.integer", "an integer must be digits", at);
      value = value * 10 + (byte - ZERO);
      at += 1;
      if (at - first > BENCODE_INTEGER_DIGITS_MAX) {
        this.refuse("bencode.integer", `an integer of more than ${BENCODE_INTEGER_DIGITS_MAX} digits`);
      }
    }
    if (at === first) this.refuse("bencode.integer", "an integer without digits");
    if (this.#bytes[first] === ZERO && (negative || at - first > 1)) {
      this.refuse("bencode.integer", "an integer with a leading zero, or -0");
    }
    this.at = at + 1;
    if (!Number.isSafeInteger(value)) return BigInt(this.#bytes.toString("latin1", begin, at));
    return negative ? -value : value;
  }
}

function shown(key: string): string {
  return JSON.stringify(key.slice(0, 40));
}
