// How many machines were in the swarm of a release when it was withdrawn.

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE last_peers (
    product TEXT NOT NULL, version TEXT NOT NULL, peers INTEGER NOT NULL, PRIMARY KEY (product, version)
  ) STRICT`.execute(db);
}
