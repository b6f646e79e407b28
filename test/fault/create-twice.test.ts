// `create` is deterministic: the same bytes and options give the same file, whenever and wherever the files were written.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create } from "../processes/upswarm.ts";

const root = scratchFolder();

/** The same tree, its entries made in the other order and dated otherwise. */
function copyBackwards(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from).toSorted().toReversed()) {
    cpSync(join(from, entry), join(to, entry), { recursive: true, verbatimSymlinks: true });
  }
  utimesSync(join(to, "bin", "run"), 1, 1);
}

test("create gives the same bytes for the same files, and its twin too", async () => {
  const first = writeFolder(join(root, "one", "release"));
  mkdirSync(join(root, "two"));
  const second = join(root, "two", "release");
  copyBackwards(first, second);
  assert.deepEqual(treeOf(second), treeOf(first));
  for (const format of ["hybrid", "v1", "v2"]) {
    const outputs = [first, second].map(async (path, index) => {
      const output = join(root, `${format}-${index}.torrent`);
      const twin = join(root, `${format}-${index}.twin.torrent`);
      const options = ["--format", format, "--tracker", "http://tracker.example/announce"];
      await create(path, output, ...options, ...(format === "hybrid" ? ["--twin", twin] : []));
      return [readFileSync(output), ...(format === "hybrid" ? [readFileSync(twin)] : [])];
    });
    const [one, two] = await Promise.all(outputs);
    assert.deepEqual(one, two, format);
  }
});
