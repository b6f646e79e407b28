import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../core/index.ts";
import { merkleRoot, treeHeight } from "../metainfo/index.ts";
import { digestLeaves, paddedSha1, subtreeRoot } from "./piece-digest.ts";
import { leavesOf, sha } from "./sample-torrent.test.ts";

test("subtreeRoot() agrees with the Merkle tree of the metainfo", () => {
  for (const [count, leafCount] of [
    [1, 1],
    [1, 4],
    [3, 4],
    [5, 16],
    [16, 16],
  ] as const) {
    const leaves = seededRandom(count).bytes(count * 32);
    assert.deepEqual(subtreeRoot(leaves, leafCount), merkleRoot(leaves, 0, treeHeight(leafCount)));
  }
});

test("paddedSha1() hashes the zeros behind the bytes", () => {
  const bytes = seededRandom(1).bytes(1000);
  for (const padded of [1000, 1001, 70_000, 200_000]) {
    assert.deepEqual(paddedSha1(bytes, padded), sha("sha1", Buffer.concat([bytes, Buffer.alloc(padded - 1000)])));
  }
});

test("digestLeaves() hashes a short last block as it is", () => {
  const bytes = seededRandom(2).bytes(40_000);
  const leaves = Buffer.alloc(96);
  digestLeaves(bytes, 16_384, leaves, 0);
  assert.deepEqual(leaves, Buffer.concat(leavesOf(bytes)));
});
