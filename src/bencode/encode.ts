// Values to bytes, canonical: keys sorted and unique, so equal values give equal bytes on any machine. A dictionary
// that was decoded is written as it is.
//
// Invariant: what this writes, `decode` accepts (within its limits).

import { BencodeDict } from "./dict.ts";
import { BencodeError } from "./errors.ts";

/**
 * What can be written. Text is written as UTF-8. Keys are binary strings, one character (0 … 255) a byte: for a key
 * that is text beyond ASCII use `binaryKey`. An entry whose value is undefined is left out.
 */
export type Encodable =
  | number
  | bigint
  | string
  | Uint8Array
  | Encoded
  | BencodeDict
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable | undefined>
  | { readonly [key: string]: Encodable | undefined };

/** Bytes that are bencoded already and go into a larger document unchanged: an info dictionary as it was received. */
export class Encoded {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** The key whose bytes are the UTF-8 of `text`. */
export function binaryKey(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** @throws BencodeError `bencode.value` for a number that is no safe integer, or a key beyond one byte a character. */
export function encode(value: Encodable): Buffer {
  const writer = new Writer();
  write(writer, value);
  return writer.finish();
}

function write(writer: Writer, value: Encodable): void {
  if (typeof value === "string") writer.string(value, "utf8");
  else if (typeof value === "number") writeNumber(writer, value);
  else if (typeof value === "bigint") writer.ascii(`i${value}e`);
  else if (value instanceof Uint8Array) writer.bytes(value);
  else if (Array.isArray(value)) writeList(writer, value as readonly Encodable[]);
  else if (value instanceof Encoded) writer.raw(value.bytes);
  else writeDict(writer, value as Exclude<typeof value, readonly Encodable[]>);
}

function writeNumber(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new BencodeError("bencode.value", `Bencoding: ${value} is not an integer that a number holds`, writer.length);
  }
  writer.ascii(`i${value === 0 ? 0 : value}e`);
}

function writeList(writer: Writer, values: readonly Encodable[]): void {
  writer.ascii("l");
  for (const value of values) write(writer, value);
  writer.ascii("e");
}

type Dictionary =
  | BencodeDict
  | ReadonlyMap<string, Encodable | undefined>
  | { readonly [key: string]: Encodable | undefined };

function writeDict(writer: Writer, dict: Dictionary): void {
  const entries: [string, Encodable | undefined][] =
    dict instanceof BencodeDict || dict instanceof Map
      ? [...(dict.entries() as Iterable<[string, Encodable | undefined]>)]
      : Object.entries(dict as { readonly [key: string]: Encodable | undefined });
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  writer.ascii("d");
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    writer.string(key, "latin1");
    write(writer, value);
  }
  writer.ascii("e");
}

class Writer {
  length = 0;
  #buffer: Buffer = Buffer.allocUnsafe(1024);

  finish(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    this.length += this.#buffer.write(text, this.length, "latin1");
  }

  string(text: string, encoding: "utf8" | "latin1"): void {
    const length = Buffer.byteLength(text, encoding);
    // oxlint-disable-next-line no-control-regex -- the range is of bytes, control characters included
    if (encoding === "latin1" && !/^[\u0000-\u00ff]*$/.test(text)) {
      throw new BencodeError(
        "bencode.value",
        `Bencoding: the key ${JSON.stringify(text)} is not one byte a character`,
        this.length,
      );
    }
    this.ascii(`${length}:`);
    this.#reserve(length);
    this.length += this.#buffer.write(text, this.length, encoding);
  }

  bytes(bytes: Uint8Array): void {
    this.ascii(`${bytes.length}:`);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
  }
}
