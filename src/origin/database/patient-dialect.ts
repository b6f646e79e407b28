// Kysely's SQLite dialect, waiting for another process's write (a publish beside a running origin) without standing
// still: SQLite itself waits inside the call, and meanwhile the whole process would serve nobody. A statement that found
// the file locked has done nothing, so it is simply tried again. Within a transaction that cannot happen: it has the lock.

import { setTimeout as delay } from "node:timers/promises";
import { SqliteAdapter, SqliteDialect, SqliteDriver } from "kysely";
import type { DatabaseConnection, DialectAdapter, Driver, SqliteDialectConfig } from "kysely";
import { DATABASE_RETRY_MS, DATABASE_WAIT_MS } from "../../core/index.ts";

export class PatientDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#config);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}

/** Kysely runs SQLite's migrations without a transaction: a process that is killed at one would leave half a schema. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query) => patiently(() => connection.executeQuery(query)),
      streamQuery: (query, rowCount) => connection.streamQuery(query, rowCount),
    };
  }
}

async function patiently<T>(operation: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + DATABASE_WAIT_MS;
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
    }
    await delay(DATABASE_RETRY_MS);
  }
}

/** SQLITE_BUSY and its extended codes. */
function isLocked(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === 5;
}
