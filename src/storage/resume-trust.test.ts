import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeHeader, encodeRecord, type JournalRecord } from "./journal-record.ts";
import { judgeResume, layoutFingerprint, type FileState } from "./resume-trust.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";

// Two files of four pieces each; piece n of the first is n, of the second 4 + n.
const PIECE = 16_384;
const { info } = sampleTorrent({
  version: "2",
  pieceLengthBytes: PIECE,
  files: [
    { path: "a", lengthBytes: 4 * PIECE },
    { path: "b", lengthBytes: 4 * PIECE },
  ],
});
const SEED = 99;
const header = {
  infoHashV1: info.infoHashV1,
  infoHashV2: info.infoHashV2,
  layout: layoutFingerprint(info.layout),
  bootId: "this boot",
  seed: SEED,
};

const wrote = (piece: number, mtime: bigint): JournalRecord => ({
  type: "piece",
  piece,
  entries: [{ fileIndex: piece < 4 ? 0 : 1, value: mtime }],
});
const began = (piece: number, time: bigint): JournalRecord => ({
  type: "intent",
  piece,
  entries: [{ fileIndex: 0, value: time }],
});
const state = (modifiedNs: bigint, sizeBytes = 4 * PIECE): FileState => ({ sizeBytes, modifiedNs });

/** `null` stands for a checkpoint of all that is before it. */
function journalOf(records: readonly (JournalRecord | null)[], head = header): Buffer {
  let bytes = encodeHeader(head);
  for (const record of records) {
    const covered = [{ fileIndex: 0, value: BigInt(bytes.length) }];
    bytes = Buffer.concat([bytes, encodeRecord(record ?? { type: "checkpoint", piece: 0, entries: covered }, SEED)]);
  }
  return bytes;
}

function judge(
  journal: Buffer | null,
  files: readonly (FileState | null)[],
  boot: string | null = "this boot",
): { durable: number[]; written: number[]; doubtful: number[] } {
  const { durable, written, doubtful } = judgeResume(info, journal, files, boot);
  return { durable: [...durable], written: [...written], doubtful: [...doubtful] };
}

const all = [0, 1, 2, 3, 4, 5, 6, 7];
const records = [wrote(0, 100n), wrote(2, 300n), wrote(1, 200n), wrote(5, 250n)];

test("without a journal, or with a damaged or foreign one, all that is there is hashed", () => {
  const files = [state(300n), state(250n)];
  const damaged = journalOf(records);
  damaged[30] = (damaged[30] ?? 0) ^ 1;
  const foreign = [
    { ...header, infoHashV2: "0".repeat(64) },
    { ...header, infoHashV1: "0".repeat(40) },
    { ...header, layout: "other" },
  ].map((head) => journalOf(records, head as typeof header));
  const voided = journalOf([...records, { type: "distrust", piece: 0, entries: [] }]);
  for (const journal of [null, Buffer.alloc(0), damaged, voided, ...foreign]) {
    assert.deepEqual(judge(journal, files), { durable: [], written: [], doubtful: all });
  }
  assert.deepEqual(judge(null, [null, state(1n)]).doubtful, [4, 5, 6, 7]);
});

test("after a kill, recorded pieces are trusted and nothing is hashed", () => {
  const files = [state(300n), state(250n)];
  assert.deepEqual(judge(journalOf(records), files), { durable: [], written: [0, 1, 2, 5], doubtful: [] });
  const checkpointed = journalOf([...records.slice(0, 2), null, ...records.slice(2)]);
  assert.deepEqual(judge(checkpointed, files), { durable: [0, 2], written: [1, 5], doubtful: [] });
});

test("a file that somebody changed is hashed as a whole, the others are not", () => {
  for (const changed of [state(301n), state(299n), state(300n, 4 * PIECE + 1), state(300n, 4 * PIECE - 1)]) {
    const verdict = judge(journalOf(records), [changed, state(250n)]);
    assert.deepEqual(verdict, { durable: [], written: [5], doubtful: [0, 1, 2, 3] });
  }
  assert.deepEqual(judge(journalOf(records), [null, state(250n)]), { durable: [], written: [5], doubtful: [] });
});

test("a write that was recorded explains no newer mtime, also where its piece had been recorded before", () => {
  const again = journalOf([wrote(0, 100n), began(0, 500n), wrote(0, 600n)]);
  assert.deepEqual(judge(again, [state(600n), null]).written, [0]);
  const { written, doubtful } = judge(again, [state(600n + 10_000_000n), null]);
  assert.deepEqual(written, []);
  assert.deepEqual(doubtful, [0, 1, 2, 3]);
});

test("a record of a piece that the torrent does not have says nothing", () => {
  const beyond = { ...wrote(0, 900n), piece: 2 ** 32 - 1 };
  assert.deepEqual(judge(journalOf([wrote(0, 100n), beyond]), [state(100n), null]).written, [0]);
  assert.deepEqual(judge(journalOf([wrote(0, 100n), beyond]), [state(900n), null]).written, []);
});

test("a write under way at the kill explains a newer mtime for a moment only", () => {
  const time = 1_000_000_000n;
  const journal = journalOf([...records, began(3, time)]);
  for (const mtime of [time, time - 10_000_000n, time + 20_000_000n]) {
    assert.deepEqual(judge(journal, [state(mtime), state(250n)]), {
      durable: [],
      written: [0, 1, 2, 5],
      doubtful: [3],
    });
  }
  for (const mtime of [time - 100_000_000n, time + 100_000_000n]) {
    assert.deepEqual(judge(journal, [state(mtime), state(250n)]).doubtful, [0, 1, 2, 3]);
  }
  assert.deepEqual(
    judge(journal, [state(300n), state(time)]).doubtful,
    [3, 4, 5, 6, 7],
    "it explains its own file only",
  );
  const done = journalOf([...records, began(3, time), wrote(3, time)]);
  assert.deepEqual(
    judge(done, [state(time + 1n), state(250n)]).doubtful,
    [0, 1, 2, 3],
    "a write that ended explains nothing",
  );
});

test("after a crash of the machine only checkpointed pieces are trusted", () => {
  const journal = journalOf([...records.slice(0, 2), null, wrote(1, 400n), wrote(5, 250n)]);
  for (const boot of ["next boot", null]) {
    for (const mtime of [300n, 350n, 400n]) {
      const verdict = judge(journal, [state(mtime), state(250n)], boot);
      assert.deepEqual(verdict, { durable: [0, 2], written: [], doubtful: [1, 5] }, String(mtime));
    }
    for (const mtime of [299n, 401n]) {
      assert.deepEqual(judge(journal, [state(mtime), state(250n)], boot).doubtful, [0, 1, 2, 3, 5]);
    }
  }
});

test("a file that takes up disk and has no record is hashed", () => {
  const used = { ...state(250n), allocatedBytes: 512 };
  const unused = { ...state(250n), allocatedBytes: 0 };
  assert.deepEqual(judge(journalOf([]), [unused, used]), { durable: [], written: [], doubtful: [4, 5, 6, 7] });
  assert.deepEqual(judge(journalOf([began(3, 1n)]), [used, unused]).doubtful, [3]);
});

test("a torn last record costs only its own piece", () => {
  const whole = journalOf(records);
  const verdict = judge(whole.subarray(0, -3), [state(300n), state(250n)]);
  assert.deepEqual(verdict, { durable: [], written: [0, 1, 2], doubtful: [] });
});

test("records of pieces and files that do not exist are harmless", () => {
  const wild: JournalRecord[] = [
    wrote(70_000, 5n),
    { type: "piece", piece: 3, entries: [{ fileIndex: 4e9, value: 1n }] },
    began(1e9, 0n),
  ];
  assert.deepEqual(judge(journalOf([...wild, wrote(0, 7n)]), [state(7n), state(5n)]), {
    durable: [],
    written: [0, 3],
    doubtful: [],
  });
});
