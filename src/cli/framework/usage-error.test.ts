import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./usage-error.ts";

test("nearest() finds a slip, a swap and a lost letter, and nothing where nothing is near", () => {
  const names = ["create", "inspect", "verify", "seed", "get"];
  assert.deepEqual(
    ["craete", "inspct", "verfiy", "sead", "GET"].map((word) => nearest(word, names)),
    ["create", "inspect", "verify", "seed", "get"],
  );
  assert.deepEqual(
    ["publish", "x", ""].map((word) => nearest(word, names)),
    [null, null, null],
  );
});
