import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JOURNAL_VAIN_CHECKSUMS_MAX } from "../core/index.ts";
import { decodeHeader, encodeHeader, encodeRecord, JournalCursor, type JournalRecord } from "./journal-record.ts";

const record: fc.Arbitrary<JournalRecord> = fc.record(
  {
    type: fc.constantFrom("intent", "piece", "checkpoint", "distrust"),
    piece: fc.nat(0xffff_ffff),
    entries: fc.array(
      fc.record(
        { fileIndex: fc.nat(0xffff_ffff), value: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }) },
        { noNullPrototype: true },
      ),
      {
        maxLength: 5,
      },
    ),
  },
  { noNullPrototype: true },
);
const header = { infoHashV1: "ab", infoHashV2: null, layout: "cd", bootId: "ef", seed: 7 };

function decoded(bytes: Buffer, seed: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const cursor = new JournalCursor(bytes, 0, seed); cursor.next();) {
    const { type, piece, entryCount } = cursor;
    const entries = Array.from({ length: entryCount }, (_, entry) => ({
      fileIndex: cursor.fileIndex(entry),
      value: cursor.value(entry),
    }));
    records.push({ type, piece, entries });
  }
  return records;
}

test("decodeHeader() rejects every header with a changed byte", () => {
  const bytes = encodeHeader(header);
  assert.deepEqual(decodeHeader(bytes, 4096), { header, end: bytes.length });
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 4;
    assert.equal(decodeHeader(damaged, 4096), null, `byte ${at}`);
  }
  assert.equal(decodeHeader(bytes.subarray(0, -1), 4096), null);
  assert.equal(decodeHeader(Buffer.alloc(0), 4096), null);
  assert.equal(decodeHeader(bytes, bytes.length - 1), null, "beyond the limit");
});

test("JournalCursor loses only what was damaged, torn or of another journal", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (records, where, seed) => {
      const parts = records.map((item) => encodeRecord(item, seed));
      const whole = Buffer.concat(parts);
      assert.deepEqual(decoded(whole, seed), records);
      assert.deepEqual(decoded(whole, seed + 1), []);

      const hit = where % records.length;
      const damaged = Buffer.concat(parts.map((part) => Buffer.from(part)));
      const at = parts.slice(0, hit).reduce((sum, part) => sum + part.length, 0) + (where % (parts[hit]?.length ?? 1));
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      assert.deepEqual(decoded(damaged, seed), records.toSpliced(hit, 1));

      const torn = whole.subarray(0, whole.length - 1 - (where % ((parts.at(-1)?.length ?? 1) - 1)));
      assert.deepEqual(decoded(torn, seed), records.slice(0, -1));
    }),
  );
});

test("JournalCursor gives up where looking for records costs more than a damaged journal can", () => {
  const whole = encodeRecord({ type: "piece", piece: 9, entries: [{ fileIndex: 0, value: 1n }] }, 0);
  /** As many heads of records, each of which claims to end where the journal does. */
  const forged = (heads: number): Buffer => {
    const bytes = Buffer.alloc(heads * 12 + 4);
    for (let head = 0; head < heads; head++) {
      encodeRecord({ type: "piece", piece: 0, entries: [] }, 0).copy(bytes, head * 12, 0, 8);
      bytes.writeUInt32LE(heads - head - 1, head * 12 + 8);
    }
    return Buffer.concat([bytes, whole]);
  };
  for (const [heads, found] of [
    [1, 1],
    [2 * JOURNAL_VAIN_CHECKSUMS_MAX, 1],
    [4 * JOURNAL_VAIN_CHECKSUMS_MAX, 0],
    [20_000, 0],
  ] as const) {
    assert.equal(decoded(forged(heads), 0).length, found, `${heads}`);
  }
});

test("JournalCursor ends on any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => decoded(Buffer.from(bytes), 0).length === 0));
});
