// The bash script (bash 4 or later, for mapfile and compopt).

import { flagName, type Option, type Options } from "./command.ts";
import { completionOfOption, completionOfPositional, type Completion } from "./completion-words.ts";
import type { Program } from "../context.ts";

export function bashScript(program: Program): string {
  const cases = program.commands.map((command) => {
    const options = { ...program.common, ...command.options };
    const values = Object.entries(options).flatMap(([key, option]) =>
      option.kind === "flag"
        ? []
        : [`        ${flagPattern(key, option)}) ${bashReply(completionOfOption(option))}; return ;;`],
    );
    const positionals = Object.values(command.positionals).map((positional) =>
      completionOfPositional(positional, program),
    );
    return [
      `    ${bashPattern(command.name)})`,
      `      case $previous in`,
      ...values,
      `      esac`,
      `      if [[ $current == -* ]]; then ${bashReply(flagWords(options))}`,
      `      else ${bashReply(positionals.find((completion) => completion !== "none") ?? "none")}`,
      `      fi ;;`,
    ].join("\n");
  });
  const names = [...new Set(program.commands.map((command) => command.name.split(" ")[0] ?? ""))];
  return `# bash completion of upswarm: source <(upswarm completion bash)
_upswarm() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  case $command in
    "") ${bashReply([...names, ...flagWords(program.common)])} ;;
${cases.join("\n")}
  esac
}
complete -F _upswarm upswarm
`;
}

/** Two-word commands complete by their first word; their cases follow in the order declared. */
function bashPattern(name: string): string {
  return name.split(" ")[0] ?? name;
}

function bashReply(completion: Completion): string {
  if (completion === "none") return "COMPREPLY=()";
  if (completion === "file") return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")`;
  if (completion === "folder") return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current")`;
  return `mapfile -t COMPREPLY < <(compgen -W "${completion.join(" ")}" -- "$current")`;
}

function flagWords(options: Options): string[] {
  return Object.keys(options).map((key) => `--${flagName(key)}`);
}

function flagPattern(key: string, option: Option): string {
  return option.short === undefined ? `--${flagName(key)}` : `--${flagName(key)}|-${option.short}`;
}
