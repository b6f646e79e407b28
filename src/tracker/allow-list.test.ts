import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllowList, readAllowList } from "./allow-list.ts";
import { TrackerError } from "./tracker-error.ts";

for (const [what, line] of [
  ["39 digits", "a".repeat(39)],
  ["63 digits", "a".repeat(63)],
  ["letters that are no hex digits", "g".repeat(40)],
  ["two hashes in a line", `${"a".repeat(40)} ${"b".repeat(40)}`],
] as const) {
  test(`parseAllowList() rejects ${what} and names the line`, () => {
    assert.throws(
      () => parseAllowList(`# releases\n${line}\n`),
      (error) =>
        error instanceof TrackerError && error.code === "tracker.allow-list" && error.message.includes("Line 2"),
    );
  });
}

test("parseAllowList() takes v1 hashes, truncates v2 hashes, and skips comments and empty lines", () => {
  const text = `# a release\r\n${"A".repeat(40)} # v1 twin\r\n\r\n${"b".repeat(40)}${"c".repeat(24)}`;
  assert.deepEqual([...parseAllowList(text)], ["a".repeat(40), "b".repeat(40)]);
  assert.equal(parseAllowList("").size, 0);
});

test("readAllowList() says which file it cannot read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-allow-"));
  try {
    const path = join(folder, "allow");
    await assert.rejects(readAllowList(path), (error) => error instanceof TrackerError && error.message.includes(path));
    await writeFile(path, "a".repeat(40));
    assert.equal((await readAllowList(path)).size, 1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
