// The public side of notices on the web server: the policy, the forms, confirmation, cases, the log, the API. Everything works
// without scripts and without cookies; nothing here is behind a sign-in, so nothing shows what is not public.

import formbody from "@fastify/formbody";
import type { FastifyInstance, FastifyReply } from "fastify";
import { NOTICES_BODY_BYTES_MAX, NOTICES_BUDGET_MS, NOTICES_LOG_PAGE_ENTRIES } from "../../core/index.ts";
import type { OriginParts } from "../origin-parts.ts";
import { html } from "../site/html.ts";
import type { Case } from "./case-book.ts";
import { CaseError, possibleEvents } from "./case-state.ts";
import { FormStamps } from "./form-stamp.ts";
import type { Submission } from "./intake.ts";
import { registerNoticeApi, statusOf } from "./notice-api.ts";
import type { NoticeDesk } from "./notice-desk.ts";
import type { Problem } from "./notice-fields.ts";
import { casePage } from "./pages/case-page.ts";
import { logPage } from "./pages/log-page.ts";
import { confirmedPage, confirmPage, counterForm, messagePage, noticeForm, sentPage } from "./pages/notice-pages.ts";
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
interface FormRoute {
  Body: Typed | undefined;
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

function registerForms(app: FastifyInstance, { config, clock, random }: OriginParts, desk: NoticeDesk): void {
  const stamps = new FormStamps(clock, random);
  const bodyLimit = NOTICES_BODY_BYTES_MAX;
  const empty = { typed: {}, problems: [] };

  const blank = (typed: Typed, problems: readonly Problem[]): Parameters<typeof noticeForm>[0] => ({
    config,
    values: { typed, problems },
    stamp: stamps.create(),
  });

  /** Checks what tells programs from people, then hands the fields on. The form comes back where something is wrong. */
  async function take(
    reply: FastifyReply,
    typed: Typed,
    steps: {
      form: (problems: readonly Problem[]) => string;
      submit: (key: string) => Promise<Submission>;
      sent: (one: Case) => string;
    },
  ): Promise<FastifyReply> {
    const stamp = stamps.check(typed["stamp"]);
    const isFilled = typed["reference"] !== undefined && typed["reference"] !== "";
    const message = isFilled
      ? "A field that has to stay empty was filled in. Please send it again."
      : stamp.isGood
        ? null
        : stamp.message;
    if (!stamp.isGood || message !== null) {
      const problems = [{ field: "content", element: null, message: message ?? "" }];
      return sendPage(reply.code(422), steps.form(problems));
    }
    const submission = await steps.submit(stamp.key);
    if (submission.kind === "accepted") return sendPage(reply.code(201), steps.sent(submission.one));
    if (submission.kind === "problems") return sendPage(reply.code(422), steps.form(submission.problems));
    reply.code(429).header("retry-after", String(NOTICES_BUDGET_MS / 1000));
    const problem = {
      field: "content",
      element: null,
      message: "Too many notices came from there in the last hour. Please try again later.",
    };
    return sendPage(reply, steps.form([problem]));
  }

  app.get("/notices/new", (request, reply) => {
    // A release's page links here with its own address.
    const material = (request.query as Typed)["release"];
    return sendPage(reply, noticeForm(blank(typeof material === "string" ? { material } : {}, [])));
  });

  app.post<FormRoute>("/notices/new", { bodyLimit }, async (request, reply) => {
    const typed = request.body ?? {};
    return take(reply, typed, {
      form: (problems) => noticeForm(blank(typed, problems)),
      submit: (key) => desk.submit(typed, { via: "form", address: request.ip, key }),
      sent: (one) => sentPage(config, one, "notice"),
    });
  });

  app.get<CaseRoute>("/notices/counter/:id", async (request, reply) => {
    const one = await openToCounter(desk, request.params.id);
    return sendPage(reply, counterForm({ config, values: empty, stamp: stamps.create(), one }));
  });

  app.post<CaseRoute & FormRoute>("/notices/counter/:id", { bodyLimit }, async (request, reply) => {
    const one = await openToCounter(desk, request.params.id);
    const typed = request.body ?? {};
    return take(reply, typed, {
      form: (problems) => counterForm({ ...blank(typed, problems), one }),
      submit: (key) => desk.counter(one.id, typed, { via: "form", address: request.ip, key }),
      sent: (after) => sentPage(config, after, "counter-notice"),
    });
  });
}

/** @throws CaseError */
async function openToCounter(desk: NoticeDesk, id: string): Promise<Case> {
  const one = await desk.find(id);
  if (possibleEvents(one.state.status).includes("counter")) return one;
  throw new CaseError(
    "case.not-possible",
    `Case ${id} is not open to counter-notices now. Its page says where it stands.`,
  );
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
