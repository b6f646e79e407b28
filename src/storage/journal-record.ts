// The records of a resume journal (see resume-trust.ts for what they prove), appended by the I/O threads.
//
//   header   one line: upswarm-journal 1 CRC32 {"infoHashV1":…,"infoHashV2":…,"layout":…,"bootId":…,"seed":…}
//   record   | magic 3 | type 1 | piece 4 | count 4 | count × ( file 4 | mtimeNs 8 ) | crc 4 |      little endian
//
// Every record carries a CRC-32 that starts from the header's random seed, so neither a torn record nor one of an
// older journal counts. A damaged stretch is skipped: each record stands alone, and losing one only costs hashing.

import { crc32 } from "node:zlib";
import { JOURNAL_VAIN_CHECKSUMS_MAX } from "../core/index.ts";

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
  const bytes = Buffer.allocUnsafe(recordLength(record.entries.length));
  writeRecord(bytes, 0, record, seed);
  return bytes;
}

export function recordLength(entryCount: number): number {
  return FIXED_BYTES + entryCount * ENTRY_BYTES;
}

/** Returns where the next one begins. */
export function writeRecord(target: Buffer, start: number, record: JournalRecord, seed: number): number {
  target.writeUInt32LE(((TYPES.indexOf(record.type) << 24) | MAGIC) >>> 0, start);
  target.writeUInt32LE(record.piece, start + 4);
  target.writeUInt32LE(record.entries.length, start + 8);
  let at = start + 12;
  for (const { fileIndex, value } of record.entries) {
    target.writeUInt32LE(fileIndex, at);
    target.writeBigInt64LE(value, at + 4);
    at += ENTRY_BYTES;
  }
  return target.writeUInt32LE(crc32(target.subarray(start, at), seed), at);
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

/**
 * Goes through every whole record, in order. Nothing is made of a record but what is asked for: a journal may have millions.
 * The fields are those of the record that `next` found or `moveTo` went to last.
 */
export class JournalCursor {
  readonly #bytes: Buffer;
  readonly #seed: number;
  #end: number;
  /** Bytes that may still be checksummed in vain; records beyond count as lost. */
  #vainBytes: number;
  /** Where the record begins in the journal. */
  offset = 0;
  type: RecordType = "intent";
  piece = 0;
  entryCount = 0;

  constructor(bytes: Buffer, start: number, seed: number) {
    this.#bytes = bytes;
    this.#seed = seed;
    this.#end = start;
    this.#vainBytes = JOURNAL_VAIN_CHECKSUMS_MAX * bytes.length;
  }

  /** False where there is none any more. */
  next(): boolean {
    const bytes = this.#bytes;
    for (let at = this.#end; at + FIXED_BYTES <= bytes.length; at++) {
      const word = bytes.readUInt32LE(at);
      const type = TYPES[word >>> 24];
      if ((word & 0xffffff) !== MAGIC || type === undefined) continue;
      const end = at + recordLength(bytes.readUInt32LE(at + 8));
      if (end > bytes.length) continue;
      if (bytes.readUInt32LE(end - 4) !== crc32(bytes.subarray(at, end - 4), this.#seed)) {
        this.#vainBytes -= end - at;
        if (this.#vainBytes < 0) break;
        continue;
      }
      this.#end = end;
      this.moveTo(at);
      return true;
    }
    this.#end = bytes.length;
    return false;
  }

  /** To a record that `next` found before. */
  moveTo(offset: number): void {
    this.offset = offset;
    this.type = TYPES[this.#bytes.readUInt8(offset + 3)] ?? "intent";
    this.piece = this.#bytes.readUInt32LE(offset + 4);
    this.entryCount = this.#bytes.readUInt32LE(offset + 8);
  }

  fileIndex(entry: number): number {
    return this.#bytes.readUInt32LE(this.#entryAt(entry));
  }

  value(entry: number): bigint {
    return this.#bytes.readBigInt64LE(this.#entryAt(entry) + 4);
  }

  #entryAt(entry: number): number {
    return this.offset + FIXED_BYTES - 4 + entry * ENTRY_BYTES;
  }
}
