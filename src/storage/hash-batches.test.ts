import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HASH_JOB_BYTES, HASH_JOB_SEGMENTS_MAX } from "../core/index.ts";
import { createLayout } from "../metainfo/index.ts";
import { allPieces, placeOfPiece } from "./artifact.ts";
import { hashBatches } from "./hash-batches.ts";
import { placeInRun } from "./piece-place.ts";

const pieceLengthBytes = 16_384;

test("hashBatches() names the place of each piece that is asked for once, in order, whatever the files' lengths", () => {
  const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constant(pieceLengthBytes * 3)), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(lengths, fc.boolean(), fc.integer({ min: 1, max: 5 }), (lengthsBytes, isAligned, gap) => {
      fc.pre(lengthsBytes.some((lengthBytes) => lengthBytes > 0));
      const entries = lengthsBytes.map((lengthBytes, index) => ({
        path: [`${index}`],
        lengthBytes,
        kind: "regular" as const,
        executable: false,
        symlinkTarget: null,
        piecesRoot: null,
      }));
      const placement = isAligned ? "aligned" : "listed";
      const layout = createLayout({ isFolder: true, pieceLengthBytes, entries, placement });
      for (const pieces of [[...allPieces(layout)], [...allPieces(layout)].filter((piece) => piece % (gap + 1) > 0)]) {
        const named = [...hashBatches(layout, pieces, isAligned)]
          .flat()
          .flatMap((run) => Array.from({ length: run.count }, (_, at) => placeInRun(run, at)));
        assert.deepEqual(
          named,
          pieces.map((piece) => placeOfPiece(layout, piece, isAligned)),
        );
      }
    }),
  );
});

test("hashBatches() gives a job 16 MiB of a large file as one run, and of small files so many parts", () => {
  const entry = { kind: "regular" as const, executable: false, symlinkTarget: null, piecesRoot: null };
  const large = createLayout({
    isFolder: false,
    pieceLengthBytes,
    entries: [{ ...entry, path: ["large"], lengthBytes: HASH_JOB_BYTES * 2 + 5 }],
    placement: "listed",
  });
  const runs = [...hashBatches(large, [...allPieces(large)], false)];
  const full = HASH_JOB_BYTES / pieceLengthBytes;
  assert.deepEqual(
    runs.map((batch) => batch.map(({ count }) => count)),
    [[full], [full], [1]],
  );
  const small = createLayout({
    isFolder: true,
    pieceLengthBytes,
    entries: Array.from({ length: HASH_JOB_SEGMENTS_MAX + 9 }, (_, at) => ({
      ...entry,
      path: [`${at}`],
      lengthBytes: 9,
    })),
    placement: "aligned",
  });
  const counts = [...hashBatches(small, [...allPieces(small)], true)].map((batch) => batch.length);
  assert.deepEqual(
    counts.reduce((sum, count) => sum + count, 0),
    HASH_JOB_SEGMENTS_MAX + 9,
  );
  assert.ok(Math.max(...counts) <= HASH_JOB_SEGMENTS_MAX);
});
