// `upswarm completion SHELL`

import { defineCommand, type Command } from "../framework/command.ts";
import { completionScript, shells, type Shell } from "../framework/completion.ts";
import { suggestion, UsageError } from "../framework/usage-error.ts";

export const completionCommand: Command = defineCommand({
  name: "completion",
  summary: "print a completion script for a shell",
  positionals: { shell: { placeholder: "SHELL", summary: "bash, zsh or fish", complete: shells } },
  options: {},
  examples: [
    { line: "source <(upswarm completion bash)", does: "in ~/.bashrc (zsh: the same with zsh, in ~/.zshrc)" },
    { line: "upswarm completion fish > ~/.config/fish/completions/upswarm.fish", does: "fish" },
  ],
  json: ["shell, script"],
  async run({ positionals: { shell } }, context) {
    if (!isShell(shell)) {
      const near = suggestion(shell, shells);
      throw new UsageError(
        "usage.value",
        `There is no completion for "${shell}", only for ${shells.join(", ")}.${near}`,
      );
    }
    const script = completionScript(shell, context.program);
    context.print({ shell, script }, script.trimEnd());
  },
});

function isShell(word: string): word is Shell {
  return (shells as readonly string[]).includes(word);
}
