// What can stand at a position of a command line: words, files, folders or nothing a shell could know.

import type { Option, Positional } from "./command.ts";
import type { Program } from "../context.ts";

export type Completion = "file" | "folder" | "none" | readonly string[];

export function completionOfOption(option: Option): Completion {
  if (option.choices !== undefined) return option.choices;
  if (option.kind === "path" || option.of === "path") return option.placeholder === "DIR" ? "folder" : "file";
  return option.infinity === undefined ? "none" : [option.infinity];
}

export function completionOfPositional(positional: Positional, program: Program): Completion {
  if (positional.complete === "command") return program.commands.map((command) => command.name);
  return positional.complete ?? "none";
}

/** A word in single quotes, for all three shells: an apostrophe becomes a typographic one, which no shell minds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
