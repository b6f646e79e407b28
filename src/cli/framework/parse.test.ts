import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commonOptions } from "../common-options.ts";
import { defineCommand, type Command } from "./command.ts";
import { checkComplete, findCommand, parseLine } from "./parse.ts";

const send: Command = defineCommand({
  name: "send",
  summary: "send a file",
  positionals: {
    file: { placeholder: "FILE", summary: "the file" },
    to: { placeholder: "TO", summary: "where to", optional: true },
  },
  options: {
    output: { kind: "path", short: "o", summary: "where it goes", required: true },
    peer: { kind: "list", of: "endpoint", summary: "a peer" },
    maxUpload: { kind: "rate", summary: "the rate" },
    dryRun: { kind: "flag", summary: "only say it" },
  },
  examples: [],
  json: [],
  run: async () => {},
});
const pause: Command = { ...send, name: "rollout pause" };
const resume: Command = { ...send, name: "rollout resume" };

const parse = (...argv: string[]) => parseLine(argv, send, commonOptions);
const check = (...argv: string[]) => checkComplete(send, parse(...argv));
const find = (...argv: string[]) => findCommand(argv, [send, pause, resume], commonOptions);

test("parseLine() rejects an unknown option and names the nearest", () => {
  assert.throws(() => parse("--max-uplaod", "1mbit"), {
    code: "usage.option",
    message: "There is no option --max-uplaod. Did you mean --max-upload?",
  });
  assert.throws(() => parse("-x"), { message: "There is no option -x." });
  assert.throws(() => parse("--constructor"), { code: "usage.option" });
});

test("parseLine() rejects an option without its value", () => {
  for (const argv of [["-o"], ["--output"], ["--output", "--json"], ["--output", "-q"]]) {
    assert.throws(() => parse(...argv), { code: "usage.option" }, argv.join(" "));
  }
});

test("parseLine() rejects a value for a flag", () => {
  assert.throws(() => parse("--dry-run=yes"), { code: "usage.option", message: "--dry-run takes no value." });
});

test("checkComplete() rejects a missing argument, one too many and a missing required option", () => {
  assert.throws(() => check("-o", "x"), { code: "usage.argument", message: "FILE is missing: the file." });
  assert.throws(() => check("-o", "x", "a", "b", "c"), {
    code: "usage.argument",
    message: /"c" is one argument too many/,
  });
  assert.throws(() => check("a"), { code: "usage.option", message: /^-o, --output PATH is missing/ });
  check("-o", "x", "a");
});

test("parseLine() reads every way of writing an option", () => {
  const { flags, positionals } = parse("-qv", "-oout", "--peer=a:1", "a", "--peer", "b:2", "--", "--not-an-option");
  assert.deepEqual(
    [...flags],
    [
      ["quiet", ["true"]],
      ["verbose", ["true"]],
      ["output", ["out"]],
      ["peer", ["a:1", "b:2"]],
    ],
  );
  assert.deepEqual(positionals, ["a", "--not-an-option"]);
});

test("parseLine() gives any positional back as it was, behind --", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      assert.deepEqual(parse("--", ...words).positionals, words);
    }),
  );
});

test("findCommand() finds the name wherever common options stand, and two-word names", () => {
  const commands = [send, pause, resume];
  const found = findCommand(["--config", "send", "rollout", "-q", "pause", "x"], commands, commonOptions);
  assert.equal(found?.command, pause);
  assert.deepEqual(found?.rest, ["--config", "send", "-q", "x"]);
  assert.equal(findCommand(["-q"], commands, commonOptions), null);
});

test("findCommand() rejects an unknown command, a half name and a command's option before the name", () => {
  assert.throws(() => find("sned"), { message: 'There is no command "sned". Did you mean upswarm send?' });
  assert.throws(() => find("rollout"), { message: '"rollout" is one of: rollout pause, rollout resume.' });
  assert.throws(() => find("--output", "x", "send"), { code: "usage.option", message: /before a command's name/ });
});
