// Everything that can be done about notices, whoever asks: pages, API, command line and the clock. Each move is committed
// with its log entry first and then carried out on the release; what could not be carried out, or was cut off by a crash,
// is done by the next round. The desk decides nothing by itself except what its options say.

import { sql } from "kysely";
import { messageOf, NOTICES_LISTED_CASES_MAX } from "../../core/index.ts";
import type { NoticesOptions, OriginParts } from "../origin-parts.ts";
import type { Database } from "../database/open-database.ts";
import { eraseRecords, listCases, logCase, readCase, readRecords, updateCase } from "./case-book.ts";
import type { Case, CaseRecords } from "./case-book.ts";
import { moveCase, type Actor, type MoveRules } from "./case-moves.ts";
import { hasEnded, openStatuses, windowOf, type CaseEvent, type PutBackWindow } from "./case-state.ts";
import type { ChainCheck, ChainEntry, ChainHead } from "./chain.ts";
import { appendEntry, entriesAbout, readEntries, readHead, verifyLog } from "./chain-log.ts";
import { CaseError } from "./case-state.ts";
import { Intake, type Sender, type Submission } from "./intake.ts";
import { createMailSender, sendDueMails, waitingMails, type SendMail, type WaitingMail } from "./mail-outbox.ts";
import { publicView, type PublicView } from "./public-view.ts";
import { settle } from "./settlement.ts";
import { exportLog } from "./log-export.ts";

export type DeskParts = Pick<OriginParts, "config" | "catalogue" | "lifecycle" | "clock" | "random" | "log"> & {
  readonly database: Pick<Database, "db">;
};

const RULE: Actor = { kind: "rule", name: "" };

export class NoticeDesk {
  readonly #parts: DeskParts;
  readonly #options: Required<NoticesOptions>;
  readonly #intake: Intake;
  readonly #sendMail: SendMail | null;
  #chainCheck: ChainCheck;
  /** Releases are settled one after the other: two moves of one release would look at it at once. */
  #settling: Promise<unknown> = Promise.resolve();

  private constructor(parts: DeskParts, options: Required<NoticesOptions>, chainCheck: ChainCheck) {
    this.#parts = parts;
    this.#options = options;
    this.#chainCheck = chainCheck;
    this.#intake = new Intake({ ...parts, db: parts.database.db }, this.#rules);
    this.#sendMail = parts.config.mail === null ? null : createMailSender(parts.config.mail);
  }

  /** Verifies the log first: a broken one is reported wherever it is shown, and keeps nobody from downloading. */
  static async open(parts: DeskParts, options: NoticesOptions = {}): Promise<NoticeDesk> {
    const check = await verifyLog(parts.database.db, "cases");
    if (!check.isIntact) {
      parts.log.write("error", "notices.log-broken", { sequence: check.sequence, reason: check.reason });
    }
    const defaults = { actOn: "review", putBack: "automatic", timeZone: "America/New_York" } as const;
    return new NoticeDesk(parts, { ...defaults, ...options }, check);
  }

  get timeZone(): string {
    return this.#options.timeZone;
  }

  get options(): Required<NoticesOptions> {
    return this.#options;
  }

  /** As of the start or the last verifyLog(). */
  get chainCheck(): ChainCheck {
    return this.#chainCheck;
  }

  async submit(raw: Readonly<Record<string, unknown>>, sender: Sender): Promise<Submission> {
    const submission = await this.#intake.notice(raw, sender);
    if (submission.kind !== "accepted") return submission;
    return { kind: "accepted", one: await this.#actOnReceipt(submission.one) };
  }

  /** @throws CaseError */
  async counter(caseId: string, raw: Readonly<Record<string, unknown>>, sender: Sender): Promise<Submission> {
    return this.#intake.counter(caseId, raw, sender);
  }

  async pendingConfirmation(token: string): Promise<Case | null> {
    return this.#intake.pendingConfirmation(token);
  }

  async confirm(token: string): Promise<Case | null> {
    const confirmed = await this.#intake.confirm(token);
    return confirmed === null ? null : this.#actOnReceipt(confirmed);
  }

  /** A step by a person, or by the clock. What it means for the release is done when this returns. @throws CaseError, and what
   * the release's life cycle throws: then the move stands and the next round tries again. */
  async move(caseId: string, event: CaseEvent, actor: Actor, revision?: number): Promise<Case> {
    const at = this.#parts.clock.wallMs();
    await this.#db.transaction().execute((trx) => moveCase(trx, this.#rules, caseId, { event, actor, at, revision }));
    return this.#settle(caseId);
  }

  /** Newest first. */
  async cases(countMax: number = NOTICES_LISTED_CASES_MAX): Promise<readonly Case[]> {
    return listCases(this.#db, { countMax });
  }

  /** Those that wait for somebody, or for time. */
  async openCases(): Promise<readonly Case[]> {
    return listCases(this.#db, { statuses: openStatuses });
  }

  /** Those that are decided and not carried out. */
  async unsettledCases(): Promise<readonly Case[]> {
    return listCases(this.#db, { isUnsettled: true });
  }

  /** @throws CaseError case.unknown */
  async find(caseId: string): Promise<Case> {
    return readCase(this.#db, caseId);
  }

  /** What the public may know of its course. */
  async timeline(caseId: string): Promise<readonly ChainEntry[]> {
    return entriesAbout(this.#db, "cases", caseId);
  }

  /** For administrators alone. */
  async records(caseId: string): Promise<CaseRecords> {
    return readRecords(this.#db, caseId);
  }

  windowOf(one: Case): PutBackWindow | null {
    return windowOf(one.state, this.#options.timeZone);
  }

  publicView(one: Case): PublicView {
    return publicView(one, this.windowOf(one), this.#parts.config.publicUrl);
  }

  /** Of a case that has ended: what its senders wrote. @throws CaseError */
  async erase(caseId: string, actor: Actor): Promise<void> {
    const at = this.#parts.clock.wallMs();
    // Freed pages are overwritten, and the write-ahead log, which holds older ones, is emptied.
    await sql`PRAGMA secure_delete = ON`.execute(this.#db);
    await this.#db.transaction().execute(async (trx) => {
      const one = await readCase(trx, caseId);
      if (!hasEnded(one.state.status)) {
        throw new CaseError(
          "case.not-possible",
          "Personal data are erased when a case has ended: until then they are needed.",
        );
      }
      await eraseRecords(trx, caseId);
      await logCase(trx, caseId, "erased", { at, fields: { by: actor.kind } });
      await appendEntry(trx, "audit", {
        at,
        subject: caseId,
        event: "case.erase",
        fields: { by: actor.name },
        record: null,
      });
    });
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(this.#db);
  }

  async logEntries(from: number, countMax: number): Promise<readonly ChainEntry[]> {
    return readEntries(this.#db, "cases", from, countMax);
  }

  async logHead(): Promise<ChainHead> {
    return readHead(this.#db, "cases");
  }

  async verifyLog(known: ChainHead | null = null): Promise<ChainCheck> {
    this.#chainCheck = await verifyLog(this.#db, "cases", known);
    return this.#chainCheck;
  }

  /** The public log, to be published. */
  async exportLog(folder: string): Promise<ChainHead> {
    return exportLog(this, this.#parts.config, folder);
  }

  async waitingMails(): Promise<readonly WaitingMail[]> {
    return waitingMails(this.#db);
  }

  /** What time brings: mails, put-backs, withdrawals that could not be carried out. Run every NOTICES_ROUND_MS. */
  async round(): Promise<void> {
    const { clock, log } = this.#parts;
    for (const one of await this.unsettledCases()) await this.#attempt(one, () => this.#settle(one.id));
    if (this.#options.putBack === "automatic") {
      for (const one of await listCases(this.#db, { statuses: ["forwarded"] })) {
        const window = this.windowOf(one);
        if (window === null || clock.wallMs() < window.lastDayAt) continue;
        await this.#attempt(one, () => this.move(one.id, { kind: "restore" }, RULE, one.revision));
      }
    }
    if (this.#sendMail !== null) await sendDueMails({ db: this.#db, send: this.#sendMail, log }, clock.wallMs());
  }

  get #db(): Database["db"] {
    return this.#parts.database.db;
  }

  get #rules(): MoveRules {
    return { config: this.#parts.config, timeZone: this.#options.timeZone };
  }

  async #attempt(one: Case, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.log.write("error", "notices.round-failed", { case: one.id, reason: messageOf(error) });
    }
  }

  async #actOnReceipt(one: Case): Promise<Case> {
    const isDue =
      this.#options.actOn === "receipt" && one.state.status === "received" && one.confirmation !== "pending";
    // Without an address to confirm, a mail server cannot tell whether anybody stands behind the notice: a person looks.
    const isVouched = this.#parts.config.mail === null || one.confirmation === "confirmed";
    return isDue && isVouched ? this.move(one.id, { kind: "comply" }, RULE, one.revision) : one;
  }

  async #settle(caseId: string): Promise<Case> {
    const settled = this.#settling.then(async () => {
      const one = await readCase(this.#db, caseId);
      const outcome = await settle(this.#parts, one, await listCases(this.#db, { ref: one.ref }));
      this.#parts.log.write("info", "notices.settled", { case: one.id, status: one.state.status, outcome });
      // Where it moved on meanwhile, it is settled again by whoever moved it.
      return this.#db.transaction().execute(async (trx) => {
        const now = await readCase(trx, caseId);
        return now.revision === one.revision ? updateCase(trx, now, { isSettled: true }, now.changedAt) : now;
      });
    });
    this.#settling = settled.catch(() => null);
    return settled;
  }
}
