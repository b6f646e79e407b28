// Tokens of the API: their hashes, never themselves.

import { sql, type Kysely } from "kysely";

const statement = `CREATE TABLE tokens (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL, used_at INTEGER, revoked_at INTEGER
) STRICT`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
