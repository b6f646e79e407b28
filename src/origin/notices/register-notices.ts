// The public side of notices on the web server: the policy, the forms, confirmation, cases, the log, the API. Everything works
// without scripts and without cookies; nothing here is behind a sign-in, so nothing shows what is not public.

import formbody from "@fastify/formbody";
import type { FastifyInstance, FastifyReply } from "fastify";
import { NOTICES_BODY_BYTES_MAX, NOTICES_LOG_PAGE_ENTRIES } from "../../core/index.ts";
import type { OriginParts } from "../origin-parts.ts";
import { html } from "../site/html.ts";
import { CaseError } from "./case-state.ts";
import { registerForms } from "./form-routes.ts";
import { registerNoticeApi, statusOf } from "./notice-api.ts";
import type { NoticeDesk } from "./notice-desk.ts";
import { casePage } from "./pages/case-page.ts";
import { logPage } from "./pages/log-page.ts";
import { confirmedPage, confirmPage, messagePage } from "./pages/notice-pages.ts";
import { policyPage } from "./pages/policy-page.ts";
import { startRounds } from "./rounds.ts";

export interface NoticesRegistration {
  readonly desk: NoticeDesk;
  /** timer: while the server runs. caller: whoever holds the desk calls round(). */
  readonly rounds?: "timer" | "caller";
}

type Typed = Readonly<Record<string, unknown>>;
interface CaseRoute {
  Params: { id: string };
}

export function registerNotices(app: FastifyInstance, parts: OriginParts, registration: NoticesRegistration): void {
  const { desk, rounds = "timer" } = registration;
  if (rounds === "timer") {
    let stop: (() => Promise<void>) | null = null;
    app.addHook("onReady", (done) => {
      stop = startRounds(desk, parts.log);
      done();
    });
    app.addHook("onClose", async () => stop?.());
  }
  void app.register(async (scope) => {
    if (!scope.hasContentTypeParser("application/x-www-form-urlencoded")) {
      await scope.register(formbody, { bodyLimit: NOTICES_BODY_BYTES_MAX });
    }
    registerNoticeApi(scope, parts.config, desk);
    // Pages answer errors as pages, in a scope of their own: the API's are problem details.
    await scope.register((pages, _options, done) => {
      pages.setErrorHandler((error, _request, reply) => {
        if (!(error instanceof CaseError)) throw error;
        return sendPage(
          reply.code(statusOf(error)),
          messagePage(parts.config, "That is not possible", html`<p>${error.message}</p>`),
        );
      });
      registerForms(pages, parts, desk);
      registerViews(pages, parts, desk);
      done();
    });
  });
}

function registerViews(app: FastifyInstance, { config }: OriginParts, desk: NoticeDesk): void {
  app.get("/notices", (_request, reply) => sendPage(reply, policyPage(config, desk.options.actOn)));

  app.get<CaseRoute>("/notices/cases/:id", async (request, reply) => {
    const one = await desk.find(request.params.id);
    const view = { one, timeline: await desk.timeline(one.id), window: desk.windowOf(one), timeZone: desk.timeZone };
    return sendPage(reply, casePage(config, view));
  });

  interface TokenRoute {
    Params: { token: string };
  }
  // Two steps: programs that look at every link of a mail would confirm it otherwise.
  app.get<TokenRoute>("/notices/confirm/:token", async (request, reply) => {
    const one = await desk.pendingConfirmation(request.params.token);
    if (one === null) return sendPage(reply.code(410), tooOld());
    return sendPage(reply, confirmPage(config, one, request.params.token));
  });
  app.post<TokenRoute>("/notices/confirm/:token", async (request, reply) => {
    const one = await desk.confirm(request.params.token);
    return one === null ? sendPage(reply.code(410), tooOld()) : sendPage(reply, confirmedPage(config, one));
  });
  function tooOld(): string {
    return messagePage(
      config,
      "This link is used up",
      html`<p>It was used before, or it is too old. The notice itself is kept.</p>`,
    );
  }

  app.get("/notices/log", async (request, reply) => {
    const head = await desk.logHead();
    const before = wholeNumber((request.query as Typed)["before"]) ?? head.sequence + 1;
    const from = Math.max(1, before - NOTICES_LOG_PAGE_ENTRIES);
    const entries = await desk.logEntries(from, Math.max(0, before - from));
    return sendPage(reply, logPage(config, { entries, head, check: desk.chainCheck }));
  });

  app.get("/notices/log.json", async (request, reply) => {
    const from = wholeNumber((request.query as Typed)["from"]) ?? 1;
    const [head, entries] = [await desk.logHead(), await desk.logEntries(from, NOTICES_LOG_PAGE_ENTRIES)];
    const last = entries.at(-1);
    const next =
      last === undefined || last.sequence >= head.sequence ? null : `/notices/log.json?from=${last.sequence + 1}`;
    return reply.header("cache-control", "no-cache").send({ head, entries, next });
  });
}

function wholeNumber(value: unknown): number | null {
  return typeof value === "string" && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : null;
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
}
