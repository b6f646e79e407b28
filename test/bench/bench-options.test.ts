import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { amountOf, clientsOf, countOf, countsOf, namesOf, UsageError } from "../../bench/bench-options.ts";

const BENCH = join(import.meta.dirname, "..", "..", "bench", "main.ts");

test("countOf() and amountOf() take numbers, and name what is none", () => {
  assert.equal(countOf({ rounds: "3" }, "rounds"), 3);
  assert.deepEqual(countsOf({ machines: "10,20" }, "machines"), [10, 20]);
  assert.equal(amountOf({ delay: "0" }, "delay"), 0);
  for (const rounds of ["0", "-1", "1.5", "x", "", undefined]) {
    assert.throws(() => countOf({ rounds }, "rounds"), UsageError);
  }
  assert.throws(() => countsOf({ machines: "10,many" }, "machines"), { message: /^--machines many: / });
  for (const delay of ["-1", "x", "Infinity", ""]) assert.throws(() => amountOf({ delay }, "delay"), UsageError);
});

test("namesOf() and clientsOf() take all where none is given, and say which there are where one is unknown", () => {
  assert.deepEqual(namesOf({ case: "b,a" }, "case", ["a", "b", "c"]), ["b", "a"]);
  assert.deepEqual(namesOf({ case: "" }, "case", ["a", "b"]), ["a", "b"]);
  assert.throws(() => namesOf({ case: "a,d" }, "case", ["a", "b"]), { message: "--case d: there is a, b." });
  const present = [{ client: "a" }, { client: "b" }];
  assert.deepEqual(clientsOf({ clients: "b" }, present), [{ client: "b" }]);
  assert.deepEqual(clientsOf({ clients: "" }, present), present);
  assert.throws(() => clientsOf({ clients: "c" }, present), UsageError);
});

for (const [words, says] of [
  [["nothing"], /^Which bench\?\n/m],
  [["crowd", "--case", "odd"], /^--case odd: there is plain, /m],
  [["create", "--rounds", "many"], /^--rounds many: /m],
  [["sites", "--clients", "nobody"], /^--clients nobody: /m],
  [["tracker", "--shapes", "1000x1"], /^--shapes 1000x1: /m],
  [["tracker", "--shapes", "1x10x2"], /^--shapes 1x10x2: /m],
  [["throughput", "--speed"], /^Unknown option '--speed'/m],
] as const) {
  test(`npm run bench -- ${words.join(" ")} says what is wrong and how the bench is used`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BENCH, ...words], { encoding: "utf8" });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.match(stderr, /npm run bench -- /);
  });
}
