// One move of a case as one transaction: the state, the public log, the audit log where a person did it, and the mails that
// follow. What has to happen to the release comes after it (settlement.ts), from what is written here.

import type { Kysely } from "kysely";
import type { Schema } from "../database/schema.ts";
import type { OriginConfig } from "../origin-parts.ts";
import { changed, logCase, readCase, readRecords, updateCase, type Case } from "./case-book.ts";
import { applyEvent, type CaseEvent } from "./case-state.ts";
import type { ChainFields } from "./chain.ts";
import { appendEntry } from "./chain-log.ts";
import { queueMails } from "./mail-outbox.ts";
import { mailsAfter } from "./mail-texts.ts";

/** administrator: by the pages; operator: by the command line; sender: who sent the notice or counter-notice; rule: the clock. */
export interface Actor {
  readonly kind: "administrator" | "operator" | "sender" | "rule";
  /** For the audit log; the public log has the kind alone. */
  readonly name: string;
}

export interface MoveRules {
  readonly config: OriginConfig;
  readonly timeZone: string;
}

export interface Move {
  readonly event: CaseEvent;
  readonly actor: Actor;
  readonly at: number;
  /** What the mover saw: where the case has changed since, the move is refused. */
  readonly revision?: number | undefined;
  /** The digest of a record that came with it. */
  readonly record?: string;
  readonly counterConfirmation?: Case["counterConfirmation"];
}

/** `db`: the transaction. @throws CaseError */
export async function moveCase(db: Kysely<Schema>, rules: MoveRules, id: string, move: Move): Promise<Case> {
  const { event, actor, at, revision, record = null } = move;
  const before = await readCase(db, id);
  if (revision !== undefined && revision !== before.revision) throw changed(id);
  const state = applyEvent(before.state, event, at, rules.timeZone);
  const counterConfirmation = move.counterConfirmation ?? before.counterConfirmation;
  const after = await updateCase(db, before, { state, isSettled: false, counterConfirmation }, at);
  await logCase(db, id, event.kind, { at, fields: fieldsOf(event, actor), record });
  if (actor.kind === "administrator" || actor.kind === "operator") {
    const fields = { by: actor.name, via: actor.kind, from: before.state.status, to: state.status };
    await appendEntry(db, "audit", { at, subject: id, event: `case.${event.kind}`, fields, record: null });
  }
  if (rules.config.mail !== null) {
    const mails = mailsAfter({ one: after, config: rules.config }, event, await readRecords(db, id), rules.timeZone);
    await queueMails(db, id, mails, at);
  }
  return after;
}

function fieldsOf(event: CaseEvent, actor: Actor): ChainFields {
  return "missing" in event ? { by: actor.kind, missing: event.missing } : { by: actor.kind };
}
