// The administrators' pages on the web server. Everything but signing in needs a session; every form that is sent, signing in
// included, needs its CSRF token; nothing is cached. Scripts are not needed and not used.

import cookie from "@fastify/cookie";
import csrfProtection from "@fastify/csrf-protection";
import formbody from "@fastify/formbody";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NOTICES_BODY_BYTES_MAX } from "../../core/index.ts";
import { CaseError } from "../notices/case-state.ts";
import { statusOf } from "../notices/notice-api.ts";
import type { NoticeDesk } from "../notices/notice-desk.ts";
import type { OriginParts } from "../origin-parts.ts";
import { registerAdminCases } from "./case-routes.ts";
import { AuditLog, sendPage, type AdminContext } from "./admin-context.ts";
import { problemPage } from "./pages/frame.ts";
import { AdminError } from "./release-actions.ts";
import { registerAdminReleases } from "./release-routes.ts";
import { cookieOptions, CSRF_COOKIE, sessionIdOf } from "./session-cookie.ts";
import { Sessions } from "./sessions.ts";
import { registerSignIn, registerSignOut } from "./sign-in-routes.ts";
import { SignIn, type VerifyToken } from "./sign-in.ts";
import { registerStatus } from "./status-routes.ts";

export interface AdminOptions {
  readonly desk: NoticeDesk;
  /** Of API tokens that may administer; without it, signing in is by password alone. */
  readonly verifyToken?: VerifyToken;
}

export function registerAdmin(app: FastifyInstance, parts: OriginParts, options: AdminOptions): void {
  const { desk, verifyToken = null } = options;
  const { clock, random, log } = parts;
  const { db } = parts.database;
  const sessions = new Sessions(db, clock, random);
  const signIn = new SignIn({ db, clock, random, log, sessions, verifyToken });
  const context: AdminContext = {
    parts,
    desk,
    sessions,
    signIn,
    takesTokens: verifyToken !== null,
    auditLog: new AuditLog(parts),
  };
  void app.register(async (scope) => {
    if (!scope.hasContentTypeParser("application/x-www-form-urlencoded")) {
      await scope.register(formbody, { bodyLimit: NOTICES_BODY_BYTES_MAX });
    }
    if (!scope.hasRequestDecorator("cookies")) await scope.register(cookie);
    await scope.register(csrfProtection, { cookieKey: CSRF_COOKIE, cookieOpts: cookieOptions });
    scope.decorateRequest("adminSession", null);
    scope.addHook("onRequest", (_request, reply, done) => {
      reply.header("cache-control", "no-store");
      done();
    });
    scope.addHook("preHandler", (request, reply, done) => {
      if (request.method === "POST") scope.csrfProtection(request, reply, done);
      else done();
    });
    scope.setErrorHandler((error, _request, reply) => sendProblem(parts, error, reply));
    registerSignIn(scope, context);
    registerSignOut(scope, context);
    await scope.register((inner, _options, done) => {
      inner.addHook("preHandler", async (request, reply) => requireSession(context, request, reply));
      registerStatus(inner, context);
      registerAdminReleases(inner, context);
      registerAdminCases(inner, context);
      done();
    });
  });
}

async function requireSession({ sessions }: AdminContext, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const id = sessionIdOf(request);
  request.adminSession = id === null ? null : await sessions.use(id);
  if (request.adminSession !== null) return;
  const next = request.method === "GET" ? `?next=${encodeURIComponent(request.url)}` : "";
  await reply.redirect(`/admin/sign-in${next}`, 303);
}

function sendProblem({ config }: OriginParts, error: unknown, reply: FastifyReply): FastifyReply {
  const send = (status: number, title: string, message: string): FastifyReply =>
    sendPage(reply.code(status), problemPage(config, title, message));
  if (error instanceof CaseError) return send(statusOf(error), "That is not possible", error.message);
  if (error instanceof AdminError) {
    return send(error.code === "admin.unknown" ? 404 : 409, "That is not possible", error.message);
  }
  if (String((error as { code?: unknown } | null)?.code).startsWith("FST_CSRF_")) {
    return send(
      403,
      "The form is too old",
      "It was opened before you signed in or out. Go back, load the page again and send it once more.",
    );
  }
  throw error;
}
