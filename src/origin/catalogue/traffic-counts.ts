// The table of what was sent for each release, over restarts. Counts only grow, by additions that the database makes
// itself: two processes that count at once lose nothing.

import { sql, type Kysely } from "kysely";
import type { Schema } from "../database/schema.ts";
import type { ReleaseRef, Traffic } from "../domain.ts";

export async function readTraffic(db: Kysely<Schema>, { product, version }: ReleaseRef): Promise<Traffic> {
  const row = await db
    .selectFrom("traffic")
    .selectAll()
    .where((eb) => eb.and({ product, version }))
    .executeTakeFirst();
  return {
    seedBytes: row?.seed_bytes ?? 0,
    webSeedBytes: row?.web_seed_bytes ?? 0,
    directBytes: row?.direct_bytes ?? 0,
    completed: row?.completed ?? 0,
    directDownloads: row?.direct_downloads ?? 0,
  };
}

export async function addToTraffic(
  db: Kysely<Schema>,
  { product, version }: ReleaseRef,
  more: Partial<Traffic>,
): Promise<void> {
  const counts = {
    seed_bytes: more.seedBytes ?? 0,
    web_seed_bytes: more.webSeedBytes ?? 0,
    direct_bytes: more.directBytes ?? 0,
    completed: more.completed ?? 0,
    direct_downloads: more.directDownloads ?? 0,
  };
  const columns = Object.keys(counts) as (keyof typeof counts)[];
  const sums = columns.map((column) => [column, sql<number>`${sql.ref(`traffic.${column}`)} + ${counts[column]}`]);
  await db
    .insertInto("traffic")
    .values({ product, version, ...counts })
    .onConflict((clash) => clash.columns(["product", "version"]).doUpdateSet(Object.fromEntries(sums)))
    .execute();
}
