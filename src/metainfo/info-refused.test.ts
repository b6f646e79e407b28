import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInfo } from "./info.ts";
import { refusedInfos } from "./refused.test.ts";

for (const [what, code, info] of refusedInfos) {
  test(`parseInfo() rejects ${what} with ${code}`, () => {
    assert.throws(() => parseInfo(info), { name: "MetainfoError", code });
  });
}
