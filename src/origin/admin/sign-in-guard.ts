// Slows down guessing: after some failures an account, and an address, have to wait, longer each time. A try is counted
// before its password is looked at and taken back when it was right, so tries at the same moment count each for itself. In
// the database: a restart forgets nothing. A locked account can be used with an API token, which cannot be guessed.

import type { Kysely } from "kysely";
import {
  ADMIN_ACCOUNT_FAILURES_MAX,
  ADMIN_ADDRESS_FAILURES_MAX,
  ADMIN_FAILURE_KEYS_MAX,
  ADMIN_FAILURES_FORGOTTEN_MS,
  ADMIN_LOCK_MS,
  ADMIN_LOCK_MS_MAX,
} from "../../core/index.ts";
import type { Schema } from "../database/schema.ts";
import { networkOf } from "../notices/window-counter.ts";

export type Try = { readonly isAllowed: true } | { readonly isAllowed: false; readonly untilMs: number };

interface Guarded {
  readonly key: string;
  readonly failuresMax: number;
}

export class SignInGuard {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Counts a try, unless the account or the address has to wait. */
  async begin(account: string, address: string, nowMs: number): Promise<Try> {
    return this.#db.transaction().execute(async (trx) => {
      await prune(trx, nowMs);
      const guarded = guardedOf(account, address);
      const failures = new Map<string, number>();
      for (const { key, failuresMax } of guarded) {
        const row = await trx.selectFrom("sign_in_failures").selectAll().where("key", "=", key).executeTakeFirst();
        if (row === undefined) continue;
        failures.set(key, row.failures);
        const untilMs = row.last_at + lockMs(row.failures - failuresMax);
        if (nowMs < untilMs) return { isAllowed: false, untilMs };
      }
      for (const { key } of guarded) {
        const row = { key, failures: (failures.get(key) ?? 0) + 1, last_at: nowMs };
        await trx
          .insertInto("sign_in_failures")
          .values(row)
          .onConflict((conflict) => conflict.column("key").doUpdateSet({ failures: row.failures, last_at: nowMs }))
          .execute();
      }
      return { isAllowed: true };
    });
  }

  /** The try was right: the account's failures are forgotten, the address's stand without this one. */
  async succeeded(account: string, address: string): Promise<void> {
    const [own, from] = guardedOf(account, address);
    await this.#db.deleteFrom("sign_in_failures").where("key", "=", own.key).execute();
    await this.#db
      .updateTable("sign_in_failures")
      .set(({ eb }) => ({ failures: eb("failures", "-", 1) }))
      .where("key", "=", from.key)
      .where("failures", ">", 0)
      .execute();
  }

  /** Accounts that have to wait now. */
  async locked(nowMs: number): Promise<readonly { readonly key: string; readonly untilMs: number }[]> {
    const rows = await this.#db.selectFrom("sign_in_failures").selectAll().orderBy("key").execute();
    return rows
      .map(({ key, failures, last_at: lastAt }) => {
        const max = key.startsWith("account:") ? ADMIN_ACCOUNT_FAILURES_MAX : ADMIN_ADDRESS_FAILURES_MAX;
        return { key, untilMs: lastAt + lockMs(failures - max) };
      })
      .filter(({ untilMs }) => untilMs > nowMs);
  }
}

function guardedOf(account: string, address: string): readonly [account: Guarded, address: Guarded] {
  return [
    { key: `account:${account}`, failuresMax: ADMIN_ACCOUNT_FAILURES_MAX },
    { key: `address:${networkOf(address)}`, failuresMax: ADMIN_ADDRESS_FAILURES_MAX },
  ];
}

function lockMs(excess: number): number {
  return excess < 0 ? 0 : Math.min(ADMIN_LOCK_MS * 2 ** excess, ADMIN_LOCK_MS_MAX);
}

/** Names are invented by whoever guesses: what is old goes, and so does the oldest where there are too many. */
async function prune(db: Kysely<Schema>, nowMs: number): Promise<void> {
  await db
    .deleteFrom("sign_in_failures")
    .where("last_at", "<=", nowMs - ADMIN_FAILURES_FORGOTTEN_MS)
    .execute();
  const { count } = await db
    .selectFrom("sign_in_failures")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  // Two keys come with each try.
  const excess = count + 2 - ADMIN_FAILURE_KEYS_MAX;
  if (excess <= 0) return;
  const oldest = db.selectFrom("sign_in_failures").select("key").orderBy("last_at").limit(excess);
  await db.deleteFrom("sign_in_failures").where("key", "in", oldest).execute();
}
