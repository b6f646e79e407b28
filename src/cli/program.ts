// What upswarm is made of: its commands, in the order in which help lists them.

import { adminAddCommand, adminPasswordCommand, adminRemoveCommand } from "./commands/admin.ts";
import { backupCreateCommand, backupRestoreCommand } from "./commands/backup.ts";
import { createCommand } from "./commands/create.ts";
import { getCommand } from "./commands/get.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { completionCommand } from "./commands/completion.ts";
import { demoCommand } from "./commands/demo.ts";
import { createConfigCommand } from "./commands/config.ts";
import { helpCommand } from "./commands/help.ts";
import { initCommand } from "./commands/init.ts";
import {
  noticeCounterCommand,
  noticeExportCommand,
  noticeListCommand,
  noticeShowCommand,
  noticeSubmitCommand,
  noticeVerifyLogCommand,
} from "./commands/notice.ts";
import { noticeIncompleteCommand, noticeStepCommands, noticeUpholdCommand } from "./commands/notice-steps.ts";
import { keysDelegateCommand, keysResignCommand, keysRotateCommand, keysStatusCommand } from "./commands/keys.ts";
import { keysRevokeDelegationCommand } from "./commands/revoke-delegation.ts";
import { publishCommand } from "./commands/publish.ts";
import { seedCommand } from "./commands/seed.ts";
import { serveCommand } from "./commands/serve.ts";
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from "./commands/token.ts";
import { trackerCommand } from "./commands/tracker.ts";
import { verifyCommand } from "./commands/verify.ts";
import { restoreCommand, withdrawCommand } from "./commands/withdraw.ts";
import { commonOptions } from "./common-options.ts";
import type { Program } from "./context.ts";
import type { Command } from "./framework/command.ts";
import { settingsOf } from "./framework/settings.ts";

export function createProgram(version: string): Program {
  const working: Command[] = [
    createCommand,
    inspectCommand,
    verifyCommand,
    seedCommand,
    getCommand,
    trackerCommand,
    initCommand,
    serveCommand,
    publishCommand,
    withdrawCommand,
    restoreCommand,
    noticeSubmitCommand,
    noticeListCommand,
    noticeShowCommand,
    ...noticeStepCommands,
    noticeIncompleteCommand,
    noticeCounterCommand,
    noticeUpholdCommand,
    noticeVerifyLogCommand,
    noticeExportCommand,
    adminAddCommand,
    adminPasswordCommand,
    adminRemoveCommand,
    keysStatusCommand,
    keysResignCommand,
    keysRotateCommand,
    keysDelegateCommand,
    keysRevokeDelegationCommand,
    tokenCreateCommand,
    tokenListCommand,
    tokenRevokeCommand,
    backupCreateCommand,
    backupRestoreCommand,
    demoCommand,
  ];
  const config = createConfigCommand(settingsOf(working.map((command) => command.options)));
  return { version, commands: [...working, config, completionCommand, helpCommand], common: commonOptions };
}
