// The journal of a half-finished download, as a crash or a stranger may leave it. A record counts only where its checksum
// does, so one that is found is what was written.

import assert from "node:assert/strict";
import { decodeHeader, encodeHeader, encodeRecord, JournalCursor } from "../../src/storage/journal-record.ts";
import type { JournalRecord } from "../../src/storage/journal-record.ts";
import type { FuzzTarget } from "../target.ts";

const SEED = 0x1234_5678;
const HEADER_BYTES_MAX = 4_096;

const header = encodeHeader({
  infoHashV1: "a".repeat(40),
  infoHashV2: null,
  layout: "b".repeat(64),
  bootId: "c".repeat(36),
  seed: SEED,
});

const records: readonly JournalRecord[] = [
  { type: "intent", piece: 3, entries: [{ fileIndex: 0, value: 5n }] },
  {
    type: "piece",
    piece: 3,
    entries: [
      { fileIndex: 0, value: 2n ** 60n },
      { fileIndex: 1, value: -1n },
    ],
  },
  { type: "checkpoint", piece: 0, entries: [{ fileIndex: 0, value: 100n }] },
  { type: "distrust", piece: 0, entries: [] },
];
const written = records.map((record) => encodeRecord(record, SEED));

export const journal: FuzzTarget = {
  name: "journal",
  corpus: [Buffer.concat([header, ...written]), header],
  tokens: ["upswarm-journal 1 ", "\n", "UPJ", "{", "}"],
  isBencoded: false,
  generate: (random) =>
    Buffer.concat([header, ...Array.from({ length: random.int(8) }, () => written[random.int(4)] ?? header)]),
  check: (input) => {
    const head = decodeHeader(input, HEADER_BYTES_MAX);
    let found = 0;
    let end = head?.end ?? 0;
    const seed = head?.header.seed ?? SEED;
    for (const cursor = new JournalCursor(input, end, seed); cursor.next();) {
      const { offset, type, piece, entryCount } = cursor;
      const entries = Array.from({ length: entryCount }, (_, entry) => ({
        fileIndex: cursor.fileIndex(entry),
        value: cursor.value(entry),
      }));
      const again = encodeRecord({ type, piece, entries }, seed);
      assert.ok(offset >= end, "records follow each other");
      assert.ok(again.equals(input.subarray(offset, offset + again.length)), "a record is what was written");
      end = offset + again.length;
      found++;
    }
    return head !== null || found > 0;
  },
};
