// The two forms: shown, taken, and shown again where something is wrong. Their pages hold what a person typed, so no cache keeps
// them.

import type { FastifyInstance, FastifyReply } from "fastify";
import { NOTICES_BODY_BYTES_MAX, NOTICES_BUDGET_MS } from "../../core/index.ts";
import type { OriginParts } from "../origin-parts.ts";
import type { Case } from "./case-book.ts";
import { CaseError, possibleEvents } from "./case-state.ts";
import { FormStamps } from "./form-stamp.ts";
import type { Submission } from "./intake.ts";
import type { NoticeDesk } from "./notice-desk.ts";
import type { Problem } from "./notice-fields.ts";
import { counterForm, noticeForm, sentPage, type FormPage } from "./pages/notice-pages.ts";

type Typed = Readonly<Record<string, unknown>>;
interface CaseRoute {
  Params: { id: string };
}
interface FormRoute {
  Body: Typed | undefined;
}

export function registerForms(app: FastifyInstance, { config, clock, random }: OriginParts, desk: NoticeDesk): void {
  const stamps = new FormStamps(clock, random);
  const bodyLimit = NOTICES_BODY_BYTES_MAX;
  const form = (typed: Typed, problems: readonly Problem[] = []): FormPage => ({
    config,
    values: { typed, problems },
    stamp: stamps.create(),
  });

  app.get("/notices/new", (request, reply) => {
    // A release's page links here with its own address.
    const material = (request.query as Typed)["release"];
    return sendForm(reply, noticeForm(form(typeof material === "string" ? { material } : {})));
  });

  app.post<FormRoute>("/notices/new", { bodyLimit }, async (request, reply) => {
    const typed = request.body ?? {};
    return take(stamps, reply, typed, {
      form: (problems) => noticeForm(form(typed, problems)),
      submit: (key) => desk.submit(typed, { via: "form", address: request.ip, key }),
      sent: (one) => sentPage(config, one, "notice"),
    });
  });

  app.get<CaseRoute>("/notices/counter/:id", async (request, reply) => {
    const one = await openToCounter(desk, request.params.id);
    return sendForm(reply, counterForm({ ...form({}), one }));
  });

  app.post<CaseRoute & FormRoute>("/notices/counter/:id", { bodyLimit }, async (request, reply) => {
    const one = await openToCounter(desk, request.params.id);
    const typed = request.body ?? {};
    return take(stamps, reply, typed, {
      form: (problems) => counterForm({ ...form(typed, problems), one }),
      submit: (key) => desk.counter(one.id, typed, { via: "form", address: request.ip, key }),
      sent: (after) => sentPage(config, after, "counter-notice"),
    });
  });
}

interface Steps {
  readonly form: (problems: readonly Problem[]) => string;
  readonly submit: (key: string) => Promise<Submission>;
  readonly sent: (one: Case) => string;
}

/** Checks what tells programs from people, then hands the fields on. */
async function take(stamps: FormStamps, reply: FastifyReply, typed: Typed, steps: Steps): Promise<FastifyReply> {
  const stamp = stamps.check(typed["stamp"]);
  if (!stamp.isGood) return sendForm(reply.code(422), steps.form([ofForm(stamp.message)]));
  if (typed["reference"] !== undefined && typed["reference"] !== "") {
    const message = "A field that has to stay empty was filled in. Please send it again.";
    return sendForm(reply.code(422), steps.form([ofForm(message)]));
  }
  const submission = await steps.submit(stamp.key);
  if (submission.kind === "accepted") return sendForm(reply.code(201), steps.sent(submission.one));
  if (submission.kind === "problems") return sendForm(reply.code(422), steps.form(submission.problems));
  reply.code(429).header("retry-after", String(NOTICES_BUDGET_MS / 1000));
  return sendForm(
    reply,
    steps.form([ofForm("Too many notices came from there in the last hour. Please try again later.")]),
  );
}

/** A problem of no field: it leads to the top of the page. */
function ofForm(message: string): Problem {
  return { field: "content", element: null, message };
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

function sendForm(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(page);
}
