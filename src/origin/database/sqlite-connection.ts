// node:sqlite as the database that Kysely's SQLite dialect expects. Statements are prepared once. A transaction takes the
// write lock when it begins: one that read first and wrote then would fail where another process wrote in between.

import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { DATABASE_WAIT_MS } from "../../core/index.ts";
import { withDatabaseErrors } from "./database-error.ts";

export class SqliteConnection implements SqliteDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();

  /** Makes the file where it is missing. @throws DatabaseError, as every call does; what else SQLite throws */
  constructor(path: string) {
    this.#path = path;
    this.#database = withDatabaseErrors(path, () => open(path));
  }

  close(): void {
    this.#database.close();
  }

  prepare(sql: string): SqliteStatement {
    // After a failure that SQLite has rolled back by itself: to say that there is nothing to roll back would hide it.
    if (sql === "rollback" && !this.#database.isTransaction) return nothing;
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const prepare = (): StatementSync => this.#database.prepare(sql === "begin" ? "begin immediate" : sql);
      statement = statementOf(withDatabaseErrors(this.#path, prepare), this.#path);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A whole copy, consistent while others write. The file must not be there. */
  copyTo(path: string): void {
    withDatabaseErrors(path, () => this.#database.prepare("VACUUM INTO ?").run(path));
  }

  /** Differs whenever this or another process has committed something. */
  changeNumber(): number {
    return withDatabaseErrors(this.#path, () => {
      const version = this.#database.prepare("PRAGMA data_version").get() as { data_version: number };
      const own = this.#database.prepare("SELECT total_changes() AS own").get() as { own: number };
      // The first counts what others did, the second what this connection did.
      return version.data_version * 4_294_967_296 + own.own;
    });
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: DATABASE_WAIT_MS });
  try {
    // FULL: what was acknowledged survives a power cut, and not only the end of the process.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    // From here on the dialect waits, and not SQLite.
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function statementOf(statement: StatementSync, path: string): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => withDatabaseErrors(path, () => statement.all(...(parameters as SQLInputValue[]))),
    run: (parameters) => withDatabaseErrors(path, () => statement.run(...(parameters as SQLInputValue[]))),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};
