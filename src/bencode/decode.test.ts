import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, decodePrefix } from "./decode.ts";
import { BencodeDict } from "./dict.ts";
import type { BencodeValue } from "./dict.ts";
import { encode } from "./encode.ts";
import { BencodeError } from "./errors.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

const nested = (depth: number): string => "l".repeat(depth) + "e".repeat(depth);

function refusal(text: string, options?: Parameters<typeof decode>[1]): BencodeError {
  try {
    decode(bytes(text), options);
  } catch (error) {
    if (error instanceof BencodeError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `${text} was accepted` });
}

const refused: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["", "bencode.truncated", 0],
  ["d", "bencode.truncated", 1],
  ["l", "bencode.truncated", 1],
  ["li1e", "bencode.truncated", 4],
  ["d1:a", "bencode.truncated", 4],
  ["5:spam", "bencode.truncated", 0],
  ["5", "bencode.truncated", 1],
  ["i12", "bencode.truncated", 3],
  ["x", "bencode.syntax", 0],
  ["e", "bencode.syntax", 0],
  ["-1:a", "bencode.syntax", 0],
  ["1a:x", "bencode.syntax", 1],
  ["ie", "bencode.integer", 0],
  ["i-e", "bencode.integer", 0],
  ["i-0e", "bencode.integer", 0],
  ["i00e", "bencode.integer", 0],
  ["i03e", "bencode.integer", 0],
  ["i-03e", "bencode.integer", 0],
  ["i+3e", "bencode.integer", 1],
  ["i 3e", "bencode.integer", 1],
  ["i3.0e", "bencode.integer", 2],
  ["i1-2e", "bencode.integer", 2],
  [`i${"9".repeat(21)}e`, "bencode.integer", 0],
  ["00:", "bencode.string-length", 0],
  ["01:a", "bencode.string-length", 0],
  [`${"9".repeat(13)}:`, "bencode.string-length", 0],
  ["di1ei2ee", "bencode.key-type", 1],
  ["dli1eei2ee", "bencode.key-type", 1],
  ["d1:bi1e1:ai2ee", "bencode.key-order", 7],
  ["d1:ai1e1:ai2ee", "bencode.key-duplicate", 7],
  ["i1ei2e", "bencode.trailing", 3],
  ["4:spam\n", "bencode.trailing", 6],
];
for (const [text, code, offset] of refused) {
  test(`decode() rejects ${JSON.stringify(text.slice(0, 20))} with ${code}`, () => {
    const error = refusal(text);
    assert.equal(error.code, code);
    assert.equal(error.offset, offset);
  });
}

test("decode() rejects nesting beyond the limit and accepts the limit itself", () => {
  assert.equal(refusal(nested(33)).code, "bencode.depth");
  decode(bytes(nested(32)));
  assert.equal(refusal(nested(3), { limits: { depthMax: 2 } }).code, "bencode.depth");
  // As deep as the input is long: refused before the stack is used up.
  assert.equal(refusal("l".repeat(1_000_000)).code, "bencode.depth");
});

test("decode() rejects more values than the limit, keys included", () => {
  decode(bytes("d1:ai1ee"), { limits: { tokensMax: 3 } });
  assert.equal(refusal("d1:ai1ee", { limits: { tokensMax: 2 } }).code, "bencode.tokens");
});

test("decode() rejects a document above the size limit", () => {
  decode(bytes("4:spam"), { limits: { lengthMaxBytes: 6 } });
  assert.equal(refusal("4:spam", { limits: { lengthMaxBytes: 5 } }).code, "bencode.size");
});

test('decode() with order "any" takes keys as they come but not twice', () => {
  const dict = decode(bytes("d1:bi1e1:ai2ee"), { order: "any" });
  assert.ok(dict instanceof BencodeDict);
  assert.deepEqual([dict.int("a"), dict.int("b")], [2, 1]);
  assert.equal(refusal("d1:bi1e1:ai2e1:bi3ee", { order: "any" }).code, "bencode.key-duplicate");
});

test("decode() gives integers as numbers where exact and as bigints beyond", () => {
  assert.equal(decode(bytes("i9007199254740991e")), Number.MAX_SAFE_INTEGER);
  assert.equal(decode(bytes("i9007199254740993e")), 9007199254740993n);
  assert.equal(decode(bytes("i-18446744073709551615e")), -18446744073709551615n);
  assert.equal(decode(bytes("i0e")), 0);
});

test("decode() gives strings as views of the input", () => {
  const input = bytes("4:spam");
  const value = decode(input) as Buffer;
  input[2] = 0x53;
  assert.equal(value.toString(), "Spam");
});

test("decode() reads a Uint8Array that begins inside its memory", () => {
  const memory = new Uint8Array(bytes("xxx4:spamxx"));
  assert.deepEqual(decode(memory.subarray(3, 9)), Buffer.from("spam"));
});

test("BencodeDict gives the raw bytes of each value and typed values only of their type", () => {
  const dict = decode(bytes("d1:ai-7e1:b3:xyz1:cl1:qe1:dd1:ei1eee"));
  assert.ok(dict instanceof BencodeDict);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((key) => String(dict.span(key))),
    ["i-7e", "3:xyz", "l1:qe", "d1:ei1ee"],
  );
  assert.equal(dict.span("z"), undefined);
  assert.deepEqual([dict.int("a"), dict.int("b")], [-7, undefined]);
  assert.deepEqual([dict.text("b"), dict.text("c"), dict.bytes("a")], ["xyz", undefined, undefined]);
  assert.deepEqual([dict.list("c")?.length, dict.list("d")], [1, undefined]);
  assert.deepEqual([dict.dict("d")?.int("e"), dict.dict("b")], [1, undefined]);
});

test("decodePrefix() leaves the payload after the document", () => {
  const { value, lengthBytes } = decodePrefix(bytes("d8:msg_typei1eePAYLOAD"));
  assert.ok(value instanceof BencodeDict);
  assert.equal(lengthBytes, 15);
  assert.throws(() => decodePrefix(bytes("d8:msg_typei1e")), { code: "bencode.truncated" });
});

const { value: anyValue } = fc.letrec<{ value: BencodeTree }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
    fc.array(tie("value"), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 6 }), tie("value")), { maxLength: 5 })
      .map((entries) => new Map(entries.map(([key, value]) => [Buffer.from(key).toString("latin1"), value]))),
  ),
}));
type BencodeTree = number | bigint | Buffer | readonly BencodeTree[] | ReadonlyMap<string, BencodeTree>;

function plain(value: BencodeValue): BencodeTree {
  if (value instanceof BencodeDict) return new Map([...value.entries()].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? (value as readonly BencodeValue[]).map(plain) : (value as BencodeTree);
}

/** As decode() gives it: small bigints are numbers and keys are sorted. */
function normal(value: BencodeTree): BencodeTree {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, BencodeTree>)];
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, normal(inner)]));
  }
  return Array.isArray(value) ? (value as readonly BencodeTree[]).map(normal) : value;
}

test("decode() gives back what encode() was given", () => {
  fc.assert(fc.property(anyValue, (value) => assert.deepEqual(plain(decode(encode(value))), normal(value))));
});

test("encode() of a decoded document gives its very bytes", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const document = encode(value);
      assert.deepEqual(encode(decode(document)), document);
    }),
  );
});

test("decode() of damaged documents accepts only canonical ones and throws nothing but BencodeError", () => {
  const alphabet = fc.constantFrom(..."0123456789:-deil\u0000\u00ff".split(""));
  fc.assert(
    fc.property(anyValue, fc.nat(), alphabet, fc.boolean(), (value, position, character, insert) => {
      const document = encode(value).toString("latin1");
      const at = position % (document.length + 1);
      const damaged = bytes(document.slice(0, at) + character + document.slice(insert ? at : at + 1));
      try {
        assert.deepEqual(encode(decode(damaged)), damaged);
      } catch (error) {
        if (!(error instanceof BencodeError)) throw error;
        assert.ok(error.offset >= 0 && error.offset <= damaged.length);
      }
    }),
    { numRuns: 1000 },
  );
});
