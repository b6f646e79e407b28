// --help, from the declarations. Text for a terminal of 80 to 100 columns, without colour.

import { flagName, placeholderOf, variableName, type Command, type Option, type Options } from "./command.ts";
import type { Program } from "../context.ts";

const WIDTH = 96;

/** `upswarm help`: what there is. */
export function programHelp(program: Program): string {
  const commands = program.commands.map((command) => [command.name, command.summary] as const);
  return [
    "upswarm: large updates to many machines over BitTorrent, every byte authenticated",
    "Usage: upswarm COMMAND [options]",
    section("Commands", table(commands)),
    section("Options of every command", table(optionRows(program.common))),
    section("Exit codes", table(exitCodeRows)),
    "Settings come from the option, else the UPSWARM_* variable, else the config file: see upswarm config.\n" +
      "More about a command, with examples: upswarm help COMMAND",
  ].join("\n\n");
}

/** `upswarm help create` */
export function commandHelp(command: Command, program: Program): string {
  const positionals = Object.values(command.positionals).map((it) => [it.placeholder, it.summary] as const);
  const examples = command.examples.map(({ line, does }) => `  # ${does}\n  ${line}`).join("\n");
  const json =
    command.json.length === 0
      ? []
      : [section(jsonTitle(command), command.json.map((line) => wrap(line, 2)).join("\n"))];
  return [
    `upswarm ${command.name}: ${command.summary}`,
    `Usage: ${usageLine(command)}`,
    ...(command.description ?? []).map((paragraph) => wrap(paragraph, 0)),
    ...(positionals.length === 0 ? [] : [section("Arguments", table(positionals))]),
    ...(Object.keys(command.options).length === 0 ? [] : [section("Options", table(optionRows(command.options)))]),
    section("Options of every command", table(optionRows(program.common))),
    ...json,
    section("Examples", examples),
  ].join("\n\n");
}

/** `upswarm create PATH -o FILE [options]` */
function usageLine(command: Command): string {
  const positionals = Object.values(command.positionals).map((it) =>
    it.optional === true ? `[${it.placeholder}]` : it.placeholder,
  );
  const required = Object.entries(command.options).flatMap(([key, option]) =>
    option.required === true
      ? [`${option.short ? `-${option.short}` : `--${flagName(key)}`} ${placeholderOf(option)}`]
      : [],
  );
  return ["upswarm", command.name, ...positionals, ...required, "[options]"].join(" ");
}

function jsonTitle(command: Command): string {
  return (command.jsonLines ?? 1) === 1
    ? "With --json, one object"
    : `With --json, ${command.jsonLines} objects, one a line`;
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([key, option]) => [optionLabel(key, option), optionText(key, option)] as const);
}

function optionLabel(key: string, option: Option): string {
  const placeholder = placeholderOf(option);
  const flag = `--${flagName(key)}${placeholder === null ? "" : ` ${placeholder}`}`;
  return option.short === undefined ? `    ${flag}` : `-${option.short}, ${flag}`;
}

function optionText(key: string, option: Option): string {
  const notes = [
    ...(option.required === true ? ["required"] : []),
    ...(option.kind === "list" ? ["may be repeated"] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.setting === true ? [variableName(key)] : []),
  ];
  return notes.length === 0 ? option.summary : `${option.summary} (${notes.join("; ")})`;
}

const exitCodeRows = [
  ["0", "done"],
  ["1", "it failed: disk, network"],
  ["2", "usage: an option, a value or the config file is wrong"],
  ["3", "the data is invalid or fails verification"],
  ["4", "refused by policy: withdrawn, private, held"],
  ["130", "interrupted"],
] as const;

function section(title: string, body: string): string {
  return `${title}:\n${body}`;
}

/** Two columns; a label that is too long stands on a line of its own. */
function table(rows: readonly (readonly [string, string])[]): string {
  const column = Math.min(34, Math.max(...rows.map(([label]) => label.length)) + 4);
  return rows
    .map(([label, text]) => {
      const lines = wrap(text, column).slice(column);
      return label.length + 4 > column
        ? `  ${label}\n${" ".repeat(column)}${lines}`
        : `${`  ${label}`.padEnd(column)}${lines}`;
    })
    .join("\n");
}

/** Broken at spaces, every line indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((each) => " ".repeat(indent) + each).join("\n");
}
