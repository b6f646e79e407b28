// What somebody typed, as conditions on the table of releases: every word stands somewhere in what the page shows.
// Words are parts of words ("node" finds "nodejs"). SQLite's LIKE takes ASCII letters without their case, others as they
// are. No index: a catalogue has thousands of releases and not millions.

import { sql } from "kysely";
import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import { SEARCH_QUERY_LENGTH_MAX, SEARCH_WORDS_MAX } from "../../core/index.ts";
import type { Schema } from "../database/schema.ts";

const searched = [
  "product",
  "version",
  "name",
  "vendor_name",
  "notes",
  "sha256",
  "sha1",
  "vendor_hashes",
  "info_hash_v1",
  "info_hash_v2",
  "info_hash_twin",
] as const;

/** The words that count; none where nothing was typed. */
export function searchWords(query: string): readonly string[] {
  // Control characters part words too: SQLite's patterns end at a NUL, and what is left would match everything.
  const words = query.slice(0, SEARCH_QUERY_LENGTH_MAX).split(/[\s\p{Cc}]+/u);
  return words.filter((word) => word !== "").slice(0, SEARCH_WORDS_MAX);
}

export function holdsAll(
  builder: ExpressionBuilder<Schema, "releases">,
  words: readonly string[],
): Expression<SqlBool> {
  const holds = (word: string): Expression<SqlBool> => {
    // What LIKE takes for a wildcard is a letter like any other to whoever types it.
    const pattern = `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    return builder.or(searched.map((column) => sql<SqlBool>`${sql.ref(column)} like ${pattern} escape '\\'`));
  };
  return builder.and(words.map(holds));
}
