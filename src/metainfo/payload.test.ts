import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MetainfoError } from "./errors.ts";
import { build, patternBytes } from "./fixture.test.ts";
import { parseInfo } from "./info.ts";
import { layOutPayload } from "./payload.ts";
import type { PayloadEntry, PayloadInput } from "./payload.ts";
import { defaultPieceLength } from "./piece-length.ts";

const file = (path: string, lengthBytes = 1): PayloadEntry => ({
  kind: "regular",
  path: path.split("/"),
  lengthBytes,
  executable: false,
  symlinkTarget: null,
});
const link = (path: string, target: string): PayloadEntry => ({
  ...file(path, 0),
  kind: "symlink",
  symlinkTarget: target.split("/"),
});
const folder = (entries: PayloadEntry[], more: Partial<PayloadInput> = {}): PayloadInput => ({
  name: "set",
  version: "hybrid",
  isFolder: true,
  entries,
  ...more,
});

const refused: readonly (readonly [what: string, code: string, input: PayloadInput])[] = [
  ["a name that is a path", "metainfo.path-separator", folder([file("a")], { name: "a/b" })],
  ["an empty folder", "metainfo.empty", folder([])],
  ["a folder of empty files", "metainfo.empty", folder([file("a", 0)])],
  ["an empty single file", "metainfo.empty", folder([file("a", 0)], { isFolder: false })],
  ["a device name", "metainfo.path-device", folder([file("sub/aux.c")])],
  ["names that differ by case", "metainfo.path-duplicate", folder([file("Makefile"), file("makefile")])],
  ["a name of a lone surrogate", "metainfo.path-encoding", folder([file("\ud800")])],
  ["a symlink that leaves the folder", "metainfo.symlink", folder([file("a"), link("b", "../a")])],
  ["a symlink to nothing", "metainfo.symlink", folder([file("a"), link("b", "c")])],
  ["a single symlink", "metainfo.unrepresentable", folder([link("b", "c")], { isFolder: false })],
  ["a v2 folder that looks like its only file", "metainfo.unrepresentable", folder([file("set")], { version: "2" })],
  ["an odd piece length", "metainfo.piece-length", folder([file("a")], { pieceLengthBytes: 50_000 })],
  ["a v1 piece length of 3 bytes", "metainfo.piece-length", folder([file("a")], { pieceLengthBytes: 3, version: "1" })],
  [
    "a fractional piece length",
    "metainfo.piece-length",
    folder([file("a")], { pieceLengthBytes: 32768.5, version: "1" }),
  ],
  ["too many pieces", "metainfo.piece-count", folder([file("a", 2 ** 36)], { pieceLengthBytes: 16_384 })],
  ["too large a file", "metainfo.file-length", folder([file("a", 2 ** 46)])],
];
for (const [what, code, input] of refused) {
  test(`layOutPayload() rejects ${what} with ${code}`, () => {
    assert.throws(() => layOutPayload(input), { name: "MetainfoError", code });
  });
}

test("layOutPayload() puts files in the order of their bytes, element by element", () => {
  const { layout } = layOutPayload(
    folder(
      ["c", "a.txt", "a-b", "a/z", "é", "😀", "\uffee", "B", "Z"].map((path) => file(path)),
      { version: "1" },
    ),
  );
  assert.deepEqual(
    layout.files.map(({ path }) => path.join("/")),
    ["B", "Z", "a/z", "a-b", "a.txt", "c", "é", "\uffee", "😀"],
  );
});

const lengths = (input: PayloadInput): unknown =>
  layOutPayload({ ...input, pieceLengthBytes: 16_384 }).layout.files.map(({ kind, lengthBytes }) => [
    kind,
    lengthBytes,
  ]);

test("layOutPayload() pads hybrid folders after each unaligned file, the last included, and no others", () => {
  assert.deepEqual(lengths(folder([file("a", 16_384), file("b", 0), file("c", 10)])), [
    ["regular", 16_384],
    ["regular", 0],
    ["regular", 10],
    ["pad", 16_374],
  ]);
  assert.deepEqual(lengths(folder([file("a", 10)])), [["regular", 10]]);
  assert.deepEqual(lengths(folder([file("a", 10), file("b", 9)], { version: "1" })), [
    ["regular", 10],
    ["regular", 9],
  ]);
});

test("what layOutPayload() accepts, parseInfo() accepts, with the same layout", () => {
  const element = fc.oneof(
    fc.constantFrom("a", "B", "ü", "😀", "a.b"),
    fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 4 }),
  );
  const files = fc.uniqueArray(
    fc.record({
      path: fc.array(element, { minLength: 1, maxLength: 3 }),
      lengthBytes: fc.integer({ min: 0, max: 40_000 }),
    }),
    {
      minLength: 1,
      maxLength: 6,
      selector: ({ path }) => path.join("/"),
    },
  );
  let accepted = 0;
  fc.assert(
    fc.property(files, fc.constantFrom("1" as const, "2" as const, "hybrid" as const), (wanted, version) => {
      let built;
      try {
        built = build({
          version,
          pieceLengthBytes: 16_384,
          files: wanted.map(({ path, lengthBytes }) => ({ path, bytes: patternBytes(lengthBytes) })),
        });
      } catch (error) {
        assert.ok(error instanceof MetainfoError, String(error));
        return;
      }
      accepted += 1;
      const { layout } = parseInfo(built.infoBytes);
      const plain = (files: typeof layout.files): unknown => files.map((entry) => ({ ...entry, piecesRoot: null }));
      assert.deepEqual(plain(layout.files), plain(built.layout.files));
      assert.equal(layout.spaceBytes, built.layout.spaceBytes);
      assert.equal(layout.blockCountTotal, built.layout.blockCountTotal);
    }),
    { numRuns: 200 },
  );
  assert.ok(accepted > 50, `only ${accepted} were accepted`);
});

test("defaultPieceLength() gives small pieces to small payloads and bounded counts to large ones", () => {
  const KIB = 1024;
  const GIB = 1024 ** 3;
  assert.equal(defaultPieceLength(1), 64 * KIB);
  assert.equal(defaultPieceLength(64 * KIB * KIB), 64 * KIB);
  assert.equal(defaultPieceLength(270_000_000), 128 * KIB);
  assert.equal(defaultPieceLength(GIB - 1), 256 * KIB);
  assert.equal(defaultPieceLength(GIB), 256 * KIB);
  assert.equal(defaultPieceLength(100 * GIB), 8 * KIB * KIB);
  let before = 0;
  for (let lengthBytes = 1; lengthBytes <= 2 ** 46; lengthBytes *= 2) {
    const pieceLength = defaultPieceLength(lengthBytes);
    assert.ok(Number.isInteger(Math.log2(pieceLength)) && pieceLength >= before);
    assert.ok(lengthBytes / pieceLength <= 2 ** 20, `${lengthBytes}`);
    before = pieceLength;
  }
});
