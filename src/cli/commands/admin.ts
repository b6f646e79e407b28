// `upswarm admin …`: who may sign in to the pages under /admin. The password is typed at a terminal or comes from
// UPSWARM_ADMIN_PASSWORD, never from an option, which every user of the machine could read.

import { systemRandom } from "../../core/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption } from "../origin-options.ts";

const VARIABLE = "UPSWARM_ADMIN_PASSWORD";
const namePositional = { name: { placeholder: "NAME", summary: "Lower-case letters, digits and . _ @ -" } } as const;

export const adminAddCommand: Command = defineCommand({
  name: "admin add",
  summary: "make an account for the administrators' pages",
  description: [`The password is asked for at a terminal, or taken from ${VARIABLE}: 12 characters at least.`],
  positionals: namePositional,
  options: dataOption,
  examples: [{ line: "upswarm admin add anna", does: "anna signs in at /admin" }],
  json: ["name"],
  async run({ positionals: { name }, options }, context) {
    const password = await readPassword(context);
    const { addAccount } = await import("../../origin/index.ts");
    await withAccounts(options.data, context, (accounts) => addAccount(accounts, name, password));
    context.print({ name }, `${name} can sign in at /admin.`);
  },
});

export const adminPasswordCommand: Command = defineCommand({
  name: "admin password",
  summary: "give an account another password, and end its sessions",
  positionals: namePositional,
  options: dataOption,
  examples: [{ line: "upswarm admin password anna", does: "also where anna is locked out" }],
  json: ["name"],
  async run({ positionals: { name }, options }, context) {
    const password = await readPassword(context);
    const { changePassword } = await import("../../origin/index.ts");
    await withAccounts(options.data, context, (accounts) => changePassword(accounts, name, password));
    context.print({ name }, `${name} has another password now.`);
  },
});

export const adminRemoveCommand: Command = defineCommand({
  name: "admin remove",
  summary: "remove an account, and end its sessions",
  positionals: namePositional,
  options: dataOption,
  examples: [{ line: "upswarm admin remove anna", does: "what anna did stays in the audit log" }],
  json: ["name"],
  async run({ positionals: { name }, options }, context) {
    const { removeAccount } = await import("../../origin/index.ts");
    await withAccounts(options.data, context, (accounts) => removeAccount(accounts, name));
    context.print({ name }, `${name} cannot sign in any more.`);
  },
});

type Accounts = Parameters<(typeof import("../../origin/index.ts"))["addAccount"]>[0];

async function withAccounts(
  path: string,
  context: Context,
  work: (accounts: Accounts) => Promise<void>,
): Promise<void> {
  const { openOriginFolder } = await import("../../origin/index.ts");
  await using origin = await openOriginFolder(path, context);
  await work({ db: origin.database.db, clock: context.clock, random: systemRandom });
}

async function readPassword(context: Context): Promise<string> {
  const given = context.sources.env[VARIABLE];
  const password = given ?? (await context.askSecret("Password: "));
  if (password === null || password === "") {
    throw new UsageError("usage.passphrase", `A password is needed: type it at a terminal, or give ${VARIABLE}.`);
  }
  if (given === undefined && (await context.askSecret("The same again: ")) !== password) {
    throw new UsageError("usage.passphrase", "The two passwords differ. Nothing was changed.");
  }
  return password;
}
