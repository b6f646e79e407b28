// The fish script: one `complete` line an option.

import { flagName, type Option } from "./command.ts";
import { completionOfOption, completionOfPositional, quote } from "./completion-words.ts";
import type { Program } from "../context.ts";

export function fishScript(program: Program): string {
  const lines = program.commands.flatMap((command) => {
    const seen = `-n ${quote(`__fish_seen_subcommand_from ${command.name.split(" ")[0]}`)}`;
    const words = Object.values(command.positionals).map((positional) => completionOfPositional(positional, program));
    const files = words.some((completion) => completion === "file" || completion === "folder");
    const listed = words.filter((completion) => typeof completion === "object").flat();
    return [
      `complete -c upswarm -n __fish_use_subcommand -a ${quote(command.name)} -d ${quote(command.summary)}`,
      ...(files ? [`complete -c upswarm ${seen} -F`] : []),
      ...(listed.length > 0 ? [`complete -c upswarm ${seen} -a ${quote(listed.join(" "))}`] : []),
      ...Object.entries(command.options).map(
        ([key, option]) => `complete -c upswarm ${seen} ${fishOption(key, option)}`,
      ),
    ];
  });
  const common = Object.entries(program.common).map(
    ([key, option]) => `complete -c upswarm ${fishOption(key, option)}`,
  );
  return [
    "# fish completion of upswarm: upswarm completion fish | source",
    "complete -c upswarm -f",
    ...common,
    ...lines,
    "",
  ].join("\n");
}

function fishOption(key: string, option: Option): string {
  const completion = completionOfOption(option);
  const value =
    option.kind === "flag"
      ? ""
      : completion === "file" || completion === "folder"
        ? " -r -F"
        : completion === "none"
          ? " -x"
          : ` -x -a ${quote(completion.join(" "))}`;
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  return `-l ${flagName(key)}${short}${value} -d ${quote(option.summary)}`;
}
