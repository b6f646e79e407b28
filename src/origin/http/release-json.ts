// What a program gets at the address of a product's or release's page: where the signed metadata is, and nothing that it
// would have to believe without a signature. A page's route asks wantsJson() first; both answers vary by Accept.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { ReleaseRef } from "../domain.ts";

export interface ReleaseJson {
  readonly upswarm: 1;
  readonly product: string;
  /** Null at the page of a product. */
  readonly version: string | null;
  /** Relative to the page's own address. */
  readonly metadataUrl: string;
  readonly targetUrl: string;
}

/**
 * Whether the client names JSON and does not prefer HTML to it: a browser, which takes anything, gets the page, and so
 * does curl, which says that it takes anything.
 */
export function wantsJson(request: Pick<FastifyRequest, "headers">): boolean {
  const weights = new Map<string, number>();
  for (const range of (request.headers.accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(type, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  const json = weights.get("application/json") ?? 0;
  return json > 0 && json >= (weights.get("text/html") ?? 0);
}

/** Of a product where the version is null. The caller has looked whether there is one. */
export function sendReleaseJson(
  reply: FastifyReply,
  { product, version }: Pick<ReleaseRef, "product"> & { readonly version: string | null },
): FastifyReply {
  const body: ReleaseJson = { upswarm: 1, product, version, metadataUrl: "/tuf/", targetUrl: "/tuf/targets/" };
  return reply.header("Vary", "Accept").header("Cache-Control", "no-cache").send(body);
}
