// What the routes of the admin share: the parts, who is signed in, and how a page is made and sent.

import type { FastifyReply, FastifyRequest } from "fastify";
import { verifyLog } from "../notices/chain-log.ts";
import type { ChainCheck } from "../notices/chain.ts";
import type { NoticeDesk } from "../notices/notice-desk.ts";
import type { OriginParts } from "../origin-parts.ts";
import type { AdminView } from "./pages/frame.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { SignIn } from "./sign-in.ts";

/** What the routes of the admin share. */
export interface AdminContext {
  readonly parts: OriginParts;
  readonly desk: NoticeDesk;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly takesTokens: boolean;
  readonly auditLog: AuditLog;
}

/** The check of the audit log, which takes longer the longer it is: made at first need, and again on its own page. */
export class AuditLog {
  readonly #parts: OriginParts;
  #last: ChainCheck | null = null;

  constructor(parts: OriginParts) {
    this.#parts = parts;
  }

  async lastCheck(): Promise<ChainCheck> {
    return this.#last ?? this.check();
  }

  async check(): Promise<ChainCheck> {
    this.#last = await verifyLog(this.#parts.database.db, "audit");
    return this.#last;
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** Of an administrator; set before any page of theirs is made. */
    adminSession: Session | null;
  }
}

/** What a page needs of a request that has a session. `done`: a word of the query that says what was just done. */
export function viewOf({ parts }: AdminContext, request: FastifyRequest, reply: FastifyReply): AdminView {
  const session = request.adminSession;
  if (session === null) throw new Error("An admin page was made without a session.");
  const { done } = request.query as { done?: string };
  return { config: parts.config, session, csrf: reply.generateCsrf(), done: doneText(done) };
}

const doneTexts: Readonly<Record<string, string>> = {
  withdrawn: "The release is withdrawn.",
  restored: "The release is back.",
  purged: "The payload is deleted.",
  moved: "Done. The parties are told by mail where a mail server is configured.",
  erased: "The personal data of this case are erased.",
};

function doneText(word: string | undefined): string | null {
  return word !== undefined && Object.hasOwn(doneTexts, word) ? (doneTexts[word] ?? null) : null;
}

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").send(page);
}
