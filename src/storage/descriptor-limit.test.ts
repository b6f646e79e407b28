import assert from "node:assert/strict";
import { test } from "node:test";
import { OPEN_FILES_PER_WORKER_MAX } from "../core/index.ts";
import { descriptorLimit, openFilesMax } from "./descriptor-limit.ts";

test("openFilesMax() leaves three quarters of few descriptors to others, and is capped where there are many", () => {
  assert.deepEqual(
    [1024, 256, 64, 10].map((limit) => openFilesMax(2, limit)),
    [OPEN_FILES_PER_WORKER_MAX, 32, 8, 2],
  );
  assert.equal(openFilesMax(8, null), OPEN_FILES_PER_WORKER_MAX);
});

test("descriptorLimit() is a number here", { skip: process.platform !== "linux" && "told by /proc alone" }, () => {
  const limit = descriptorLimit();
  assert.ok(limit !== null && limit >= 64, String(limit));
});
