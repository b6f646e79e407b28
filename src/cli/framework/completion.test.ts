import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createProgram } from "../program.ts";
import { completionScript, shells } from "./completion.ts";

const program = createProgram("1");

for (const shell of shells) {
  const found = spawnSync(shell, ["-c", "exit 0"]).status === 0;
  test(`completionScript() is correct syntax for ${shell}`, { skip: found ? false : `no ${shell} here` }, () => {
    const checked = spawnSync(shell, ["-n"], { input: completionScript(shell, program), encoding: "utf8" });
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
