// Releases, signed metadata, traffic.

import { sql, type Kysely } from "kysely";

const statements = [
  `CREATE TABLE releases (
    product TEXT NOT NULL, version TEXT NOT NULL, channel TEXT NOT NULL, sequence INTEGER NOT NULL,
    name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('file', 'folder')), file_count INTEGER NOT NULL,
    length_bytes INTEGER NOT NULL, piece_length_bytes INTEGER NOT NULL, sha256 TEXT, sha1 TEXT,
    info_hash_v1 TEXT NOT NULL, info_hash_v2 TEXT NOT NULL, info_hash_twin TEXT NOT NULL,
    vendor_name TEXT, vendor_url TEXT, vendor_hashes TEXT,
    notes TEXT, published_at INTEGER NOT NULL, metainfo BLOB NOT NULL,
    withdrawn_kind TEXT, withdrawn_at INTEGER, withdrawn_reason TEXT, withdrawn_by TEXT, withdrawn_vendor_url TEXT,
    withdrawn_replaced_by TEXT, withdrawn_case TEXT,
    PRIMARY KEY (product, version), UNIQUE (product, sequence)
  ) STRICT`,
  "CREATE INDEX releases_by_time ON releases (published_at)",
  "CREATE INDEX releases_by_info_hash_v1 ON releases (info_hash_v1)",
  "CREATE INDEX releases_by_info_hash_v2 ON releases (info_hash_v2)",
  "CREATE INDEX releases_by_info_hash_twin ON releases (info_hash_twin)",
  `CREATE TABLE signed_files (
    name TEXT PRIMARY KEY, bytes BLOB NOT NULL, is_current INTEGER NOT NULL DEFAULT 1
  ) STRICT`,
  `CREATE TABLE traffic (
    product TEXT NOT NULL, version TEXT NOT NULL, seed_bytes INTEGER NOT NULL, web_seed_bytes INTEGER NOT NULL,
    direct_bytes INTEGER NOT NULL, completed INTEGER NOT NULL, direct_downloads INTEGER NOT NULL,
    PRIMARY KEY (product, version)
  ) STRICT`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
