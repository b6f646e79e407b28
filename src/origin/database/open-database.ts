// The origin's database: one SQLite file, opened through Kysely, at the newest schema. Migrations run once, in the
// order of their names, all that are due in one transaction; a file of a newer program is refused, never changed.

import { Kysely, Migrator } from "kysely";
import type { Migration } from "kysely";
import { messageOf } from "../../core/index.ts";
import { DatabaseError } from "./database-error.ts";
import * as releases from "./migrations/0001-releases.ts";
import * as tokens from "./migrations/0002-tokens.ts";
import * as accounts from "./migrations/0003-accounts.ts";
import * as cases from "./migrations/0004-cases.ts";
import * as lastPeers from "./migrations/0005-last-peers.ts";
import { PatientDialect } from "./patient-dialect.ts";
import type { Schema } from "./schema.ts";
import { SqliteConnection } from "./sqlite-connection.ts";

/** By name. A name stands for ever: what was wrong in one is mended by the next. */
const migrations: Readonly<Record<string, Migration>> = {
  "0001-releases": releases,
  "0002-tokens": tokens,
  "0003-accounts": accounts,
  "0004-cases": cases,
  "0005-last-peers": lastPeers,
};

export interface Database extends AsyncDisposable {
  readonly db: Kysely<Schema>;
  /** Differs whenever this or another process has changed anything. */
  changeNumber(): number;
  /** A whole consistent copy. The file must not be there. */
  copyTo(path: string): void;
}

/** @throws DatabaseError */
export async function openDatabase(path: string): Promise<Database> {
  try {
    const connection = new SqliteConnection(path);
    const db = new Kysely<Schema>({ dialect: new PatientDialect({ database: connection }) });
    const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error !== undefined) {
      connection.close();
      throw error;
    }
    return {
      db,
      changeNumber: () => connection.changeNumber(),
      copyTo: (target) => connection.copyTo(target),
      [Symbol.asyncDispose]: () => db.destroy(),
    };
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause;
    throw new DatabaseError("database.open", `The database ${path} cannot be opened: ${messageOf(cause)}`, { cause });
  }
}
