// The house rules of CONTRIBUTING.md, held over the whole repository.

import assert from "node:assert/strict";
import test from "node:test";
import { longFiles, longFunctions } from "./exceptions.ts";
import { findFiles, readSource, readText, type SourceFile } from "./source-file.ts";
import {
  FILE_LINES_HARD_MAX,
  FILE_LINES_MAX,
  fileNameOf,
  FUNCTION_LINES_MAX,
  longFunctionsOf,
  openingOf,
  sleepsOf,
  syntaxOf,
} from "./source-rules.ts";
import { danglingOf, textOf } from "./text-rules.ts";

const sources: readonly SourceFile[] = findFiles("{src,test,bench,scripts,fuzz}/**/*.ts").map(readSource);
const documents: readonly string[] = findFiles("*.md", "docs/**/*.md");
// Without this folder, which has to say the words that it looks for.
const texts: readonly string[] = [
  ...sources.map(({ path }) => path),
  ...documents,
  ...findFiles("{bin,bench,scripts,test,web}/**/*.{js,py,sh,css,html}", ".ci/*"),
].filter((path) => !path.startsWith("test/tidy/"));

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What each thing measures, where it is over the cap; against the exceptions, which may only shrink. */
function checkCaps(
  measured: ReadonlyMap<string, number>,
  cap: number,
  exceptions: Readonly<Record<string, number>>,
): void {
  for (const [name, lines] of measured) {
    const allowed = exceptions[name] ?? cap;
    assert.ok(lines <= allowed, `${name} has ${lines} lines; it may have ${allowed}`);
  }
  for (const name of Object.keys(exceptions)) {
    assert.ok((measured.get(name) ?? 0) > cap, `the exception for ${name} is stale: it is within ${cap} lines now`);
  }
}

test("the rules look at the whole repository", () => {
  assert.ok(sources.length > 250, `found ${sources.length} sources`);
  assert.ok(documents.length > 5, `found ${documents.length} documents`);
});

test(`a file has no more than ${FILE_LINES_MAX} lines`, () => {
  checkCaps(new Map(sources.map(({ path, lines }) => [path, lines.length])), FILE_LINES_MAX, longFiles);
  for (const [path, lines] of Object.entries(longFiles)) assert.ok(lines <= FILE_LINES_HARD_MAX, path);
});

test(`a function has no more than ${FUNCTION_LINES_MAX} lines`, () => {
  const measured = new Map<string, number>();
  for (const source of sources) {
    for (const { name, lines } of longFunctionsOf(source)) measured.set(`${source.path} ${name}`, lines);
  }
  checkCaps(measured, FUNCTION_LINES_MAX, longFunctions);
});

test("a source file opens with a comment that says what it is", () => {
  assert.deepEqual(sources.flatMap(openingOf), []);
});

test("files are named by the noun that they hold", () => {
  assert.deepEqual(sources.map(({ path }) => path).flatMap(fileNameOf), []);
});

test("names, privacy, doors and skipped tests follow the house rules", () => {
  assert.deepEqual(sources.flatMap(syntaxOf), []);
});

test("tests do not sleep", () => {
  assert.deepEqual(sources.flatMap(sleepsOf), []);
});

test("no text holds unfinished notes, silenced rules or paths of somebody's machine", () => {
  assert.deepEqual(
    texts.flatMap((path) => textOf(path, readText(path))),
    [],
  );
});

test("what comments and documents refer to exists", () => {
  assert.deepEqual(
    texts.flatMap((path) => danglingOf(path, readText(path))),
    [],
  );
});

test("the tests that SECURITY.md names exist", () => {
  const links = [...readText("SECURITY.md").matchAll(/\| \[([^\]]+)\]\((\S+\.test\.ts)\) \|$/gm)];
  assert.ok(links.length > 20, `found ${links.length} links`);
  for (const [, name = "", path = ""] of links) {
    assert.ok(readText(path).includes(`test("${name}"`), `${path} has no test "${name}"`);
  }
});

// A lock file that was written where only some platforms' packages can be had makes `npm ci` fail everywhere else.
test("package-lock.json knows the optional packages of every platform", () => {
  const lock = JSON.parse(readText("package-lock.json")) as { packages: Record<string, LockedPackage> };
  const missing = Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => lock.packages[`node_modules/${name}`] === undefined);
  assert.deepEqual(missing, []);
});

test("decisions are numbered without a gap and say their status", () => {
  const decisions = findFiles("docs/decisions/*.md");
  decisions.forEach((path, index) => {
    const number = index + 1;
    assert.match(path, new RegExp(`/${String(number).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
    assert.match(
      readText(path),
      new RegExp(`^# ${number}\\. \\S[^\\n]*\\n\\nStatus: (?:accepted|superseded by \\d+), `),
    );
  });
});
