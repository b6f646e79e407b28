import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import {
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataPieceLength,
  parseMetadataMessage,
} from "./metadata-messages.ts";
import { WireError } from "./wire-error.ts";

const HEADER = 6;
const parse = (text: string): ReturnType<typeof parseMetadataMessage> =>
  parseMetadataMessage(Buffer.from(text, "latin1"));

const x = (count: number): string => "x".repeat(count);

test("parseMetadataMessage() rejects what no sender of metadata means", () => {
  for (const text of [
    "",
    "le",
    "de",
    "d5:piecei0ee",
    "d8:msg_typei0ee",
    "d8:msg_typei0e5:piecei-1ee",
    `d8:msg_typei2e5:piecei${INFO_LENGTH_MAX_BYTES / 16_384}ee`,
    `d8:msg_typei1e5:piecei0ee${x(100)}`,
    `d8:msg_typei1e5:piecei0e10:total_sizei0ee`,
    `d8:msg_typei1e5:piecei0e10:total_sizei100ee${x(99)}`,
    `d8:msg_typei1e5:piecei0e10:total_sizei100ee${x(101)}`,
    `d8:msg_typei1e5:piecei1e10:total_sizei100ee`,
    `d8:msg_typei1e5:piecei0e10:total_sizei20000ee${x(20_000)}`,
    `d8:msg_typei1e5:piecei0e10:total_sizei${INFO_LENGTH_MAX_BYTES + 1}ee${x(16_384)}`,
  ]) {
    assert.throws(() => parse(text), { name: "WireError", code: "wire.payload" }, text.slice(0, 60));
  }
});

test("parseMetadataMessage() ignores kinds of message to come", () => {
  assert.equal(parse("d8:msg_typei3e5:piecei0ee"), null);
  assert.equal(parse("d8:msg_typei-1ee"), null);
});

test("parseMetadataMessage() reads requests, rejects and data", () => {
  assert.deepEqual(parse("d8:msg_typei0e5:piecei7ee"), { type: "request", piece: 7 });
  assert.deepEqual(parse("d5:piecei7e8:msg_typei2ee"), { type: "reject", piece: 7 });
  assert.deepEqual(parse("d8:msg_typei1e5:piecei1e10:total_sizei16387eeabc"), {
    type: "data",
    piece: 1,
    totalBytes: 16_387,
    data: Buffer.from("abc"),
  });
});

test("metadata messages read back as they were written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50_000 }), fc.nat(3), (totalBytes, piece) => {
      const length = metadataPieceLength(piece, totalBytes);
      const data = Buffer.alloc(length, 0x64);
      const message = encodeMetadataData(9, piece, totalBytes, data);
      assert.equal(message[5], 9);
      if (length === 0) assert.throws(() => parseMetadataMessage(message.subarray(HEADER)), WireError);
      else assert.deepEqual(parseMetadataMessage(message.subarray(HEADER)), { type: "data", piece, totalBytes, data });
    }),
  );
  assert.deepEqual(parseMetadataMessage(encodeMetadataRequest(1, 5).subarray(HEADER)), { type: "request", piece: 5 });
  assert.deepEqual(parseMetadataMessage(encodeMetadataReject(1, 5).subarray(HEADER)), { type: "reject", piece: 5 });
});

test("metadataPieceLength() is 16 KiB but for the last piece, and 0 beyond", () => {
  assert.deepEqual(
    [0, 1, 2].map((piece) => metadataPieceLength(piece, 20_000)),
    [16_384, 3_616, 0],
  );
  assert.deepEqual(
    [0, 1].map((piece) => metadataPieceLength(piece, 16_384)),
    [16_384, 0],
  );
});
