import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createProgram } from "../program.ts";
import { completionScript, shells } from "./completion.ts";

const program = createProgram("1");

for (const shell of shells) {
  const found = spawnSync(shell, ["-c", "exit 0"]).status === 0;
  test(`completionScript() is correct syntax for ${shell}`, { skip: found ? false : `no ${shell} here` }, () => {
    // As a file: fish does not read a script from a socket, which is what a child's standard input is.
    const folder = mkdtempSync(join(tmpdir(), "upswarm-completion-"));
    const path = join(folder, "completion");
    writeFileSync(path, completionScript(shell, program));
    const checked = spawnSync(shell, ["-n", path], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    assert.equal(checked.stderr, "");
    assert.equal(checked.status, 0);
  });
  test(`completionScript() knows every command and option for ${shell}`, () => {
    const script = completionScript(shell, program);
    for (const command of program.commands) assert.ok(script.includes(command.name), command.name);
    assert.match(script, shell === "fish" ? /-l progress .*auto bar plain/ : /--progress.*auto bar plain/s);
  });
}

/** What bash would offer for this line, asked of bash itself. */
function bashOffers(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `${completionScript("bash", program)}
compopt() { :; }
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _upswarm; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((word) => word !== "");
}

test("bash completes commands, options, choices and words", () => {
  assert.deepEqual(bashOffers("upswarm", "comp"), ["completion"]);
  assert.deepEqual(bashOffers("upswarm", "-q", "config", "--pro"), ["--progress"]);
  assert.deepEqual(bashOffers("upswarm", "config", "--progress", "p"), ["plain"]);
  assert.deepEqual(bashOffers("upswarm", "completion", "z"), ["zsh"]);
});
