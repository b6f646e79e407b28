// The chained logs in the database: "cases" (published) and "audit" (of administrators). An entry is appended in the
// transaction of what it tells of, so neither is there without the other; the database's write lock orders the writers of
// all processes.

import type { Kysely, Selectable } from "kysely";
import type { Schema } from "../database/schema.ts";
import { CHAIN_START, ChainVerifier, link } from "./chain.ts";
import type { ChainCheck, ChainContent, ChainEntry, ChainFields, ChainHead } from "./chain.ts";

export type ChainName = "cases" | "audit";

/** Entries read at once, where all are. */
const ENTRIES_AT_ONCE = 1000;

/** `db`: the transaction. */
export async function appendEntry(
  db: Kysely<Schema>,
  chain: ChainName,
  content: Omit<ChainContent, "sequence">,
): Promise<ChainEntry> {
  const head = await readHead(db, chain);
  const entry = link({ ...content, sequence: head.sequence + 1 }, head.hash);
  await db
    .insertInto("chain_entries")
    .values({ ...entry, chain, fields: JSON.stringify(entry.fields) })
    .execute();
  return entry;
}

export async function readHead(db: Kysely<Schema>, chain: ChainName): Promise<ChainHead> {
  const last = await db
    .selectFrom("chain_entries")
    .select(["sequence", "hash"])
    .where("chain", "=", chain)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? CHAIN_START : { sequence: last.sequence, hash: last.hash };
}

/** From `from` on, in order, at most `countMax`. */
export async function readEntries(
  db: Kysely<Schema>,
  chain: ChainName,
  from: number,
  countMax: number,
): Promise<readonly ChainEntry[]> {
  const rows = await db
    .selectFrom("chain_entries")
    .selectAll()
    .where("chain", "=", chain)
    .where("sequence", ">=", from)
    .orderBy("sequence")
    .limit(countMax)
    .execute();
  return rows.map(entryOf);
}

export async function entriesAbout(
  db: Kysely<Schema>,
  chain: ChainName,
  subject: string,
): Promise<readonly ChainEntry[]> {
  const rows = await db
    .selectFrom("chain_entries")
    .selectAll()
    .where("chain", "=", chain)
    .where("subject", "=", subject)
    .orderBy("sequence")
    .execute();
  return rows.map(entryOf);
}

async function* allEntries(db: Kysely<Schema>, chain: ChainName): AsyncGenerator<ChainEntry> {
  for (let from = 1; ;) {
    const entries = await readEntries(db, chain, from, ENTRIES_AT_ONCE);
    yield* entries;
    const last = entries.at(-1);
    if (last === undefined || entries.length < ENTRIES_AT_ONCE) return;
    from = last.sequence + 1;
  }
}

/** `known`: a head that was published earlier, which must still stand in the chain. */
export async function verifyLog(
  db: Kysely<Schema>,
  chain: ChainName,
  known: ChainHead | null = null,
): Promise<ChainCheck> {
  const verifier = new ChainVerifier();
  let isKnownMet = known === null || known.sequence === 0;
  for await (const entry of allEntries(db, chain)) {
    verifier.add(entry);
    isKnownMet ||= entry.sequence === known?.sequence && entry.hash === known.hash;
  }
  const check = verifier.result;
  if (!check.isIntact || isKnownMet || known === null) return check;
  return { isIntact: false, sequence: known.sequence, reason: "is not the one that was published" };
}

function entryOf(row: Selectable<Schema["chain_entries"]>): ChainEntry {
  const { sequence, at, subject, event, record, previous, hash } = row;
  return { sequence, at, subject, event, fields: fieldsOf(row.fields), record, previous, hash };
}

/** What is no JSON any more was tampered with: it is shown as it stands, and cannot have the hash. */
function fieldsOf(text: string): ChainFields {
  try {
    return JSON.parse(text) as ChainFields;
  } catch {
    return { unreadable: text };
  }
}
