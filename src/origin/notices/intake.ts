// How notices and counter-notices come in, from a form, the API or a letter that the operator copies. What a person can mend
// at once is answered with problems and leaves no trace; from the API and letters, a notice that lacks elements of the law
// becomes a case that says so. A notice that names no release of this origin has nothing to act on and is never a case.

import { hash } from "node:crypto";
import type { Kysely } from "kysely";
import {
  NOTICES_BUDGET_MS,
  NOTICES_CONFIRMATION_MS,
  NOTICES_PER_ADDRESS_MAX,
  NOTICES_PER_RECIPIENT_MAX,
  NOTICES_TOTAL_MAX,
} from "../../core/index.ts";
import type { CaseVia, Confirmation } from "../database/case-tables.ts";
import type { Schema } from "../database/schema.ts";
import type { OriginParts } from "../origin-parts.ts";
import { caseByIntakeKey, insertCase, keepRecord, logCase, readCase, updateCase, type Case } from "./case-book.ts";
import { moveCase, type MoveRules } from "./case-moves.ts";
import type { CaseState } from "./case-state.ts";
import { queueMails } from "./mail-outbox.ts";
import { agentMail, confirmationMail } from "./mail-texts.ts";
import { findMaterial } from "./material.ts";
import { parseCounter, parseNotice, type Problem } from "./notice-fields.ts";
import { publicOrganization, redact } from "./redaction.ts";
import { networkOf, WindowCounter } from "./window-counter.ts";

export interface Sender {
  readonly via: CaseVia;
  /** Where it came from; null for letters, which have no limit. */
  readonly address: string | null;
  /** Of the form: the same one sent twice makes one case. */
  readonly key: string | null;
}

export type Submission =
  | { readonly kind: "accepted"; readonly one: Case }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] }
  /** More than the limits allow: later. */
  | { readonly kind: "too-many" };

export type IntakeParts = Pick<OriginParts, "config" | "catalogue" | "clock" | "random"> & {
  readonly db: Kysely<Schema>;
};

type Raw = Readonly<Record<string, unknown>>;
const TOKEN_BYTES = 32;

export class Intake {
  readonly #parts: IntakeParts;
  readonly #rules: MoveRules;
  readonly #taken = new WindowCounter(NOTICES_BUDGET_MS);

  constructor(parts: IntakeParts, rules: MoveRules) {
    this.#parts = parts;
    this.#rules = rules;
  }

  async notice(raw: Raw, sender: Sender): Promise<Submission> {
    const { db, catalogue, config, clock, random } = this.#parts;
    const twice = sender.key === null ? null : await caseByIntakeKey(db, sender.key);
    if (twice !== null) return { kind: "accepted", one: twice };
    const { content, problems, missing } = parseNotice(raw);
    const release = content.material === "" ? null : await findMaterial(catalogue, content.material, config.publicUrl);
    const all: readonly Problem[] = [
      ...problems,
      ...(release === null && content.material !== ""
        ? [{ field: "material", element: "material", message: NOT_HERE }]
        : []),
    ];
    const grave = sender.via === "form" ? all : all.filter(({ element }) => element === null || element === "material");
    if (grave.length > 0 || release === null) return { kind: "problems", problems: grave };
    if (!this.#take(sender, content.email)) return { kind: "too-many" };
    const at = clock.wallMs();
    const state: CaseState =
      missing.length === 0 ? { status: "received", since: at } : { status: "incomplete", since: at, missing };
    const confirmation = this.#confirmationOf(content.email, sender);
    const { product, version } = release;
    const organization = publicOrganization(content.organization, content);
    const work = redact(content.work, content);
    const added = {
      ref: { product, version },
      state,
      organization,
      work,
      via: sender.via,
      confirmation,
      intakeKey: sender.key,
    };
    const one = await db.transaction().execute(async (trx) => {
      const meanwhile = sender.key === null ? null : await caseByIntakeKey(trx, sender.key);
      if (meanwhile !== null) return meanwhile;
      const inserted = await insertCase(trx, added, at);
      const record = await keepRecord(trx, inserted.id, "notice", { content, at, random });
      const fields = { product, version, organization, work, via: sender.via, missing };
      await logCase(trx, inserted.id, "received", { at, fields, record });
      await this.#writeMails(trx, inserted, { what: "notice", email: content.email, confirmation, at });
      return inserted;
    });
    return { kind: "accepted", one };
  }

  /** @throws CaseError where the case has no place for a counter-notice now */
  async counter(caseId: string, raw: Raw, sender: Sender): Promise<Submission> {
    const { db, clock, random } = this.#parts;
    const { content, problems, missing } = parseCounter(raw);
    const grave: readonly Problem[] =
      sender.via === "form" ? problems : problems.filter(({ element }) => element === null);
    if (grave.length > 0) return { kind: "problems", problems: grave };
    await readCase(db, caseId);
    if (!this.#take(sender, content.email)) return { kind: "too-many" };
    const at = clock.wallMs();
    const confirmation = this.#confirmationOf(content.email, sender);
    const one = await db.transaction().execute(async (trx) => {
      const record = await keepRecord(trx, caseId, "counter", { content, at, random });
      const moved = await moveCase(trx, this.#rules, caseId, {
        event: missing.length === 0 ? { kind: "counter" } : { kind: "find-counter-incomplete", missing },
        actor: { kind: "sender", name: "" },
        at,
        record,
        counterConfirmation: confirmation,
      });
      await this.#writeMails(trx, moved, { what: "counter-notice", email: content.email, confirmation, at });
      return moved;
    });
    return { kind: "accepted", one };
  }

  /** Which case a link belongs to; null where it is too old or none of ours. */
  async pendingConfirmation(token: string): Promise<Case | null> {
    const found = await this.#confirmation(this.#parts.db, token);
    return found === null ? null : readCase(this.#parts.db, found.case_id);
  }

  async confirm(token: string): Promise<Case | null> {
    const at = this.#parts.clock.wallMs();
    return this.#parts.db.transaction().execute(async (trx) => {
      const found = await this.#confirmation(trx, token);
      if (found === null) return null;
      await trx.deleteFrom("confirmations").where("token_hash", "=", found.token_hash).execute();
      const before = await readCase(trx, found.case_id);
      const changes = found.kind === "notice" ? { confirmation: "confirmed" } : { counterConfirmation: "confirmed" };
      const after = await updateCase(trx, before, changes as { confirmation: Confirmation }, at);
      await logCase(trx, after.id, "confirmed", { at, fields: { what: found.kind } });
      return after;
    });
  }

  async #confirmation(
    db: Kysely<Schema>,
    token: string,
  ): Promise<{ token_hash: string; case_id: string; kind: "notice" | "counter" } | null> {
    const found = await db
      .selectFrom("confirmations")
      .selectAll()
      .where("token_hash", "=", tokenHash(token))
      .where("expires_at", ">", this.#parts.clock.wallMs())
      .executeTakeFirst();
    return found ?? null;
  }

  #take({ address }: Sender, email: string): boolean {
    if (address === null) return true;
    const now = this.#parts.clock.wallMs();
    const recipient = `to:${email.toLowerCase()}`;
    return (
      this.#taken.take(`from:${networkOf(address)}`, NOTICES_PER_ADDRESS_MAX, now) &&
      (email === "" || this.#taken.take(recipient, NOTICES_PER_RECIPIENT_MAX, now)) &&
      this.#taken.take("total", NOTICES_TOTAL_MAX, now)
    );
  }

  #confirmationOf(email: string, { via }: Sender): Confirmation {
    return this.#parts.config.mail === null || email === "" || via === "letter" ? "none" : "pending";
  }

  async #writeMails(
    trx: Kysely<Schema>,
    one: Case,
    what: { what: "notice" | "counter-notice"; email: string; confirmation: Confirmation; at: number },
  ): Promise<void> {
    const { config, random } = this.#parts;
    if (config.mail === null) return;
    const to = { one, config };
    await queueMails(trx, one.id, agentMail(to, what.what), what.at);
    if (what.confirmation !== "pending") return;
    const token = random.bytes(TOKEN_BYTES).toString("base64url");
    const kind = what.what === "notice" ? "notice" : "counter";
    await trx
      .insertInto("confirmations")
      .values({ token_hash: tokenHash(token), case_id: one.id, kind, expires_at: what.at + NOTICES_CONFIRMATION_MS })
      .execute();
    await queueMails(trx, one.id, [confirmationMail(to, what.email, token)], what.at);
  }
}

const NOT_HERE =
  "No release of this site has that address. Copy the address of the release's page, or its magnet link.";

function tokenHash(token: string): string {
  return hash("sha256", token, "hex");
}
