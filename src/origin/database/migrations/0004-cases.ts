// Cases of notices, their records, confirmations, mails that wait, chained logs. A log's entries are never changed or
// deleted: the database refuses it, so that a slip in a statement cannot.

import { sql, type Kysely } from "kysely";

const statements = [
  `CREATE TABLE cases (
    id TEXT PRIMARY KEY, product TEXT NOT NULL, version TEXT NOT NULL, state TEXT NOT NULL, organization TEXT,
    work TEXT NOT NULL, via TEXT NOT NULL, intake_key TEXT UNIQUE, confirmation TEXT NOT NULL,
    counter_confirmation TEXT NOT NULL, opened_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
    revision INTEGER NOT NULL, is_settled INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX cases_by_release ON cases (product, version)",
  "CREATE INDEX cases_unsettled ON cases (is_settled) WHERE is_settled = 0",
  `CREATE TABLE case_records (
    id INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id), kind TEXT NOT NULL,
    received_at INTEGER NOT NULL, salt BLOB, content TEXT
  ) STRICT`,
  "CREATE INDEX case_records_by_case ON case_records (case_id)",
  `CREATE TABLE confirmations (
    token_hash TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id), kind TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE mails (
    id INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id), recipient TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE chain_entries (
    chain TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, subject TEXT NOT NULL, event TEXT NOT NULL,
    fields TEXT NOT NULL, record TEXT, previous TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (chain, sequence)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX chain_entries_by_subject ON chain_entries (chain, subject)",
  `CREATE TRIGGER chain_entries_stay BEFORE DELETE ON chain_entries
    BEGIN SELECT RAISE(ABORT, 'entries of a log are never deleted'); END`,
  `CREATE TRIGGER chain_entries_stand BEFORE UPDATE ON chain_entries
    BEGIN SELECT RAISE(ABORT, 'entries of a log are never changed'); END`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
