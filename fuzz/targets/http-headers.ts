// What the origin reads from headers and queries by code of its own: ranges, conditions, what somebody typed into the search.

import assert from "node:assert/strict";
import { SEARCH_WORDS_MAX } from "../../src/core/index.ts";
import { searchWords } from "../../src/origin/catalogue/release-search.ts";
import { parseRange } from "../../src/origin/http/byte-range.ts";
import { judge } from "../../src/origin/http/preconditions.ts";
import type { FuzzTarget } from "../target.ts";

const LENGTH_BYTES = 1_000;

export const byteRange: FuzzTarget = {
  name: "byte-range",
  corpus: ["bytes=0-0", "bytes=10-20", "bytes=-5", "bytes=990-", "BYTES = 1 - 2"].map((text) => Buffer.from(text)),
  tokens: ["bytes=", "-", ",", " ", "0", "999", "1000", "1e3", "+1"],
  isBencoded: false,
  check: (input) => {
    const header = input.toString("latin1");
    for (const lengthBytes of [0, 1, LENGTH_BYTES, Number.MAX_SAFE_INTEGER]) {
      const range = parseRange(header, lengthBytes);
      if (typeof range === "string") continue;
      const { first, last } = range;
      assert.ok(
        Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && first <= last && last < lengthBytes,
      );
    }
    return typeof parseRange(header, LENGTH_BYTES) !== "string";
  },
};

const now = { etag: '"abc"', modifiedMs: Date.UTC(2026, 10, 25), lengthBytes: LENGTH_BYTES };
const conditions = [
  "if-match",
  "if-none-match",
  "if-range",
  "if-modified-since",
  "if-unmodified-since",
  "range",
] as const;

export const preconditions: FuzzTarget = {
  name: "preconditions",
  corpus: [
    'if-none-match: "abc"',
    'if-match: "abc", W/"def"\nrange: bytes=0-9',
    'if-range: "abc"\nrange: bytes=5-',
    "if-modified-since: Wed, 25 Nov 2026 00:00:00 GMT\nif-range: Wed, 25 Nov 2026 00:00:00 GMT",
    "if-unmodified-since: Wed, 25 Nov 2026 00:00:00 GMT\nrange: bytes=-1",
  ].map((text) => Buffer.from(text)),
  tokens: [...conditions, ": ", "\n", '"', "W/", "*", ",", "bytes=", "-", "GMT"],
  isBencoded: false,
  check: (input) => {
    const lines = input
      .toString("latin1")
      .split("\n")
      .map((line) => line.split(": "));
    const headers = Object.fromEntries(lines.filter(([name]) => conditions.some((each) => each === name)));
    const verdict = judge("GET", headers, now);
    // Whoever asks without conditions is never told that nothing has changed.
    if (Object.keys(headers).length === 0) assert.equal(verdict.status, 200);
    if (verdict.status === 206)
      assert.ok(verdict.range.first <= verdict.range.last && verdict.range.last < LENGTH_BYTES);
    assert.ok(!("range" in headers) || [200, 206, 304, 412, 416].includes(verdict.status));
    return verdict.status !== 200;
  },
};

export const searchQuery: FuzzTarget = {
  name: "search-query",
  corpus: ["node linux", "100%_", "\u0000x", "ä  b"].map((text) => Buffer.from(text)),
  tokens: ["%", "_", "\\", "'", '"', "\u0000", " ", "\n"],
  isBencoded: false,
  check: (input) => {
    const words = searchWords(input.toString("utf8"));
    assert.ok(words.length <= SEARCH_WORDS_MAX);
    for (const word of words) assert.ok(word !== "" && !/[\s\p{Cc}]/u.test(word));
    assert.deepEqual(searchWords(words.join(" ")).slice(0, words.length), words, "What counts counts again.");
    return words.length > 0;
  },
};
