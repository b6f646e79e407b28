// The zsh script: one _arguments call a command.

import { flagName, type Option } from "./command.ts";
import { completionOfOption, completionOfPositional, quote, type Completion } from "./completion-words.ts";
import type { Program } from "../context.ts";

export function zshScript(program: Program): string {
  const describe = program.commands.map((command) => `    ${quote(`${command.name}:${command.summary}`)}`);
  const cases = program.commands.map((command) => {
    const options = { ...program.common, ...command.options };
    const specs = [
      ...Object.entries(options).map(([key, option]) => zshOption(key, option)),
      ...Object.values(command.positionals).map((positional) =>
        quote(`:${positional.placeholder}:${zshAction(completionOfPositional(positional, program))}`),
      ),
    ];
    return `    ${quote(command.name)})\n      _arguments -s ${specs.join(" \\\n        ")} ;;`;
  });
  return `#compdef upswarm
# zsh completion of upswarm: source <(upswarm completion zsh)
_upswarm() {
  local -a commands
  commands=(
${describe.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _upswarm ]]; then _upswarm "$@"; else compdef _upswarm upswarm; fi
`;
}

function zshOption(key: string, option: Option): string {
  const text = option.summary.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const value = option.kind === "flag" ? "" : `:value:${zshAction(completionOfOption(option))}`;
  const many = option.kind === "list" ? "*" : "";
  const names = option.short === undefined ? [`--${flagName(key)}`] : [`--${flagName(key)}`, `-${option.short}`];
  return names.map((name) => quote(`${many}${name}[${text}]${value}`)).join(" ");
}

function zshAction(completion: Completion): string {
  if (completion === "none") return " ";
  if (completion === "file") return "_files";
  return completion === "folder" ? "_files -/" : `(${completion.join(" ")})`;
}
