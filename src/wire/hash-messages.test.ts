import assert from "node:assert/strict";
import { test } from "node:test";
import { HASH_LAYERS_MAX, HASH_REQUEST_LENGTH_MAX } from "../core/index.ts";
import {
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  hashesCount,
  isSameHashRequest,
  isValidHashRequest,
} from "./hash-messages.ts";
import type { HashRequest } from "./hash-messages.ts";

function request(part: Partial<HashRequest> = {}): HashRequest {
  return { piecesRoot: Buffer.alloc(32, 1), baseLayer: 0, index: 0, length: 2, proofLayers: 0, ...part };
}

test("isValidHashRequest() rejects numbers that no file's tree has", () => {
  const bad: Partial<HashRequest>[] = [
    { length: 0 },
    { length: HASH_REQUEST_LENGTH_MAX + 1 },
    { length: 0xffffffff },
    { index: 1, length: 2 },
    { index: 256, length: 512 },
    { index: 2, length: 3 },
    { baseLayer: HASH_LAYERS_MAX + 1 },
    { proofLayers: HASH_LAYERS_MAX + 1 },
    { proofLayers: 0xffffffff },
  ];
  for (const part of bad) assert.equal(isValidHashRequest(request(part)), false, JSON.stringify(part));
});

test("isValidHashRequest() takes powers of two, and lengths that the end of a layer cuts off", () => {
  const good: Partial<HashRequest>[] = [
    { length: 1 },
    { length: 512, index: 512 * 7 },
    { length: 3, index: 4 },
    { length: 300, index: 512 },
    { length: HASH_REQUEST_LENGTH_MAX },
    { baseLayer: HASH_LAYERS_MAX, proofLayers: HASH_LAYERS_MAX },
  ];
  for (const part of good) assert.equal(isValidHashRequest(request(part)), true, JSON.stringify(part));
});

test("hashesCount() counts the base layer and the uncles that it does not give already", () => {
  const cases: readonly (readonly [length: number, proofLayers: number, count: number])[] = [
    [2, 0, 2],
    [2, 1, 3],
    [4, 1, 4],
    [4, 2, 5],
    [512, 8, 512],
    [512, 10, 514],
    [1, 0, 1],
  ];
  for (const [length, proofLayers, count] of cases) {
    assert.equal(hashesCount(request({ length, proofLayers })), count, `${length} with ${proofLayers}`);
  }
});

test("isSameHashRequest() tells an answer to another request", () => {
  const asked = request({ baseLayer: 3, index: 4, length: 4, proofLayers: 5 });
  assert.equal(isSameHashRequest(asked, { ...asked, piecesRoot: Buffer.from(asked.piecesRoot) }), true);
  for (const other of [
    { baseLayer: 2 },
    { index: 8 },
    { length: 2 },
    { proofLayers: 4 },
    { piecesRoot: Buffer.alloc(32) },
  ]) {
    assert.equal(isSameHashRequest(asked, { ...asked, ...other }), false);
  }
});

test("the encoders write the layout of BEP 52", () => {
  const asked = request({ baseLayer: 1, index: 2, length: 3, proofLayers: 0xffffffff });
  const payload = `${"01".repeat(32)}000000010000000200000003ffffffff`;
  assert.equal(encodeHashRequest(asked).toString("hex"), `0000003115${payload}`);
  assert.equal(encodeHashReject(asked).toString("hex"), `0000003117${payload}`);
  assert.equal(encodeHashes(asked, Buffer.alloc(32, 9)).toString("hex"), `0000005116${payload}${"09".repeat(32)}`);
});
