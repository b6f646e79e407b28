import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeWhole } from "./output-file.ts";

test("writeWhole() removes what runs left that were killed at the same file, also one of its own number", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-output-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { pid: dead } = spawnSync(process.execPath, ["--version"]);
  const kept = [`.a.torrent.${process.ppid}.tmp`, `.b.torrent.${dead}.tmp`, ".a.torrent.x.tmp"];
  const left = [`.a.torrent.${dead}.tmp`, `.a.torrent.${process.pid}.tmp`];
  for (const name of [...kept, ...left]) writeFileSync(join(folder, name), "half");
  await writeWhole(join(folder, "a.torrent"), Buffer.from("whole"));
  assert.deepEqual(readdirSync(folder).toSorted(), [...kept, "a.torrent"].toSorted());
  assert.equal(readFileSync(join(folder, "a.torrent"), "utf8"), "whole");
});
