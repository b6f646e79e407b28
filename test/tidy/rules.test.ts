// Shows that each rule sees what it is there for: a rule that cannot fail holds nothing.

import assert from "node:assert/strict";
import test from "node:test";
import { parseSource } from "./source-file.ts";
import { fileNameOf, longFunctionsOf, openingOf, sleepsOf, syntaxOf } from "./source-rules.ts";
import { danglingOf, textOf } from "./text-rules.ts";

test("longFunctionsOf() names functions, methods and arrows above the cap", () => {
  const body = "\n1;".repeat(60);
  const text = `function a() {${body}\n}\nclass C { b() {${body}\n} }\nconst c = () => {${body}\n};\nfunction d() {}`;
  assert.deepEqual(
    longFunctionsOf(parseSource("src/x.ts", text)).map(({ name, lines }) => [name, lines]),
    [
      ["a", 62],
      ["b", 62],
      ["c", 62],
    ],
  );
});

test("openingOf() reports a source without an opening comment and leaves tests alone", () => {
  assert.equal(openingOf(parseSource("src/x.ts", 'import "a";\n// late')).length, 1);
  assert.equal(openingOf(parseSource("src/x.ts", "// What it is.\nexport {};")).length, 0);
  assert.equal(openingOf(parseSource("src/x.test.ts", "export {};")).length, 0);
});

test("fileNameOf() reports names that say nothing", () => {
  for (const name of ["utils", "peer-utils", "test-helpers", "session-manager", "common", "PeerList", "peer_list"]) {
    assert.equal(fileNameOf(`src/net/${name}.ts`).length, 1, name);
  }
  for (const name of ["common-options", "piece-picker.test", "index"]) {
    assert.deepEqual(fileNameOf(`src/net/${name}.ts`), []);
  }
});

const refused: readonly (readonly [text: string, expected: RegExp])[] = [
  ["export const chunkSize = 1;", /names a/],
  ["export class PeerManager {}", /names a "PeerManager"/],
  ["export const x: any = 1;", /uses any/],
  ["export class A { private x = 1; }", /not by #/],
  ['export * from "./a.ts";', /re-exports all/],
  ['test.only("x", () => {});', /test\.only/],
  ['test.skip("x", () => {});', /test\.skip/],
  ['test("x", { skip: true }, () => {});', /skip: true/],
  ['test("x", { only: true }, () => {});', /only: true/],
  ['test("x", (t) => t.skip());', /without a reason/],
];
for (const [text, expected] of refused) {
  test(`syntaxOf() reports ${text}`, () => {
    const found = syntaxOf(parseSource("src/net/x.ts", text));
    assert.ok(found.length > 0);
    assert.match(found[0] ?? "", expected);
  });
}

test("syntaxOf() lets pass a private constructor, a skip with its reason and somebody else's words", () => {
  const text = `export class A { #x = 1; private constructor() {} }
test("x", { skip: !ok && "needs /proc" }, (t) => t.skip("no network"));
response.chunks; export { a } from "./a.ts";`;
  assert.deepEqual(syntaxOf(parseSource("src/net/x.ts", text)), []);
});

test("sleepsOf() reports a test that can pause", () => {
  const text = 'import { setTimeout } from "node:timers/promises";';
  assert.equal(sleepsOf(parseSource("src/x.test.ts", text)).length, 1);
  assert.equal(sleepsOf(parseSource("src/x.ts", text)).length, 0);
});

test("textOf() reports each kind of line with its number", () => {
  for (const line of [
    "// TODO later",
    "a chunk of data",
    "see /home/somebody/main",
    "// @ts-ignore",
    "// oxlint-disable no-console",
    "trailing ",
  ]) {
    const found = textOf("a.md", `fine\n${line}\n`);
    assert.equal(found.length, 1, line);
    assert.match(found[0] ?? "", /^a\.md:2 /);
  }
  assert.deepEqual(textOf("a.ts", "https://example.org/home/x\n// oxlint-disable-line a/b -- why\n~/work/x\n"), []);
});

test("danglingOf() reports documents that are not there", () => {
  assert.equal(danglingOf("docs/a.md", "see [b](no-such-file.md)").length, 1);
  assert.equal(danglingOf("src/x.ts", '// (NOWHERE, "Honest accounting")').length, 1);
  assert.equal(danglingOf("src/x.ts", "// see docs/decisions/9999-nothing.md").length, 1);
  assert.deepEqual(
    danglingOf("README.md", '[m](ARCHITECTURE.md#layers) [w](https://a.example) (ARCHITECTURE, "x")'),
    [],
  );
});
