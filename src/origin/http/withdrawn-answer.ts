// What a withdrawn release answers in place of its bytes: 451 (RFC 7725) on a legal demand, 410 where the publisher took it
// back. It says what happened, on whose demand, and where the vendor's own page is. Nobody may keep the answer: the
// release may come back.

import type { FastifyReply } from "fastify";
import type { Release, Withdrawal } from "../domain.ts";

export function sendWithdrawn(
  reply: FastifyReply,
  release: Release,
  withdrawal: Withdrawal,
  publicUrl: string,
): FastifyReply {
  const page = `${publicUrl}/${encodeURIComponent(release.product)}/${encodeURIComponent(release.version)}`;
  // The link names who blocks, which is this origin, and not who demanded it (RFC 7725, 4).
  if (withdrawal.kind === "legal") reply.header("Link", `<${publicUrl}/>; rel="blocked-by"`);
  return reply
    .code(withdrawal.kind === "legal" ? 451 : 410)
    .header("Cache-Control", "no-store")
    .type("text/plain; charset=utf-8")
    .send(`${textOf(release, withdrawal, page)}\n`);
}

function textOf({ product, version }: Release, withdrawal: Withdrawal, page: string): string {
  const { kind, at, reason, demandedBy, vendorUrl, replacedBy } = withdrawal;
  const day = new Date(at).toISOString().slice(0, 10);
  const happened = {
    legal: `is not available here since ${day} for legal reasons: ${reason}`,
    recall: `was recalled by its publisher on ${day}: ${reason}`,
    "key-compromise": `was withdrawn on ${day}, because a key that signed it is not safe: ${reason}`,
  }[kind];
  const lines = [`${product} ${version} ${happened}`];
  if (demandedBy !== null) lines.push(`Demanded by: ${demandedBy}`);
  if (replacedBy !== null) lines.push(`Version ${replacedBy} replaces it.`);
  if (vendorUrl !== null) lines.push(`The vendor's own page: ${vendorUrl}`);
  return [...lines, `What happened: ${page}`].join("\n");
}
