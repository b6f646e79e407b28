// Cases for administrators. A step names the revision of the case that the administrator saw, so that of two at once one wins
// and the other is told.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Actor } from "../notices/case-moves.ts";
import { CaseError, possibleEvents, type CaseEvent, type CaseStatus } from "../notices/case-state.ts";
import { isCounterElement, isNoticeElement } from "../notices/elements.ts";
import { adminCasePage, casesPage } from "./pages/case-pages.ts";
import { sendPage, viewOf, type AdminContext } from "./admin-context.ts";

type Typed = Readonly<Record<string, unknown>>;
interface CaseRoute {
  Params: { id: string };
  Body: Typed | undefined;
}

export function registerAdminCases(app: FastifyInstance, context: AdminContext): void {
  const { desk, parts } = context;

  app.get("/admin/cases", async (request, reply) =>
    sendPage(
      reply,
      casesPage(viewOf(context, request, reply), await desk.cases(), (one) => desk.windowOf(one)),
    ),
  );

  app.get<CaseRoute>("/admin/cases/:id", async (request, reply) => {
    const one = await desk.find(request.params.id);
    const [records, timeline] = [await desk.records(one.id), await desk.timeline(one.id)];
    const [window, { timeZone }, nowMs] = [desk.windowOf(one), desk, parts.clock.wallMs()];
    const shown = { one, records, timeline, window, timeZone, nowMs, sendsMail: parts.config.mail !== null };
    return sendPage(reply, adminCasePage(viewOf(context, request, reply), shown));
  });

  app.post<CaseRoute>("/admin/cases/:id/move", async (request, reply) => {
    const one = await desk.find(request.params.id);
    const typed = request.body ?? {};
    const event = parseEvent(one.state.status, typed);
    await desk.move(one.id, event, actorOf(request), Number(typed["revision"]));
    return reply.redirect(`/admin/cases/${one.id}?done=moved`, 303);
  });

  app.post<CaseRoute>("/admin/cases/:id/erase", async (request, reply) => {
    await desk.erase(request.params.id, actorOf(request));
    return reply.redirect(`/admin/cases/${request.params.id}?done=erased`, 303);
  });
}

function actorOf(request: FastifyRequest): Actor {
  return { kind: "administrator", name: request.adminSession?.actor ?? "" };
}

/** @throws CaseError case.not-possible where the form asks for what there is not */
function parseEvent(status: CaseStatus, typed: Typed): CaseEvent {
  const kind = String(typed["event"]);
  const ticked = [typed["missing"]].flat().filter((word) => typeof word === "string");
  if (kind === "find-incomplete") return { kind, missing: atLeastOne(ticked.filter(isNoticeElement)) };
  if (kind === "find-counter-incomplete") return { kind, missing: atLeastOne(ticked.filter(isCounterElement)) };
  if (isPlain(kind)) return { kind };
  const possible = possibleEvents(status).join(", ");
  throw new CaseError("case.not-possible", `There is no step "${kind}" here. Possible now: ${possible}.`);
}

/** Steps that need nothing else. A counter-notice comes from its sender. */
const plainKinds = ["comply", "supply", "forward", "restore", "report-action", "close", "retract"] as const;

function isPlain(kind: string): kind is (typeof plainKinds)[number] {
  return (plainKinds as readonly string[]).includes(kind);
}

function atLeastOne<Element>(missing: readonly Element[]): readonly Element[] {
  if (missing.length > 0) return missing;
  throw new CaseError("case.not-possible", "Tick what is missing: the sender is told.");
}
