// Accounts of administrators, sessions, failed sign-ins.

import { sql, type Kysely } from "kysely";

const statements = [
  "CREATE TABLE accounts (name TEXT PRIMARY KEY, password TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT",
  `CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY, actor TEXT NOT NULL, via TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE sign_in_failures (
    key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX sign_in_failures_by_time ON sign_in_failures (last_at)",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
