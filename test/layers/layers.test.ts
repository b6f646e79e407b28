// Holds the layers of src/, and first shows that the rule sees each kind of violation.

import assert from "node:assert/strict";
import test from "node:test";
import { findFiles, parseSource, readSource } from "../tidy/source-file.ts";
import { layers, violationsOf } from "./layers.ts";

const refused: readonly (readonly [why: string, path: string, text: string, expected: RegExp])[] = [
  ["upward", "src/wire/a.ts", 'import { Session } from "../engine/index.ts";', /upward \(layer 2 to 5\)/],
  ["sideways", "src/metainfo/a.ts", 'import { X } from "../wire/index.ts";', /sideways \(both are layer 2\)/],
  ["a type from above", "src/storage/a.ts", 'import type { X } from "../engine/index.ts";', /upward/],
  ["an inline type from above", "src/storage/a.ts", 'export type X = import("../cli/run.ts").X;', /upward/],
  ["a re-export from above", "src/core/a.ts", 'export * from "../bencode/index.ts";', /upward/],
  ["a dynamic import from above", "src/net/a.ts", 'await import("../engine/index.ts");', /upward/],
  ["past the door", "src/swarm/a.ts", 'import { X } from "../wire/messages.ts";', /not through the folder's index/],
  ["its own door", "src/wire/a.ts", 'import { X } from "./index.ts";', /import the file and not the door/],
  ["a folder without a layer", "src/wire/a.ts", 'import { X } from "../misc/index.ts";', /"misc" has no layer/],
  ["out of src", "src/cli/a.ts", 'import { X } from "../../bench/a.ts";', /outside src/],
  ["from a folder without a layer", "src/misc/a.ts", "export {};", /"misc" has no layer/],
  ["files", "src/swarm/a.ts", 'import { readFile } from "node:fs/promises";', /node:fs\/promises readFile/],
  ["sockets", "src/core/a.ts", 'import { connect, isIP } from "node:net";', /node:net connect/],
  ["a whole module", "src/core/a.ts", 'import * as net from "node:net";', /node:net \*/],
  ["random bytes", "src/core/a.ts", 'import { randomBytes } from "node:crypto";', /randomBytes/],
  ["a package", "src/metainfo/a.ts", 'import { x } from "left-pad";', /left-pad x/],
  ["timers", "src/announce/a.ts", "setTimeout(() => {}, 1);", /:1 uses setTimeout/],
  ["the date", "src/swarm/a.ts", "\nexport const now: number = Date.now();", /:2 uses Date\.now/],
  ["the date, as an object", "src/swarm/a.ts", "export const now: Date = new Date();", /new Date\(\)/],
  ["the monotonic clock", "src/wire/a.ts", "export const now = (): number => performance.now();", /performance/],
  ["lots", "src/swarm/a.ts", "export const lot: number = Math.random();", /Math\.random/],
  ["the process", "src/bencode/a.ts", 'export const home = process.env["HOME"];', /uses process/],
];

for (const [why, path, text, expected] of refused) {
  test(`violationsOf() reports ${why}`, () => {
    const violations = violationsOf(parseSource(path, text));
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.match(violations[0] ?? "", expected);
  });
}

test("violationsOf() lets pass what the layers allow", () => {
  const allowed: readonly (readonly [string, string])[] = [
    ["src/wire/a.ts", 'import { X } from "../core/index.ts"; import { y } from "./messages.ts";'],
    ["src/core/a.ts", 'export * from "./limits/index.ts"; import { isIP } from "node:net";'],
    ["src/engine/a.ts", 'import { X } from "../swarm/index.ts"; setTimeout(() => {}, 1); Date.now();'],
    ["src/swarm/a.ts", "export const stamp = (o: { performance: number }): Date => new Date(o.performance);"],
    ["src/engine/a.test.ts", 'import { Session } from "./index.ts";'],
    ["src/swarm/a.test.ts", 'import { readFile } from "node:fs/promises"; process.exit();'],
  ];
  for (const [path, text] of allowed) assert.deepEqual(violationsOf(parseSource(path, text)), [], text);
});

test("src/ obeys its layers", () => {
  const files = findFiles("src/**/*.ts");
  assert.ok(files.length > 100, `found ${files.length} files`);
  assert.deepEqual(
    files.flatMap((path) => violationsOf(readSource(path))),
    [],
  );
});

test("every folder of src/ has a layer and a door that says what it is for", () => {
  const folders = new Set(findFiles("src/*/**/*.ts").map((path) => path.split("/")[1] ?? ""));
  for (const folder of folders) {
    assert.ok(folder in layers, `src/${folder} has no layer`);
    // The command line is nobody's library: its door is main.ts.
    const door = folder === "cli" ? "src/cli/main.ts" : `src/${folder}/index.ts`;
    assert.ok(readSource(door).text.startsWith("//"), `${door} opens with what the folder is for`);
  }
});
