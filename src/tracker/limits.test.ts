import assert from "node:assert/strict";
import { test } from "node:test";
import { TRACKER_HTTP_TIMEOUT_CHECKS } from "../core/index.ts";
import { httpCheckIntervalMs } from "./limits.ts";

test("httpCheckIntervalMs() looks several times within the shortest limit, and takes 0 for none", () => {
  assert.equal(httpCheckIntervalMs([10_000, 5_000]), 5_000 / TRACKER_HTTP_TIMEOUT_CHECKS);
  assert.equal(httpCheckIntervalMs([0, 5_000]), 5_000 / TRACKER_HTTP_TIMEOUT_CHECKS);
  assert.equal(httpCheckIntervalMs([1]), 1);
  assert.equal(httpCheckIntervalMs([0, 0]), null);
});
