// Mails wait in the database, written in the transaction of what they tell of, until a mail server took them: none is lost by
// a crash or an outage, and none is sent twice by two processes, since each is claimed before it is sent (a crash in between
// sends it again later). Sent mails are deleted: they hold personal data.

import { createTransport } from "nodemailer";
import type { Kysely, Selectable } from "kysely";
import {
  messageOf,
  NOTICES_MAIL_RETRY_MS,
  NOTICES_MAIL_TIMEOUT_MS,
  NOTICES_MAIL_TRIES_MAX,
  NOTICES_MAILS_A_ROUND_MAX,
  type Log,
} from "../../core/index.ts";
import type { Schema } from "../database/schema.ts";
import type { MailSettings } from "../origin-parts.ts";
import type { Mail } from "./mail-texts.ts";

/** @throws whatever the mail server or the network says */
export type SendMail = (mail: Mail) => Promise<void>;

export function createMailSender({ smtpUrl, from }: MailSettings): SendMail {
  const timeouts = {
    connectionTimeout: NOTICES_MAIL_TIMEOUT_MS,
    greetingTimeout: NOTICES_MAIL_TIMEOUT_MS,
    socketTimeout: NOTICES_MAIL_TIMEOUT_MS,
  };
  const transport = createTransport({ url: smtpUrl, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
  return async ({ recipient, subject, body }) => {
    await transport.sendMail({ from, to: { name: "", address: recipient }, subject, text: body });
  };
}

/** `db`: the transaction. */
export async function queueMails(
  db: Kysely<Schema>,
  caseId: string,
  mails: readonly Mail[],
  at: number,
): Promise<void> {
  for (const mail of mails) {
    await db
      .insertInto("mails")
      .values({ ...mail, case_id: caseId, tries: 0, next_at: at })
      .execute();
  }
}

export interface OutboxParts {
  readonly db: Kysely<Schema>;
  readonly send: SendMail;
  readonly log: Log;
}

/** Sends what is due. Failures are logged and tried again later. */
export async function sendDueMails({ db, send, log }: OutboxParts, nowMs: number): Promise<void> {
  const due = await db
    .selectFrom("mails")
    .selectAll()
    .where("next_at", "<=", nowMs)
    .where("tries", "<", NOTICES_MAIL_TRIES_MAX)
    .orderBy("id")
    .limit(NOTICES_MAILS_A_ROUND_MAX)
    .execute();
  for (const mail of due) {
    if (!(await claim(db, mail, nowMs))) continue;
    try {
      await send(mail);
      await db.deleteFrom("mails").where("id", "=", mail.id).execute();
      log.write("info", "notices.mail-sent", { case: mail.case_id });
    } catch (error) {
      log.write("warn", "notices.mail-failed", { case: mail.case_id, tries: mail.tries + 1, reason: messageOf(error) });
    }
  }
}

/** Nobody else sends it until the wait after a failure is over. */
async function claim(db: Kysely<Schema>, { id, tries }: Selectable<Schema["mails"]>, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("mails")
    .set({ tries: tries + 1, next_at: nowMs + NOTICES_MAIL_RETRY_MS * 2 ** tries })
    .where("id", "=", id)
    .where("tries", "=", tries)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export interface WaitingMail {
  readonly caseId: string;
  readonly recipient: string;
  readonly subject: string;
  readonly tries: number;
  /** No more tries. */
  readonly isGivenUp: boolean;
}

export async function waitingMails(db: Kysely<Schema>): Promise<readonly WaitingMail[]> {
  const rows = await db.selectFrom("mails").selectAll().orderBy("id").execute();
  return rows.map(({ case_id: caseId, recipient, subject, tries }) => ({
    caseId,
    recipient,
    subject,
    tries,
    isGivenUp: tries >= NOTICES_MAIL_TRIES_MAX,
  }));
}
