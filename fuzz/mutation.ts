// Damage: an input changed in one to eight places, by bytes or by bencoded values. The same random numbers do the same damage.

import { BencodeDict, decode, encode } from "../src/bencode/index.ts";
import type { BencodeValue, Encodable } from "../src/bencode/index.ts";
import type { Random } from "../src/core/index.ts";

/** Longer inputs only cost time: what is unbounded shows below this. */
const INPUT_BYTES_MAX = 65_536;

const numbers: readonly number[] = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x4000, 0x4001, 0xffff, 0x1_0000, 0x7fff_ffff, 0xffff_ffff,
];
const digits: readonly string[] = [
  "0",
  "-0",
  "-1",
  "01",
  "1",
  "20",
  "32",
  "255",
  "65535",
  "65536",
  "4294967296",
].concat(["9007199254740991", "9007199254740993", "18446744073709551616", "1".repeat(40)]);

export function mutate(input: Buffer, other: Buffer, tokens: readonly string[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(input);
  const count = 1 + random.int(random.int(8) + 1);
  for (let step = 0; step < count; step++) {
    const change = byteChanges[random.int(byteChanges.length)];
    if (change !== undefined) bytes = change(bytes, other, tokens, random);
  }
  return bytes.subarray(0, INPUT_BYTES_MAX);
}

type ByteChange = (bytes: Buffer, other: Buffer, tokens: readonly string[], random: Random) => Buffer;

const byteChanges: readonly ByteChange[] = [
  function flipBit(bytes, _other, _tokens, random) {
    const at = random.int(bytes.length + 1);
    if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
    return bytes;
  },
  function setByte(bytes, _other, _tokens, random) {
    const at = random.int(bytes.length + 1);
    if (at < bytes.length) bytes[at] = random.int(256);
    return bytes;
  },
  function truncate(bytes, _other, _tokens, random) {
    return bytes.subarray(0, random.int(bytes.length + 1));
  },
  function remove(bytes, _other, _tokens, random) {
    const { from, to } = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, _other, _tokens, random) {
    const { from, to } = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function splice(bytes, other, _tokens, random) {
    const { from, to } = range(other, random);
    const at = random.int(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  function crossOver(bytes, other, _tokens, random) {
    return Buffer.concat([
      bytes.subarray(0, random.int(bytes.length + 1)),
      other.subarray(random.int(other.length + 1)),
    ]);
  },
  function insertToken(bytes, _other, tokens, random) {
    const at = random.int(bytes.length + 1);
    const token = Buffer.from(tokens[random.int(Math.max(tokens.length, 1))] ?? "", "latin1");
    return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(random.int(2) === 0 ? at : at + token.length)]);
  },
  function setLength(bytes, _other, _tokens, random) {
    const width = [1, 2, 4][random.int(3)] ?? 1;
    if (bytes.length < width) return bytes;
    const number = (numbers[random.int(numbers.length)] ?? 0) % 2 ** (8 * width);
    const at = random.int(bytes.length - width + 1);
    if (random.int(4) === 0) bytes.writeUIntLE(number, at, width);
    else bytes.writeUIntBE(number, at, width);
    return bytes;
  },
  function setDigits(bytes, _other, _tokens, random) {
    const runs = [...bytes.toString("latin1").matchAll(/\d+/g)];
    const run = runs[random.int(Math.max(runs.length, 1))];
    if (run === undefined) return bytes;
    const after = bytes.subarray(run.index + run[0].length);
    return Buffer.concat([bytes.subarray(0, run.index), Buffer.from(anyDigits(random)), after]);
  },
];

function range(bytes: Buffer, random: Random): { from: number; to: number } {
  const from = random.int(bytes.length + 1);
  return { from, to: Math.min(bytes.length, from + random.int(random.int(2) === 0 ? 8 : bytes.length + 1)) };
}

function anyDigits(random: Random): string {
  return digits[random.int(digits.length)] ?? "0";
}

/** One value of a bencoded input is changed, and all is encoded again; other bytes come back as they are. */
export function mutateValue(input: Buffer, tokens: readonly string[], random: Random): Buffer {
  let value: BencodeValue;
  try {
    value = decode(input, { order: "any" });
  } catch {
    return input;
  }
  return encode(changed(value, tokens, random)).subarray(0, INPUT_BYTES_MAX);
}

function changed(value: BencodeValue, tokens: readonly string[], random: Random): Encodable {
  const isHere = random.int(6) === 0;
  if (value instanceof BencodeDict) return isHere ? another(tokens, random) : changedDict(value, tokens, random);
  if (Array.isArray(value)) {
    const items = [...(value as readonly BencodeValue[])] as Encodable[];
    const at = random.int(Math.max(items.length, 1));
    const kind = random.int(6);
    if (isHere || items.length === 0) items.splice(at, random.int(2), another(tokens, random));
    else if (kind === 0) items.splice(at, 0, items[at] ?? "");
    else items[at] = changed((value as readonly BencodeValue[])[at] ?? 0, tokens, random);
    return items;
  }
  if (isHere) return another(tokens, random);
  if (Buffer.isBuffer(value)) return mutate(value, value, tokens, random);
  return random.int(3) === 0 ? BigInt(anyDigits(random)) : BigInt(value as number | bigint) + BigInt(random.int(5) - 2);
}

function changedDict(dict: BencodeDict, tokens: readonly string[], random: Random): Encodable {
  const entries = new Map<string, Encodable>(dict.entries());
  const keys = [...dict.keys()];
  const key = keys[random.int(Math.max(keys.length, 1))];
  const kind = random.int(8);
  if (key === undefined || kind === 0) {
    entries.set(tokens[random.int(Math.max(tokens.length, 1))] ?? "", another(tokens, random));
  } else if (kind === 1) entries.delete(key);
  else if (kind === 2) {
    // Under the name of another one, or under one that nearly is its own.
    entries.set(
      `${key}${["", " ", "/", "..", "\u0000"][random.int(5)] ?? ""}`,
      entries.get(keys[random.int(keys.length)] ?? key) ?? "",
    );
  } else entries.set(key, changed(dict.get(key) ?? 0, tokens, random));
  return entries;
}

function another(tokens: readonly string[], random: Random): Encodable {
  const token = tokens[random.int(Math.max(tokens.length, 1))] ?? "";
  const values: readonly Encodable[] = [
    BigInt(anyDigits(random)),
    Buffer.from(token, "latin1"),
    random.bytes(random.int(70)),
    [],
    new Map([[token, BigInt(anyDigits(random))]]),
    [Buffer.from(token, "latin1"), [], new Map()],
  ];
  return values[random.int(values.length)] ?? 0;
}
