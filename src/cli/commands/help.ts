// `upswarm help [COMMAND]`

import { defineCommand, type Command } from "../framework/command.ts";
import { commandHelp, programHelp } from "../framework/help.ts";
import { unknownCommand } from "../framework/parse.ts";

export const helpCommand: Command = defineCommand({
  name: "help",
  summary: "say what a command does, with examples",
  positionals: {
    command: {
      placeholder: "COMMAND",
      summary: "The command; without one, what there is",
      complete: "command",
      optional: true,
    },
    subcommand: { placeholder: "SUBCOMMAND", summary: "The second word of a command that has two", optional: true },
  },
  options: {},
  examples: [{ line: "upswarm help create", does: "how to make a .torrent" }],
  json: ["help: the text"],
  async run({ positionals }, context) {
    const name = [positionals.command, positionals.subcommand].filter((word) => word !== null).join(" ");
    const command = context.program.commands.find((it) => it.name === name);
    if (name !== "" && command === undefined) throw unknownCommand(name, context.program.commands);
    const help = command === undefined ? programHelp(context.program) : commandHelp(command, context.program);
    context.print({ help }, help);
  },
});
