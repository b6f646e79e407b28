import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeNewFile } from "./new-file.ts";
import { temporaryFolder } from "./sample-store.test.ts";

test("writeNewFile() makes a file once, goes on over what a killed process left, and leaves nothing beside it", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "key");
  await writeFile(`${path}.new`, "ha");
  await writeNewFile(path, "whole", 0o600);
  assert.equal(await readFile(path, "utf8"), "whole");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await assert.rejects(writeNewFile(path, "other", 0o600), { code: "EEXIST" });
  assert.equal(await readFile(path, "utf8"), "whole");
  assert.deepEqual(await readdir(folder), ["key"]);
});
