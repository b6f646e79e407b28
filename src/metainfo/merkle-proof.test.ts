import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leavesOf, patternBytes } from "./fixture.test.ts";
import { MERKLE_HASH_BYTES, merkleRoot, parentLayer, pieceLayer, treeHeight, zeroHash } from "./merkle.ts";
import { MerkleTree, provenRange, uncleCount, verifyProof } from "./merkle-proof.ts";

const randomLeaves = (count: number, seed = 1): Buffer => patternBytes(count * MERKLE_HASH_BYTES, seed);

test("zeroHash() is the root over zero leaves", () => {
  assert.deepEqual(zeroHash(0), Buffer.alloc(32));
  assert.deepEqual(zeroHash(3), merkleRoot(Buffer.alloc(8 * 32)));
});

test("merkleRoot() pads with zero leaves to the next power of two", () => {
  for (const count of [1, 2, 3, 5, 8, 13]) {
    const leaves = randomLeaves(count);
    const padded = Buffer.concat([leaves, Buffer.alloc((2 ** treeHeight(count) - count) * 32)]);
    assert.deepEqual(merkleRoot(leaves), merkleRoot(padded), String(count));
  }
});

test("merkleRoot() of a piece layer is that of the leaves", () => {
  const leaves = leavesOf(patternBytes(16_384 * 9 + 5));
  for (const pieceLength of [16_384, 32_768, 65_536]) {
    const layer = pieceLayer(leaves, pieceLength);
    assert.equal(layer.length, Math.ceil((16_384 * 9 + 5) / pieceLength) * 32);
    assert.deepEqual(merkleRoot(layer, treeHeight(pieceLength / 16_384)), merkleRoot(leaves));
  }
});

const count = (length: number, proofLayers: number): number | null =>
  uncleCount({ baseLayer: 0, index: 0, length, proofLayers }, 64);

test("uncleCount() leaves out the layers that the requested hashes cover (BEP 52)", () => {
  // 64 leaves: 4 hashes make up two layers, of which the first, log2(4) - 1, is counted but not sent.
  assert.deepEqual(
    [0, 1, 2, 3, 5].map((layers) => count(4, layers)),
    [0, 0, 1, 2, 4],
  );
  assert.deepEqual(
    [0, 1, 2, 5].map((layers) => count(2, layers)),
    [0, 1, 2, 5],
  );
  assert.deepEqual(
    [0, 5].map((layers) => count(64, layers)),
    [0, 0],
  );
  // A single hash, as libtorrent asks for the one that 512 did not reach.
  assert.deepEqual(
    [0, 5].map((layers) => count(1, layers)),
    [1, 6],
  );
});

test("uncleCount() rejects ranges that are none of the tree", () => {
  const range = { baseLayer: 0, index: 0, length: 4, proofLayers: 0 };
  for (const wrong of [
    { baseLayer: 4 },
    { baseLayer: -1 },
    { index: 2 },
    { index: 8 },
    { index: -4 },
    { length: 0 },
    { length: 16 },
    { length: 1.5 },
    { proofLayers: 4 },
    { proofLayers: -1 },
    { length: 2 ** 30 },
  ]) {
    assert.equal(uncleCount({ ...range, ...wrong }, 7), null, JSON.stringify(wrong));
  }
  assert.equal(uncleCount(range, 7), 0);
});

/** A file's block count, and a range of its tree at or above a base level. */
const anyRange = fc
  .record({ blockCount: fc.integer({ min: 1, max: 70 }), base: fc.nat(6), span: fc.nat(6), position: fc.nat(63) })
  .map(({ blockCount, base, span, position }) => {
    const height = treeHeight(blockCount);
    const baseLayer = Math.min(base, height);
    const length = 2 ** Math.min(span, height - baseLayer);
    const slots = 2 ** (height - baseLayer) / length;
    return { blockCount, range: provenRange(baseLayer, (position % slots) * length, length, blockCount) };
  });

test("verifyProof() accepts what proof() gives and nothing that was changed", () => {
  fc.assert(
    fc.property(anyRange, fc.nat(), ({ blockCount, range }, flip) => {
      const tree = new MerkleTree(randomLeaves(blockCount), 0, blockCount);
      const hashes = tree.proof(range);
      assert.ok(hashes);
      assert.deepEqual(tree.root, merkleRoot(randomLeaves(blockCount)));
      assert.ok(verifyProof(range, hashes, tree.root, blockCount));
      const damaged = Buffer.from(hashes);
      damaged[flip % damaged.length] = (damaged[flip % damaged.length] as number) ^ 1;
      assert.equal(verifyProof(range, damaged, tree.root, blockCount), false);
      assert.equal(verifyProof(range, hashes.subarray(32), tree.root, blockCount), false);
      assert.equal(verifyProof(range, Buffer.concat([hashes, zeroHash(0)]), tree.root, blockCount), false);
    }),
  );
});

test("verifyProof() does not take a proof that ends below the root", () => {
  const tree = new MerkleTree(randomLeaves(8), 0, 8);
  const range = { baseLayer: 0, index: 0, length: 2, proofLayers: 1 };
  assert.equal(verifyProof(range, tree.proof(range) as Buffer, tree.root, 8), false);
});

test("leafProof() proves a piece's leaves from the piece layer and those leaves alone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 60 }), fc.nat(), fc.nat(3), fc.nat(7), (blockCount, pick, span, part) => {
      const level = 3;
      const leaves = randomLeaves(blockCount);
      const tree = new MerkleTree(pieceLayer(leaves, 16_384 * 8), level, blockCount);
      const piece = pick % Math.ceil(blockCount / 8);
      const length = 2 ** span;
      const index = piece * 8 + (part % (8 / length)) * length;
      const range = provenRange(0, index, length, blockCount);
      const hashes = tree.leafProof(range, leaves.subarray(piece * 8 * 32, (piece + 1) * 8 * 32));
      assert.ok(hashes);
      assert.deepEqual(hashes, new MerkleTree(leaves, 0, blockCount).proof(range));
      assert.ok(verifyProof(range, hashes, merkleRoot(leaves), blockCount));
    }),
  );
});

test("leafProof() and proof() refuse ranges that they cannot answer", () => {
  const leaves = randomLeaves(32);
  const tree = new MerkleTree(pieceLayer(leaves, 65_536), 2, 32);
  assert.equal(tree.proof(provenRange(0, 0, 4, 32)), null);
  assert.equal(tree.leafProof(provenRange(0, 0, 8, 32), leaves.subarray(0, 128)), null);
  assert.equal(tree.leafProof(provenRange(2, 0, 4, 32), leaves.subarray(0, 128)), null);
});

test("parentLayer() joins an odd last hash with the zero hash of its level", () => {
  const layer = randomLeaves(3);
  const padded = Buffer.concat([layer, zeroHash(2)]);
  assert.deepEqual(parentLayer(layer, 2), parentLayer(padded, 2));
});
