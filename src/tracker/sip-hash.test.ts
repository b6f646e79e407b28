import assert from "node:assert/strict";
import { test } from "node:test";
import { SipHash } from "./sip-hash.ts";

// The vectors of the algorithm's authors: key 00 … 0f, message 00, 01, 02 …; theirs of whole words.
const key = Buffer.from(Array.from({ length: 16 }, (_, index) => index));
const message = Int32Array.from({ length: 4 }, (_, word) =>
  Buffer.from([0, 1, 2, 3].map((byte) => word * 4 + byte)).readInt32LE(0),
);

for (const [words, expected] of [
  [0, "726fdb47dd0e0e31"],
  [1, "cf2794e0277187b7"],
  [2, "93f5f5799a932462"],
  [4, "3f2acc7f57c29bdb"],
] as const) {
  test(`SipHash gives the published value for ${words * 4} bytes`, () => {
    const hash = new SipHash(key);
    hash.update(message, words);
    assert.equal(((BigInt(hash.high) << 32n) | BigInt(hash.low)).toString(16), expected);
  });
}
