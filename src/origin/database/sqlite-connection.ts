// node:sqlite as the database that Kysely's SQLite dialect expects. Statements are prepared once. A transaction takes the
// write lock when it begins: one that read first and wrote then would fail where another process wrote in between.

import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { DATABASE_WAIT_MS } from "../../core/index.ts";

export class SqliteConnection implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();

  /** Makes the file where it is missing. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: DATABASE_WAIT_MS });
    // FULL: what was acknowledged survives a power cut, and not only the end of the process.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    // From here on the dialect waits, and not SQLite.
    this.#database.exec("PRAGMA busy_timeout = 0");
  }

  close(): void {
    this.#database.close();
  }

  prepare(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = statementOf(this.#database.prepare(sql === "begin" ? "begin immediate" : sql));
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A whole copy, consistent while others write. The file must not be there. */
  copyTo(path: string): void {
    this.#database.prepare("VACUUM INTO ?").run(path);
  }

  /** Differs whenever this or another process has committed something. */
  changeNumber(): number {
    const version = this.#database.prepare("PRAGMA data_version").get() as { data_version: number };
    const own = this.#database.prepare("SELECT total_changes() AS own").get() as { own: number };
    // The first counts what others did, the second what this connection did.
    return version.data_version * 4_294_967_296 + own.own;
  }
}

function statementOf(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
