// Cases in the database. Every function that changes one takes the transaction, checks what it changes against what is there
// (`revision`), and appends what happened to the public log in the same transaction. What the senders wrote is kept apart
// from the log, so that erasing it leaves the chain whole.

import { sql, type Kysely, type Selectable } from "kysely";
import type { Random } from "../../core/index.ts";
import type { CaseVia, Confirmation } from "../database/case-tables.ts";
import type { Schema } from "../database/schema.ts";
import type { ReleaseRef } from "../domain.ts";
import { CaseError, type CaseState, type CaseStatus } from "./case-state.ts";
import { canonicalJson, recordDigest, type ChainFields } from "./chain.ts";
import { appendEntry } from "./chain-log.ts";
import type { CounterContent, NoticeContent } from "./notice-fields.ts";

/** Everything about a case that may be shown to anybody. */
export interface Case {
  readonly id: string;
  readonly ref: ReleaseRef;
  readonly state: CaseState;
  /** On whose behalf; null where that is a person or unknown. */
  readonly organization: string | null;
  readonly work: string;
  readonly via: CaseVia;
  readonly confirmation: Confirmation;
  readonly counterConfirmation: Confirmation;
  readonly openedAt: number;
  readonly changedAt: number;
  readonly revision: number;
  /** Whether the release is withdrawn, or back, as the state says. */
  readonly isSettled: boolean;
}

/** What a sender wrote; for administrators. Null: erased. */
export interface CaseRecord<Content> {
  readonly receivedAt: number;
  readonly content: Content | null;
}

export interface CaseRecords {
  readonly notices: readonly CaseRecord<NoticeContent>[];
  readonly counters: readonly CaseRecord<CounterContent>[];
}

const SALT_BYTES = 32;

export type NewCase = Pick<Case, "ref" | "state" | "organization" | "work" | "via" | "confirmation"> & {
  readonly intakeKey: string | null;
};

export async function insertCase(db: Kysely<Schema>, added: NewCase, at: number): Promise<Case> {
  const id = await nextId(db, at);
  const { ref, state, organization, work, via, confirmation, intakeKey } = added;
  await db
    .insertInto("cases")
    .values({
      id,
      product: ref.product,
      version: ref.version,
      state: JSON.stringify(state),
      organization,
      work,
      via,
      intake_key: intakeKey,
      confirmation,
      counter_confirmation: "none",
      opened_at: at,
      changed_at: at,
      revision: 1,
      is_settled: 1,
    })
    .execute();
  return readCase(db, id);
}

/** "2026-0001": the year and the number in it. */
async function nextId(db: Kysely<Schema>, at: number): Promise<string> {
  const year = new Date(at).getUTCFullYear();
  const { count } = await db
    .selectFrom("cases")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("id", "like", `${year}-%`)
    .executeTakeFirstOrThrow();
  return `${year}-${String(count + 1).padStart(4, "0")}`;
}

/** @throws CaseError case.unknown */
export async function readCase(db: Kysely<Schema>, id: string): Promise<Case> {
  const row = await db.selectFrom("cases").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new CaseError("case.unknown", `There is no case ${id}.`);
  return caseOf(row);
}

export async function caseByIntakeKey(db: Kysely<Schema>, key: string): Promise<Case | null> {
  const row = await db.selectFrom("cases").selectAll().where("intake_key", "=", key).executeTakeFirst();
  return row === undefined ? null : caseOf(row);
}

export interface CaseFilter {
  readonly ref?: ReleaseRef;
  readonly isUnsettled?: true;
  readonly statuses?: readonly CaseStatus[];
  readonly countMax?: number;
}

/** Newest first. */
export async function listCases(db: Kysely<Schema>, filter: CaseFilter = {}): Promise<readonly Case[]> {
  const { ref, isUnsettled, statuses, countMax } = filter;
  let query = db.selectFrom("cases").selectAll().orderBy("opened_at", "desc").orderBy("id", "desc");
  if (ref !== undefined) query = query.where("product", "=", ref.product).where("version", "=", ref.version);
  if (isUnsettled === true) query = query.where("is_settled", "=", 0);
  if (statuses !== undefined) query = query.where(sql`json_extract(state, '$.status')`, "in", statuses);
  if (countMax !== undefined) query = query.limit(countMax);
  return (await query.execute()).map(caseOf);
}

type Changes = Partial<Pick<Case, "state" | "confirmation" | "counterConfirmation" | "isSettled">>;

/** @throws CaseError case.changed */
export async function updateCase(db: Kysely<Schema>, before: Case, changes: Changes, at: number): Promise<Case> {
  const { state, confirmation, counterConfirmation, isSettled } = { ...before, ...changes };
  const { numUpdatedRows } = await db
    .updateTable("cases")
    .set({
      state: JSON.stringify(state),
      confirmation,
      counter_confirmation: counterConfirmation,
      is_settled: isSettled ? 1 : 0,
      changed_at: at,
      revision: before.revision + 1,
    })
    .where("id", "=", before.id)
    .where("revision", "=", before.revision)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw changed(before.id);
  return readCase(db, before.id);
}

export function changed(id: string): CaseError {
  return new CaseError("case.changed", `Case ${id} was changed meanwhile by somebody else. Look at it again.`);
}

export async function logCase(
  db: Kysely<Schema>,
  id: string,
  event: string,
  what: { readonly at: number; readonly fields?: ChainFields; readonly record?: string | null },
): Promise<void> {
  await appendEntry(db, "cases", {
    at: what.at,
    subject: id,
    event,
    fields: what.fields ?? {},
    record: what.record ?? null,
  });
}

/** Returns the digest for the log. */
export async function keepRecord(
  db: Kysely<Schema>,
  caseId: string,
  kind: "notice" | "counter",
  what: { readonly content: NoticeContent | CounterContent; readonly at: number; readonly random: Random },
): Promise<string> {
  const salt = what.random.bytes(SALT_BYTES);
  const content = canonicalJson(what.content);
  await db.insertInto("case_records").values({ case_id: caseId, kind, received_at: what.at, salt, content }).execute();
  return recordDigest(salt, content);
}

/** Oldest first. */
export async function readRecords(db: Kysely<Schema>, caseId: string): Promise<CaseRecords> {
  const rows = await db.selectFrom("case_records").selectAll().where("case_id", "=", caseId).orderBy("id").execute();
  const of = <Content>(kind: "notice" | "counter"): CaseRecord<Content>[] =>
    rows
      .filter((row) => row.kind === kind)
      .map(({ received_at: receivedAt, content }) => ({
        receivedAt,
        content: content === null ? null : (JSON.parse(content) as Content),
      }));
  return { notices: of<NoticeContent>("notice"), counters: of<CounterContent>("counter") };
}

/** Personal data go; the log stays whole, since it holds digests whose salt is gone too. */
export async function eraseRecords(db: Kysely<Schema>, caseId: string): Promise<void> {
  await db.updateTable("case_records").set({ salt: null, content: null }).where("case_id", "=", caseId).execute();
  await db.deleteFrom("mails").where("case_id", "=", caseId).execute();
  await db.deleteFrom("confirmations").where("case_id", "=", caseId).execute();
}

function caseOf(row: Selectable<Schema["cases"]>): Case {
  return {
    id: row.id,
    ref: { product: row.product, version: row.version },
    state: JSON.parse(row.state) as CaseState,
    organization: row.organization,
    work: row.work,
    via: row.via,
    confirmation: row.confirmation,
    counterConfirmation: row.counter_confirmation,
    openedAt: row.opened_at,
    changedAt: row.changed_at,
    revision: row.revision,
    isSettled: row.is_settled === 1,
  };
}
