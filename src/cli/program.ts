// What upswarm is made of: its commands, in the order in which help lists them.

import { join } from "node:path";
import { createCommand } from "./commands/create.ts";
import { getCommand } from "./commands/get.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { completionCommand } from "./commands/completion.ts";
import { demoCommand } from "./commands/demo.ts";
import { createConfigCommand } from "./commands/config.ts";
import { helpCommand } from "./commands/help.ts";
import { createKeysCommands } from "./commands/keys.ts";
import { seedCommand } from "./commands/seed.ts";
import { trackerCommand } from "./commands/tracker.ts";
import { verifyCommand } from "./commands/verify.ts";
import { commonOptions } from "./common-options.ts";
import type { Program } from "./context.ts";
import type { Command } from "./framework/command.ts";
import type { OpenMetadataStore } from "./key-work.ts";
import { settingsOf } from "./framework/settings.ts";

/** The repository of a data folder. */
const openMetadataFolder: OpenMetadataStore = async (dataFolder) => {
  const { FolderMetadataStore } = await import("../release/index.ts");
  return new FolderMetadataStore(join(dataFolder, "tuf"));
};

export function createProgram(version: string): Program {
  const working: Command[] = [
    createCommand,
    inspectCommand,
    verifyCommand,
    seedCommand,
    getCommand,
    trackerCommand,
    ...createKeysCommands(openMetadataFolder),
    demoCommand,
  ];
  const config = createConfigCommand(settingsOf(working.map((command) => command.options)));
  return { version, commands: [...working, config, completionCommand, helpCommand], common: commonOptions };
}
