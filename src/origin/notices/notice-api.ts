// Notices for programs: JSON in, the public view of a case out, errors as problem details (RFC 9457). A notice that lacks an
// element of the law becomes a case that is incomplete and says what is missing; only what names no release is refused.

import type { FastifyInstance, FastifyReply } from "fastify";
import { NOTICES_BODY_BYTES_MAX, NOTICES_BUDGET_MS } from "../../core/index.ts";
import type { OriginConfig } from "../origin-parts.ts";
import { CaseError, type CaseErrorCode } from "./case-state.ts";
import type { Submission } from "./intake.ts";
import type { NoticeDesk } from "./notice-desk.ts";

const httpStatus: Readonly<Record<CaseErrorCode, number>> = {
  "case.unknown": 404,
  "case.not-possible": 409,
  "case.too-early": 409,
  "case.changed": 409,
};

export function statusOf(error: CaseError): number {
  return httpStatus[error.code];
}

const text = { type: "string" } as const;
const yes = { type: "boolean" } as const;
const personal = { name: text, email: text, phone: text, address: text, signature: text };
const noticeSchema = {
  type: "object",
  properties: { ...personal, organization: text, work: text, material: text, goodFaith: yes, accuracy: yes },
} as const;
const counterSchema = {
  type: "object",
  properties: { ...personal, material: text, mistake: yes, consent: yes },
} as const;
const caseParameters = { type: "object", properties: { id: text }, required: ["id"] } as const;

// Values with names, since OpenAPI's fields (tags, summary) are known to Fastify's types only where its plugin is.
const tags = ["notices"];
const submitRoute = { tags, summary: "Send a notice (17 U.S.C. 512(c)(3))", body: noticeSchema };
const caseRoute = { tags, summary: "Where a case stands", params: caseParameters };
const counterRoute = {
  tags,
  summary: "Send a counter-notice (17 U.S.C. 512(g)(3))",
  params: caseParameters,
  body: counterSchema,
};

type Body = Readonly<Record<string, unknown>>;
interface CaseRoute {
  Params: { id: string };
}

export function registerNoticeApi(app: FastifyInstance, config: OriginConfig, desk: NoticeDesk): void {
  const bodyLimit = NOTICES_BODY_BYTES_MAX;

  app.post<{ Body: Body }>("/api/v1/notices", { bodyLimit, schema: submitRoute }, async (request, reply) => {
    const sender = { via: "api", address: request.ip, key: null } as const;
    return answer(reply, config, await desk.submit(request.body, sender));
  });

  app.get<CaseRoute>("/api/v1/notices/:id", { schema: caseRoute }, async (request, reply) =>
    orProblem(reply, async () => {
      const one = await desk.find(request.params.id);
      return reply.send(desk.publicView(one));
    }),
  );

  app.post<CaseRoute & { Body: Body }>(
    "/api/v1/notices/:id/counter",
    {
      bodyLimit,
      schema: counterRoute,
    },
    async (request, reply) =>
      orProblem(reply, async () => {
        const sender = { via: "api", address: request.ip, key: null } as const;
        return answer(reply, config, await desk.counter(request.params.id, request.body, sender));
      }),
  );

  function answer(reply: FastifyReply, { publicUrl }: OriginConfig, submission: Submission): FastifyReply {
    if (submission.kind === "problems") {
      const { problems } = submission;
      return problem(reply, 422, "notice.fields", "The notice cannot be taken as it is.", { problems });
    }
    if (submission.kind === "too-many") {
      reply.header("retry-after", String(NOTICES_BUDGET_MS / 1000));
      return problem(
        reply,
        429,
        "notice.too-many",
        "More notices came from there than the limits of this site allow. Try again later.",
      );
    }
    reply.code(201).header("location", `${publicUrl}/api/v1/notices/${submission.one.id}`);
    return reply.send(desk.publicView(submission.one));
  }
}

async function orProblem(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    return problem(reply, statusOf(error), error.code, error.message);
  }
}

function problem(reply: FastifyReply, status: number, code: string, detail: string, more: object = {}): FastifyReply {
  const title = TITLES[status] ?? "Error";
  reply.code(status).type("application/problem+json");
  return reply.send(JSON.stringify({ type: "about:blank", title, status, detail, code, ...more }));
}

const TITLES: Readonly<Record<number, string>> = {
  404: "Not Found",
  409: "Conflict",
  422: "Unprocessable Content",
  429: "Too Many Requests",
};
