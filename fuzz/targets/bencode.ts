// The bencode decoder. What it accepts is canonical: encoded again it is the same bytes.

import assert from "node:assert/strict";
import { BencodeError, decode, encode } from "../../src/bencode/index.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

export const bencode: FuzzTarget = {
  name: "bencode",
  corpus: [
    encode({ a: 1, b: ["x", Buffer.from([0, 255]), []], c: { d: -5, e: {} } }),
    encode([0, 2n ** 62n, "", "text", [[[[]]]]]),
    encode(Buffer.alloc(300, 7)),
    Buffer.from("i-1e"),
  ],
  tokens: ["i", "e", "l", "d", "de", "le", "i0e", "i-0e", "i00e", "0:", "1:a", "00:", "1:", "99999999999:"],
  isBencoded: true,
  check: (input) =>
    accepts(BencodeError, () => {
      const value = decode(input);
      assert.ok(encode(value).equals(input), "what is accepted is canonical");
    }),
};
