// How errors are answered, once for all routes: programs get a problem document (RFC 9457), people a page.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SiteIdentity } from "../site/layout.ts";
import { errorPage } from "../site/pages/error-page.ts";
import { HttpProblem, problemOf } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { wantsJson } from "./release-json.ts";
import { setSecurityHeaders } from "./security-headers.ts";

export function registerErrorAnswers(app: FastifyInstance, site: SiteIdentity): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.id);
    if (problem.status >= 500) request.log.error({ err: error }, "http.failed");
    return sendProblem(request, reply, problem, site);
  });
}

/** An address that the framework cannot read (a % that begins no escape) is answered before any hook or route sees it. */
export function answerUnreadable(
  site: SiteIdentity,
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    setSecurityHeaders(request, reply);
    sendProblem(request, reply, problemOf(error, request.id), site);
  };
}

/** Where the limiter of pages is there: guessing addresses counts like reading. */
export function registerNotFound(app: FastifyInstance, site: SiteIdentity): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const error = new HttpProblem(404, "route.unknown", "There is nothing at this address.");
    return sendProblem(request, reply, problemOf(error, request.id), site);
  });
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem, site: SiteIdentity): FastifyReply {
  reply.code(problem.status).header("Cache-Control", "no-store");
  if (problem.status === 401) reply.header("WWW-Authenticate", "Bearer");
  if (request.url.startsWith("/api/") || wantsJson(request)) {
    return reply.type("application/problem+json").serializer(JSON.stringify).send(problem);
  }
  return reply
    .type("text/html; charset=utf-8")
    .serializer(String)
    .send(errorPage(site, { ...problem, sentence: problem.detail }));
}
