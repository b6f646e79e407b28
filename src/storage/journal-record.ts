// The records of a resume journal (see resume-trust.ts for what they prove), appended by the I/O threads.
//
//   header   one line: upswarm-journal 1 CRC32 {"infoHashV1":…,"infoHashV2":…,"layout":…,"bootId":…,"seed":…}
//   record   | magic 3 | type 1 | piece 4 | count 4 | count × ( file 4 | mtimeNs 8 ) | crc 4 |      little endian
//
// Every record carries a CRC-32 that starts from the header's random seed, so neither a torn record nor one of an
// older journal counts. A damaged stretch is skipped: each record stands alone, and losing one only costs hashing.

import { crc32 } from "node:zlib";

/** `intent` and `piece` frame the write of a piece; `checkpoint` says what is on the device; `distrust` voids all. */
type RecordType = "intent" | "piece" | "checkpoint" | "distrust";

export interface JournalEntry {
  readonly fileIndex: number;
  /** piece: the file's mtime after the write. intent: wall-clock ns. checkpoint: bytes of the journal it vouches for. */
  readonly value: bigint;
}

export interface JournalRecord {
  readonly type: RecordType;
  readonly piece: number;
  readonly entries: readonly JournalEntry[];
}

export interface JournalHeader {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  /** Fingerprint of the files and lengths. */
  readonly layout: string;
  readonly bootId: string;
  readonly seed: number;
}

const MAGIC = 0x4a5055; // "UPJ"
const TYPES: readonly RecordType[] = ["intent", "piece", "checkpoint", "distrust"];
const FIXED_BYTES = 16;
const ENTRY_BYTES = 12;
const HEADER_NAME = "upswarm-journal ";
const HEADER_WORD = `${HEADER_NAME}1`;

export function encodeRecord(record: JournalRecord, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + record.entries.length * ENTRY_BYTES);
  bytes.writeUInt32LE(((TYPES.indexOf(record.type) << 24) | MAGIC) >>> 0, 0);
  bytes.writeUInt32LE(record.piece, 4);
  bytes.writeUInt32LE(record.entries.length, 8);
  let at = 12;
  for (const { fileIndex, value } of record.entries) {
    bytes.writeUInt32LE(fileIndex, at);
    bytes.writeBigInt64LE(value, at + 4);
    at += ENTRY_BYTES;
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at), seed), at);
  return bytes;
}

export function encodeHeader(header: JournalHeader): Buffer {
  const { infoHashV1, infoHashV2, layout, bootId, seed } = header;
  const text = JSON.stringify({ infoHashV1, infoHashV2, layout, bootId, seed });
  return Buffer.from(`${HEADER_WORD} ${checksum(text)} ${text}\n`);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

/** Null where it is damaged. `end` is where the records begin. */
export function decodeHeader(bytes: Buffer, lengthMax: number): { header: JournalHeader; end: number } | null {
  const newline = bytes.subarray(0, lengthMax).indexOf(10);
  const match = /^upswarm-journal 1 ([0-9a-f]{8}) (\{.*\})$/.exec(bytes.toString("utf8", 0, Math.max(newline, 0)));
  const text = match?.[2] ?? "";
  if (match === null || checksum(text) !== match[1]) return null;
  // The checksum vouches for what encodeHeader wrote; nobody else's JSON gets this far by accident.
  return { header: JSON.parse(text) as JournalHeader, end: newline + 1 };
}

/** By its first word; whether it is whole only that version can say. */
export function isOfAnotherVersion(bytes: Buffer): boolean {
  const version = /^\d{1,4}(?= )/.exec(bytes.toString("latin1", HEADER_NAME.length, HEADER_NAME.length + 5))?.[0];
  return bytes.toString("latin1", 0, HEADER_NAME.length) === HEADER_NAME && version !== undefined && version !== "1";
}

/** Every whole record with its position, in order. */
export function* decodeRecords(
  bytes: Buffer,
  start: number,
  seed: number,
): Generator<{ offset: number; record: JournalRecord }> {
  let at = start;
  while (at + FIXED_BYTES <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    const type = TYPES[word >>> 24];
    const count = bytes.readUInt32LE(at + 8);
    const end = at + FIXED_BYTES + count * ENTRY_BYTES;
    const isWhole =
      (word & 0xffffff) === MAGIC &&
      type !== undefined &&
      end <= bytes.length &&
      bytes.readUInt32LE(end - 4) === crc32(bytes.subarray(at, end - 4), seed);
    if (!isWhole) {
      at++;
      continue;
    }
    const entries: JournalEntry[] = [];
    for (let entry = at + 12; entry < end - 4; entry += ENTRY_BYTES) {
      entries.push({ fileIndex: bytes.readUInt32LE(entry), value: bytes.readBigInt64LE(entry + 4) });
    }
    yield { offset: at, record: { type, piece: bytes.readUInt32LE(at + 4), entries } };
    at = end;
  }
}
