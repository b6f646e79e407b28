import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeNewFile } from "./new-file.ts";
import { temporaryFolder } from "./sample-store.test.ts";

test("writeNewFile() makes a file once, goes on over what a killed process left, and leaves nothing beside it", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "key");
  // Of a process that is no more (numbers end at 2^22), and of one that is in the middle of it.
  await writeFile(`${path}.4194305.0123456789abcdef.new`, "ha");
  const other = `key.${process.ppid}.0123456789abcdef.new`;
  await writeFile(join(folder, other), "ha");
  await writeNewFile(path, "whole", 0o600);
  assert.equal(await readFile(path, "utf8"), "whole");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await assert.rejects(writeNewFile(path, "other", 0o600), { code: "EEXIST" });
  assert.equal(await readFile(path, "utf8"), "whole");
  assert.deepEqual((await readdir(folder)).sort(), ["key", other]);
});

test("writeNewFile() that runs twice at once makes one file, and tells one of both that it is there", async (t) => {
  const path = join(await temporaryFolder(t), "key");
  for (let round = 0; round < 20; round++) {
    const texts = ["one", "other"];
    const outcomes = await Promise.allSettled(texts.map((text) => writeNewFile(`${path}${round}`, text, 0o600)));
    const made = outcomes.findIndex(({ status }) => status === "fulfilled");
    assert.equal(await readFile(`${path}${round}`, "utf8"), texts[made]);
    assert.equal((outcomes[1 - made] as PromiseRejectedResult).reason.code, "EEXIST");
  }
});
