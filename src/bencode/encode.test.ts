import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "./decode.ts";
import { binaryKey, encode, Encoded } from "./encode.ts";

test("encode() rejects numbers that are no safe integers", () => {
  for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => encode([value]), { code: "bencode.value" }, String(value));
  }
});

test("encode() rejects a key that is not one byte a character", () => {
  assert.throws(() => encode({ 日: 1 }), { code: "bencode.value" });
  assert.equal(encode({ [binaryKey("日")]: 1 }).toString(), "d3:日i1ee");
});

test("encode() sorts keys by their bytes, whatever order they come in", () => {
  assert.equal(encode({ b: 1, a: 2, "10": 3, "9": 4, B: 5 }).toString(), "d2:10i3e1:9i4e1:Bi5e1:ai2e1:bi1ee");
  assert.equal(
    encode(
      new Map([
        ["ÿ", 1],
        ["~", 2],
      ]),
    ).toString("latin1"),
    "d1:~i2e1:ÿi1ee",
  );
});

test("encode() writes text as UTF-8, leaves out undefined and never writes -0", () => {
  assert.equal(encode({ name: "é", none: undefined, zero: -0 }).toString(), "d4:name2:é4:zeroi0ee");
});

test("encode() puts Encoded bytes in unchanged", () => {
  const info = Buffer.from("d1:zi1e1:ai2ee");
  assert.equal(encode({ info: new Encoded(info) }).toString(), "d4:infod1:zi1e1:ai2eee");
});

test("encode() writes documents longer than its first buffer", () => {
  const list = Array.from({ length: 5000 }, (_, index) => `value ${index}`);
  assert.deepEqual((decode(encode(list)) as Buffer[]).map(String), list);
});
