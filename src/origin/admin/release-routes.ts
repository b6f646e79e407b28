// Releases for administrators: find, look, withdraw, restore, purge.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ADMIN_RELEASES_MAX, messageOf, NOTICES_LINE_LENGTH_MAX } from "../../core/index.ts";
import type { LiveSwarm, ReleaseRef, WithdrawalKind } from "../domain.ts";
import { refOf } from "../domain.ts";
import { releasePage, releasesPage } from "./pages/release-pages.ts";
import { sendPage, viewOf, type AdminContext } from "./admin-context.ts";
import {
  AdminError,
  findRelease,
  openCases,
  purgeRelease,
  restoreRelease,
  withdrawRelease,
} from "./release-actions.ts";
import type { WithdrawalForm } from "./release-actions.ts";

type Typed = Readonly<Record<string, unknown>>;
interface ReleaseRoute {
  Params: ReleaseRef;
  Body: Typed | undefined;
}

export function registerAdminReleases(app: FastifyInstance, context: AdminContext): void {
  const { parts } = context;

  app.get("/admin/releases", async (request, reply) => {
    const query = lineOf((request.query as Typed)["q"]);
    const releases =
      query === ""
        ? await parts.catalogue.recent(ADMIN_RELEASES_MAX)
        : await parts.catalogue.search(query, ADMIN_RELEASES_MAX);
    return sendPage(reply, releasesPage(viewOf(context, request, reply), releases, query));
  });

  app.get<ReleaseRoute>("/admin/releases/:product/:version", async (request, reply) =>
    show(context, request, reply, { problem: null, typed: {} }),
  );

  app.post<ReleaseRoute>("/admin/releases/:product/:version/withdraw", async (request, reply) => {
    const typed = request.body ?? {};
    const form = parseWithdrawal(typed);
    if (typeof form === "string") return show(context, request, reply.code(422), { problem: form, typed });
    return attempt(context, request, reply, "withdrawn", (ref, actor) => withdrawRelease(parts, ref, form, actor));
  });

  app.post<ReleaseRoute>("/admin/releases/:product/:version/restore", async (request, reply) =>
    attempt(context, request, reply, "restored", (ref, actor) => restoreRelease(parts, ref, actor)),
  );

  app.post<ReleaseRoute>("/admin/releases/:product/:version/purge", async (request, reply) => {
    const typed = lineOf(request.body?.["typed"]);
    return attempt(context, request, reply, "purged", (ref, actor) => purgeRelease(parts, ref, typed, actor));
  });
}

type Request = FastifyRequest<ReleaseRoute>;
/** A reply to any of the routes above. */
type Reply = FastifyReply<ReleaseRoute>;

/** Does it and shows the release again, with the reason where it is not possible. */
async function attempt(
  context: AdminContext,
  request: Request,
  reply: Reply,
  done: string,
  work: (ref: ReleaseRef, actor: string) => Promise<void>,
): Promise<FastifyReply> {
  const ref = paramsOf(request);
  try {
    await work(ref, request.adminSession?.actor ?? "");
  } catch (error) {
    if (!(error instanceof AdminError) || error.code === "admin.unknown") throw error;
    return show(context, request, reply.code(409), { problem: error.message, typed: request.body ?? {} });
  }
  return reply.redirect(
    `/admin/releases/${encodeURIComponent(ref.product)}/${encodeURIComponent(ref.version)}?done=${done}`,
    303,
  );
}

async function show(
  context: AdminContext,
  request: Request,
  reply: Reply,
  more: { readonly problem: string | null; readonly typed: Typed },
): Promise<FastifyReply> {
  const { parts } = context;
  const release = await findRelease(parts.catalogue, paramsOf(request));
  const [live, cases] = [await liveOf(context, release), await openCases(parts, release)];
  const view = viewOf(context, request, reply);
  return sendPage(reply, releasePage(view, { release, live, cases, ...more }));
}

/** A tracker that does not answer is no reason to show nothing. */
async function liveOf({ parts }: AdminContext, ref: ReleaseRef): Promise<LiveSwarm | null> {
  try {
    return await parts.swarms.live(ref);
  } catch (error) {
    parts.log.write("warn", "admin.swarm-unknown", { release: refOf(ref), reason: messageOf(error) });
    return null;
  }
}

function paramsOf({ params }: Request): ReleaseRef {
  return { product: params.product, version: params.version };
}

/** What to withdraw for, or what is wrong with the form. */
function parseWithdrawal(typed: Typed): WithdrawalForm | string {
  const kind = typed["kind"];
  if (!isKind(kind)) return "Choose why it is withdrawn.";
  const reason = lineOf(typed["reason"]);
  if (reason === "") return "Give a reason: it is what people read in place of the release.";
  if (reason.length > NOTICES_LINE_LENGTH_MAX) return `Write at most ${NOTICES_LINE_LENGTH_MAX} characters.`;
  return {
    kind,
    reason,
    demandedBy: orNull(lineOf(typed["demandedBy"])),
    replacedBy: orNull(lineOf(typed["replacedBy"])),
  };
}

function isKind(value: unknown): value is WithdrawalKind {
  return value === "legal" || value === "recall" || value === "key-compromise";
}

function orNull(text: string): string | null {
  return text === "" ? null : text;
}

function lineOf(value: unknown): string {
  return typeof value === "string" ? value.replaceAll(/\p{Cc}+/gu, " ").trim() : "";
}
