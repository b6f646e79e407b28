import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import type { PieceIndex } from "../core/index.ts";
import { build, leavesOf, patternBytes } from "./fixture.test.ts";
import { parseInfo } from "./info.ts";
import { merkleRoot, treeHeight } from "./merkle.ts";
import { pieceHash } from "./piece-hash.ts";

const files = [
  { path: ["big"], bytes: patternBytes(150_000, 2) },
  { path: ["empty"], bytes: Buffer.alloc(0) },
  { path: ["small"], bytes: patternBytes(40_000, 3) },
];

test("pieceHash() is what the bytes of each piece hash to", () => {
  for (const version of ["1", "2", "hybrid"] as const) {
    const { infoBytes, pieceLayers } = build({ version, pieceLengthBytes: 65_536, files });
    const info = parseInfo(infoBytes);
    const hashOf = pieceHash(info, pieceLayers);
    for (let index = 0; index < info.layout.pieceCount; index++) {
      const piece = index as PieceIndex;
      const padded = Buffer.alloc(info.layout.paddedLength(piece));
      for (const { fileIndex, fileOffset, pieceOffset, lengthBytes } of info.layout.segments(piece)) {
        const { path } = info.layout.files[fileIndex] ?? { path: [] };
        files
          .find((file) => file.path[0] === path[0])
          ?.bytes.copy(padded, pieceOffset, fileOffset, fileOffset + lengthBytes);
      }
      const expected = hashOf(piece);
      assert.ok(expected);
      assert.deepEqual(expected.sha1, version === "2" ? null : hash("sha1", padded, "buffer"));
      if (version === "1") {
        assert.equal(expected.sha256, null);
        continue;
      }
      const leaves = leavesOf(padded.subarray(0, info.layout.pieceLength(piece)));
      assert.deepEqual(expected.sha256, merkleRoot(leaves, 0, treeHeight(expected.leafCount)), `${version} ${index}`);
    }
  }
});

test("pieceHash() does not know pieces whose layer has not arrived, and knows them once it has", () => {
  const { infoBytes, pieceLayers } = build({ pieceLengthBytes: 65_536, files });
  const info = parseInfo(infoBytes);
  const arriving = new Map<string, Buffer>();
  const hashOf = pieceHash(info, arriving);
  const [big, small] = [0 as PieceIndex, 3 as PieceIndex];
  assert.equal(hashOf(big), null);
  assert.ok(hashOf(small)?.sha256);
  for (const [root, layer] of pieceLayers ?? []) arriving.set(root, layer);
  assert.ok(hashOf(big)?.sha256);
});

test("pieceHash() takes the SHA-1 alone only where told so", () => {
  const info = parseInfo(build({ pieceLengthBytes: 65_536, files }).infoBytes);
  assert.equal(pieceHash(info, null)(0 as PieceIndex), null);
  const alone = pieceHash(info, null, { sha1Suffices: true })(0 as PieceIndex);
  assert.equal(alone?.sha1?.length, 20);
  assert.equal(alone?.sha256, null);
});
