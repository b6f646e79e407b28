// The admin's pages that only show: overview, keys, swarms, audit log.

import type { FastifyInstance } from "fastify";
import { ADMIN_RELEASES_MAX, messageOf, NOTICES_LOG_PAGE_ENTRIES } from "../../core/index.ts";
import { readEntries, readHead } from "../notices/chain-log.ts";
import type { SigningStatus } from "../origin-parts.ts";
import { overviewPage } from "./pages/overview-page.ts";
import { auditPage, keysPage, swarmsPage } from "./pages/status-pages.ts";
import { sendPage, viewOf, type AdminContext } from "./admin-context.ts";

export function registerStatus(app: FastifyInstance, context: AdminContext): void {
  const { parts, desk, signIn, auditLog } = context;
  const { db } = parts.database;

  app.get("/admin", async (request, reply) => {
    const recent = await parts.catalogue.recent(ADMIN_RELEASES_MAX);
    const overview = {
      nowMs: parts.clock.wallMs(),
      openCases: await desk.openCases(),
      unsettled: await desk.unsettledCases(),
      withdrawn: recent.filter(({ withdrawal }) => withdrawal !== null),
      mails: await desk.waitingMails(),
      signing: await signingOf(context),
      logs: { notices: desk.chainCheck, audit: await auditLog.lastCheck() },
      locked: await signIn.locked(),
    };
    return sendPage(reply, overviewPage(viewOf(context, request, reply), overview));
  });

  app.get("/admin/keys", async (request, reply) =>
    sendPage(reply, keysPage(viewOf(context, request, reply), await parts.signing.status())),
  );

  app.get("/admin/swarms", async (request, reply) => {
    const releases = await parts.catalogue.recent(ADMIN_RELEASES_MAX);
    const swarms = await Promise.all(
      releases.map(async (release) => ({ release, live: await parts.swarms.live(release) })),
    );
    return sendPage(reply, swarmsPage(viewOf(context, request, reply), swarms, parts.clock.wallMs()));
  });

  app.get("/admin/audit", async (request, reply) => {
    const given = (request.query as { before?: string }).before ?? "";
    const before = /^[1-9]\d{0,14}$/.test(given) ? Number(given) : (await readHead(db, "audit")).sequence + 1;
    const from = Math.max(1, before - NOTICES_LOG_PAGE_ENTRIES);
    const entries = await readEntries(db, "audit", from, before - from);
    return sendPage(reply, auditPage(viewOf(context, request, reply), { entries, check: await auditLog.check() }));
  });
}

/** Null, and a line in the log, where it cannot be read: the overview says so. */
async function signingOf({ parts }: AdminContext): Promise<SigningStatus | null> {
  try {
    return await parts.signing.status();
  } catch (error) {
    parts.log.write("error", "admin.signing-unknown", { reason: messageOf(error) });
    return null;
  }
}
