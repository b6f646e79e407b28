import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRange } from "./byte-range.ts";
import { judge } from "./preconditions.ts";

test("parseRange() gives one range within the file, nothing, or the whole", () => {
  for (const [header, expected] of [
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=10-", { first: 10, last: 99 }],
    ["bytes=10-1000", { first: 10, last: 99 }],
    ["bytes=-1", { first: 99, last: 99 }],
    ["bytes=-1000", { first: 0, last: 99 }],
    ["BYTES = 5 - 6", { first: 5, last: 6 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", "whole"],
    ["bytes=0-1,3-4", "whole"],
    ["bytes=-", "whole"],
    ["lines=1-2", "whole"],
    ["", "whole"],
    [undefined, "whole"],
  ] as const) {
    assert.deepEqual(parseRange(header, 100), expected, String(header));
  }
  assert.equal(parseRange("bytes=0-", 0), "unsatisfiable");
  assert.equal(parseRange("bytes=-5", 0), "unsatisfiable");
});

test("parseRange() never leads outside of the file, whatever is asked", () => {
  const number = fc.oneof(fc.constant(""), fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String));
  fc.assert(
    fc.property(number, number, fc.integer({ min: 0, max: 1000 }), (from, to, lengthBytes) => {
      const range = parseRange(`bytes=${from}-${to}`, lengthBytes);
      if (typeof range === "string") return;
      assert.ok(0 <= range.first && range.first <= range.last && range.last < lengthBytes);
    }),
  );
});

const now = { etag: '"tag"', modifiedMs: Date.parse("2026-01-01T00:00:01.500Z"), lengthBytes: 100 };
const before = "Thu, 01 Jan 2026 00:00:00 GMT";
const same = "Thu, 01 Jan 2026 00:00:01 GMT";

test("judge() asks the conditions in the order of RFC 9110", () => {
  for (const [headers, status] of [
    [{}, 200],
    [{ "if-none-match": '"other", W/"tag"' }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"other"', "if-modified-since": same }, 200],
    [{ "if-modified-since": same }, 304],
    [{ "if-modified-since": before }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
    [{ "if-match": 'W/"tag"' }, 412],
    [{ "if-match": '"tag"', "if-unmodified-since": before }, 200],
    [{ "if-match": '"other"', "if-none-match": '"tag"' }, 412],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": same }, 200],
    [{ range: "bytes=0-9" }, 206],
    [{ range: "bytes=100-" }, 416],
    [{ range: "bytes=100-", "if-none-match": '"tag"' }, 304],
    [{ range: "bytes=0-9", "if-range": '"tag"' }, 206],
    [{ range: "bytes=0-9", "if-range": 'W/"tag"' }, 200],
    [{ range: "bytes=0-9", "if-range": same }, 206],
    [{ range: "bytes=0-9", "if-range": before }, 200],
  ] as const) {
    assert.equal(judge("GET", headers, now).status, status, JSON.stringify(headers));
  }
  assert.equal(judge("HEAD", { range: "bytes=0-9" }, now).status, 200);
  assert.equal(judge("GET", { "if-modified-since": same }, { ...now, modifiedMs: null }).status, 200);
});
