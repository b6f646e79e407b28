// Signing in and out. After signing in the browser goes to where it wanted to, if that is a page of the admin.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { appendEntry } from "../notices/chain-log.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import { sendPage, type AdminContext } from "./admin-context.ts";
import { clearSession, isSecure, sessionIdOf, setSession } from "./session-cookie.ts";
import type { SignInOutcome } from "./sign-in.ts";

type Typed = Readonly<Record<string, unknown>>;
interface FormRoute {
  Body: Typed | undefined;
}

export function registerSignIn(app: FastifyInstance, context: AdminContext): void {
  const { parts, signIn, takesTokens } = context;

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: { name: string; next: string; problem: string | null },
  ): FastifyReply {
    const { config } = parts;
    return sendPage(
      reply,
      signInPage({ ...shown, config, csrf: reply.generateCsrf(), takesTokens, isSecure: isSecure(request) }),
    );
  }

  app.get("/admin/sign-in", (request, reply) =>
    form(request, reply, { name: "", next: nextOf((request.query as Typed)["next"]), problem: null }),
  );

  app.post<FormRoute>("/admin/sign-in", async (request, reply) => {
    const typed = request.body ?? {};
    const [name, password, token] = [
      textOf(typed["name"]).toLowerCase(),
      textOf(typed["password"]),
      textOf(typed["token"]),
    ];
    const outcome =
      token === "" ? await signIn.byPassword(name, password, request.ip) : await signIn.byToken(token, request.ip);
    const next = nextOf(typed["next"]);
    if (outcome.kind === "signed-in") {
      setSession(reply, outcome.sessionId);
      return reply.redirect(next, 303);
    }
    const { status, problem } = refusalOf(outcome, parts.clock.wallMs());
    if (outcome.kind === "locked")
      reply.header("retry-after", String(Math.ceil((outcome.untilMs - parts.clock.wallMs()) / 1000)));
    return form(request, reply.code(status), { name, next, problem });
  });
}

export function registerSignOut(app: FastifyInstance, { parts, sessions }: AdminContext): void {
  app.post("/admin/sign-out", async (request, reply) => {
    const id = sessionIdOf(request);
    if (id !== null) await sessions.end(id);
    clearSession(reply);
    return reply.redirect("/admin/sign-in", 303);
  });

  app.post("/admin/sign-out-everywhere", async (request, reply) => {
    const id = sessionIdOf(request);
    const session = id === null ? null : await sessions.use(id);
    if (session !== null) {
      await sessions.endAll(session.actor);
      const entry = {
        at: parts.clock.wallMs(),
        subject: session.actor,
        event: "session.end-all",
        fields: {},
        record: null,
      };
      await parts.database.db.transaction().execute((trx) => appendEntry(trx, "audit", entry));
    }
    clearSession(reply);
    return reply.redirect("/admin/sign-in", 303);
  });
}

function refusalOf(
  outcome: Exclude<SignInOutcome, { kind: "signed-in" }>,
  nowMs: number,
): { status: number; problem: string } {
  switch (outcome.kind) {
    case "locked": {
      const minutes = Math.ceil((outcome.untilMs - nowMs) / 60_000);
      return {
        status: 429,
        problem: `Too many failures. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
      };
    }
    case "busy":
      return { status: 503, problem: "Others are signing in at this moment. Please try again." };
    default:
      return { status: 401, problem: "That is not right. Check the account and the password, or the token." };
  }
}

/** A path of the admin and nothing that leads elsewhere. */
function nextOf(value: unknown): string {
  return typeof value === "string" && /^\/admin(?:\/[\w./~%-]*)?(?:\?[\w=&%.-]*)?$/.test(value) && !value.includes("//")
    ? value
    : "/admin";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
