import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PieceIndex } from "../core/index.ts";
import { MetainfoError } from "./errors.ts";
import { createLayout } from "./layout.ts";
import type { LayoutEntry } from "./layout.ts";
import type { Layout, Segment } from "./types.ts";

const entry = (kind: LayoutEntry["kind"], lengthBytes: number, path = "x"): LayoutEntry => ({
  kind,
  path: [path],
  lengthBytes,
  executable: false,
  symlinkTarget: null,
  piecesRoot: null,
});
const pieceLengthBytes = 32_768;
const layoutOf = (placement: "listed" | "aligned", ...entries: LayoutEntry[]): Layout =>
  createLayout({ isFolder: true, pieceLengthBytes, entries, placement });
const pieces = (layout: Layout): PieceIndex[] => Array.from({ length: layout.pieceCount }, (_, i) => i as PieceIndex);

test("createLayout() rejects a torrent without bytes and a piece of padding alone", () => {
  assert.throws(() => layoutOf("listed", entry("regular", 0), entry("symlink", 0)), { code: "metainfo.empty" });
  const pads = [entry("regular", 1), entry("pad", 32_767), entry("pad", 1)];
  assert.throws(() => layoutOf("listed", ...pads), { code: "metainfo.pad" });
  // One byte of a file in the second piece and it is no padding alone.
  assert.equal(layoutOf("listed", ...pads, entry("regular", 1)).pieceCount, 2);
});

test("a hybrid layout drops the padding at the end of pieces, not what v1 hashes", () => {
  const layout = layoutOf(
    "listed",
    entry("regular", 32_769),
    entry("pad", 32_767),
    entry("regular", 20_000),
    entry("pad", 12_768),
  );
  assert.equal(layout.pieceCount, 3);
  assert.deepEqual(
    pieces(layout).map((piece) => layout.pieceLength(piece)),
    [32_768, 1, 20_000],
  );
  assert.deepEqual(
    pieces(layout).map((piece) => layout.paddedLength(piece)),
    [32_768, 32_768, 32_768],
  );
  assert.deepEqual(
    pieces(layout).map((piece) => layout.blockCount(piece)),
    [2, 1, 2],
  );
  assert.equal(layout.blockLength(2 as PieceIndex, 1), 20_000 - 16_384);
  assert.deepEqual([layout.lengthBytes, layout.spaceBytes, layout.blockCountTotal], [52_769, 98_304, 5]);
  assert.deepEqual(
    pieces(layout).map((piece) => layout.fileOfPiece(piece).index),
    [0, 0, 2],
  );
});

test("a v2 layout has the pieces of the hybrid one without its pad files", () => {
  const layout = layoutOf("aligned", entry("regular", 32_769), entry("regular", 0), entry("regular", 20_000));
  assert.deepEqual(
    layout.files.map((file) => file.offset),
    [0, 65_536, 65_536],
  );
  assert.deepEqual(
    pieces(layout).map((piece) => layout.pieceLength(piece)),
    [32_768, 1, 20_000],
  );
  assert.equal(layout.spaceBytes, 98_304);
  assert.equal(layout.paddedLength(2 as PieceIndex), 32_768);
});

test("padding in the middle of a v1 piece counts as bytes of it", () => {
  const layout = layoutOf("listed", entry("regular", 10), entry("pad", 90), entry("regular", 10), entry("pad", 5));
  const piece = 0 as PieceIndex;
  assert.equal(layout.pieceLength(piece), 110);
  assert.equal(layout.paddedLength(piece), 115);
  assert.deepEqual(layout.segments(piece), [
    { fileIndex: 0, fileOffset: 0, pieceOffset: 0, lengthBytes: 10 },
    { fileIndex: 2, fileOffset: 0, pieceOffset: 100, lengthBytes: 10 },
  ]);
  assert.deepEqual(layout.segments(piece, 20, 85), [{ fileIndex: 2, fileOffset: 0, pieceOffset: 100, lengthBytes: 5 }]);
  assert.deepEqual(layout.segments(piece, 20, 60), []);
});

test("isValidRequest() takes what lies in the padded piece and nothing else", () => {
  const layout = layoutOf("listed", entry("regular", 20_000), entry("pad", 12_768), entry("regular", 5));
  for (const [piece, begin, length] of [
    [0, 0, 16_384],
    [0, 16_384, 16_384],
    [0, 20_000, 1],
    [0, 32_767, 1],
    [1, 0, 5],
    [0, 7, 100],
  ] as const) {
    assert.equal(layout.isValidRequest(piece, begin, length), true, `${piece} ${begin} ${length}`);
  }
  for (const [piece, begin, length] of [
    [2, 0, 1],
    [-1, 0, 1],
    [0.5, 0, 1],
    [0, -1, 2],
    [0, 0, 0],
    [0, 0, 16_385],
    [0, 32_768, 1],
    [0, 16_385, 16_384],
    [1, 0, 6],
    [1, 5, 1],
    [Number.NaN, 0, 1],
    [0, 2 ** 32, 1],
    [0, 0, -1],
  ] as const) {
    assert.equal(layout.isValidRequest(piece, begin, length), false, `${piece} ${begin} ${length}`);
  }
});

test("pieceIndex() mints only indexes of this torrent", () => {
  const layout = layoutOf("listed", entry("regular", 40_000));
  assert.deepEqual(
    [0, 1].map((value) => layout.pieceIndex(value)),
    [0, 1],
  );
  assert.deepEqual(
    [-1, 2, 0.5, Number.NaN].map((value) => layout.pieceIndex(value)),
    [null, null, null, null],
  );
});

test("lengths stay exact in a torrent of 2^21 pieces of 64 MiB", () => {
  const layout = createLayout({
    isFolder: false,
    pieceLengthBytes: 2 ** 26,
    entries: [
      entry("regular", 2 ** 45),
      entry("regular", 2 ** 45),
      entry("regular", 2 ** 45),
      entry("regular", 2 ** 45 - 1),
    ],
    placement: "listed",
  });
  const last = layout.pieceIndex(2 ** 21 - 1) as PieceIndex;
  assert.equal(layout.pieceLength(last), 2 ** 26 - 1);
  assert.equal(layout.blockCountTotal, 2 ** 33);
  assert.deepEqual(layout.segments(last, 2 ** 26 - 17), [
    { fileIndex: 3, fileOffset: 2 ** 45 - 17, pieceOffset: 2 ** 26 - 17, lengthBytes: 16 },
  ]);
});

const anyEntries = fc.array(
  fc.record({
    kind: fc.constantFrom("regular" as const, "regular" as const, "symlink" as const, "pad" as const),
    length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 9000 })),
  }),
  { minLength: 1, maxLength: 12 },
);

test("segments and padding tile every piece, and every sum agrees", () => {
  let seen = 0;
  fc.assert(
    fc.property(anyEntries, fc.constantFrom("listed" as const, "aligned" as const), (wanted, placement) => {
      const entries = wanted
        .filter(({ kind }) => placement === "listed" || kind !== "pad")
        .map(({ kind, length }) => entry(kind, kind === "symlink" ? 0 : kind === "pad" ? length % 2048 : length));
      let layout: Layout;
      try {
        layout = createLayout({ isFolder: true, pieceLengthBytes: 2048, entries, placement });
      } catch (error) {
        assert.ok(error instanceof MetainfoError);
        return;
      }
      seen += 1;
      const covered = layout.files.map(() => 0);
      let blocks = 0;
      for (const piece of pieces(layout)) {
        const length = layout.pieceLength(piece);
        assert.ok(length > 0 && length <= layout.paddedLength(piece));
        const segments = layout.segments(piece);
        let end = 0;
        for (const segment of segments) {
          const file = layout.files[segment.fileIndex];
          assert.equal(file?.kind, "regular");
          assert.ok(segment.pieceOffset >= end && segment.lengthBytes > 0);
          assert.equal(file.offset + segment.fileOffset, piece * 2048 + segment.pieceOffset);
          assert.equal(segment.fileOffset, covered[segment.fileIndex]);
          covered[segment.fileIndex] = segment.fileOffset + segment.lengthBytes;
          end = segment.pieceOffset + segment.lengthBytes;
          const range = layout.filePieces(segment.fileIndex);
          assert.ok(range.first <= piece && piece < range.end);
        }
        // The last byte of a piece is never padding.
        assert.equal(end, length);
        assert.equal(layout.fileOfPiece(piece).index, segments[0]?.fileIndex);
        let sum = 0;
        for (let block = 0; block < layout.blockCount(piece); block++) sum += layout.blockLength(piece, block);
        assert.equal(sum, length);
        blocks += layout.blockCount(piece);
      }
      assert.equal(blocks, layout.blockCountTotal);
      assert.deepEqual(
        covered,
        layout.files.map((file) => (file.kind === "regular" ? file.lengthBytes : 0)),
      );
    }),
    { numRuns: 500 },
  );
  assert.ok(seen > 200, `only ${seen} layouts were looked at`);
});

test("segments() of two parts of a range meet in the middle of it", () => {
  const layout = layoutOf("listed", entry("regular", 10_000), entry("regular", 50_000), entry("regular", 3));
  fc.assert(
    fc.property(fc.nat(1), fc.nat(27_000), fc.integer({ min: 1, max: 32_768 }), (index, begin, length) => {
      const piece = index as PieceIndex;
      const whole = layout.segments(piece, begin, length);
      const middle = begin + (length >> 1);
      const parts = [
        ...layout.segments(piece, begin, middle - begin),
        ...layout.segments(piece, middle, length - (length >> 1)),
      ];
      assert.equal(totalOf(parts), totalOf(whole));
      assert.equal(totalOf(whole), Math.max(0, Math.min(length, layout.pieceLength(piece) - begin)));
      assert.deepEqual(startOf(parts[0]), startOf(whole[0]));
      assert.deepEqual(endOf(parts.at(-1)), endOf(whole.at(-1)));
    }),
  );
});

const totalOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
const startOf = (segment: Segment | undefined): unknown => [
  segment?.fileIndex,
  segment?.fileOffset,
  segment?.pieceOffset,
];
const endOf = (segment: Segment | undefined): unknown => [
  segment?.fileIndex,
  (segment?.fileOffset ?? 0) + (segment?.lengthBytes ?? 0),
];
