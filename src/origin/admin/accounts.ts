// Accounts of administrators. There are no roles: who may sign in may do everything that the pages offer, and the audit log
// says who did. Made on the command line by whoever has the data folder, never over the web.

import type { Kysely } from "kysely";
import {
  ADMIN_NAME_LENGTH_MAX,
  ADMIN_PASSWORD_LENGTH_MAX,
  ADMIN_PASSWORD_LENGTH_MIN,
  CodedError,
  type Clock,
  type Random,
} from "../../core/index.ts";
import type { Schema } from "../database/schema.ts";
import { appendEntry } from "../notices/chain-log.ts";
import { hashPassword } from "./password.ts";

export type AccountErrorCode =
  /** The name is taken. */
  | "account.exists"
  /** There is no such account. */
  | "account.unknown"
  /** The name or the password is not fit. */
  | "account.unfit";

export class AccountError extends CodedError<AccountErrorCode> {}

export interface AccountParts {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws AccountError account.exists, account.unfit */
export async function addAccount({ db, clock, random }: AccountParts, name: string, password: string): Promise<void> {
  checkName(name);
  checkPassword(name, password);
  const at = clock.wallMs();
  const hashed = await hashPassword(password, random);
  await db.transaction().execute(async (trx) => {
    if (await isThere(trx, name)) throw new AccountError("account.exists", `There is an account "${name}" already.`);
    await trx.insertInto("accounts").values({ name, password: hashed, created_at: at }).execute();
    await appendEntry(trx, "audit", { at, subject: name, event: "account.add", fields: {}, record: null });
  });
}

/** Ends every session of the account. @throws AccountError account.unknown, account.unfit */
export async function changePassword(
  { db, clock, random }: AccountParts,
  name: string,
  password: string,
): Promise<void> {
  checkPassword(name, password);
  const at = clock.wallMs();
  const hashed = await hashPassword(password, random);
  await db.transaction().execute(async (trx) => {
    if (!(await isThere(trx, name))) throw unknown(name);
    await trx.updateTable("accounts").set({ password: hashed }).where("name", "=", name).execute();
    await trx.deleteFrom("sessions").where("actor", "=", name).execute();
    await trx.deleteFrom("sign_in_failures").where("key", "=", `account:${name}`).execute();
    await appendEntry(trx, "audit", { at, subject: name, event: "account.password", fields: {}, record: null });
  });
}

/** Ends every session of the account. @throws AccountError account.unknown */
export async function removeAccount({ db, clock }: AccountParts, name: string): Promise<void> {
  const at = clock.wallMs();
  await db.transaction().execute(async (trx) => {
    if (!(await isThere(trx, name))) throw unknown(name);
    await trx.deleteFrom("accounts").where("name", "=", name).execute();
    await trx.deleteFrom("sessions").where("actor", "=", name).execute();
    await appendEntry(trx, "audit", { at, subject: name, event: "account.remove", fields: {}, record: null });
  });
}

function unknown(name: string): AccountError {
  return new AccountError("account.unknown", `There is no account "${name}".`);
}

async function isThere(db: Kysely<Schema>, name: string): Promise<boolean> {
  return (await db.selectFrom("accounts").select("name").where("name", "=", name).executeTakeFirst()) !== undefined;
}

function checkName(name: string): void {
  if (name.length <= ADMIN_NAME_LENGTH_MAX && /^[a-z0-9][a-z0-9._@-]*$/.test(name)) return;
  const rule = `lower-case letters, digits and . _ @ -, at most ${ADMIN_NAME_LENGTH_MAX}`;
  throw new AccountError("account.unfit", `"${name}" is no name for an account: ${rule}.`);
}

/** Long enough and not the name: rules about kinds of characters make passwords worse (NIST SP 800-63B). */
function checkPassword(name: string, password: string): void {
  const { length } = password;
  if (length < ADMIN_PASSWORD_LENGTH_MIN || length > ADMIN_PASSWORD_LENGTH_MAX) {
    const range = `${ADMIN_PASSWORD_LENGTH_MIN} to ${ADMIN_PASSWORD_LENGTH_MAX}`;
    throw new AccountError("account.unfit", `The password has ${length} characters; ${range} are needed.`);
  }
  if (password.toLowerCase().includes(name) || new Set(password).size < 5) {
    throw new AccountError("account.unfit", "The password holds the account's name, or too few different characters.");
  }
}
