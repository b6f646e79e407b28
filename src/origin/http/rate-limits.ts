// How often somebody may ask: pages by address, the API by token and else by address. Downloads and signed metadata have
// no such limit: a company behind one address fetches thousands of ranges, and what bounds them is connections.
// A route of another part sets its own by `config: { rateLimit: { max, timeWindow } }`.

import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ORIGIN_COUNTED_CLIENTS_MAX } from "../../core/index.ts";
import { identify } from "../access/authorize.ts";
import type { HttpLimits } from "./http-limits.ts";

const WINDOW_MS = 60_000;

export function registerRateLimits(app: FastifyInstance, { pagesPerMinute }: HttpLimits): void {
  app.register(rateLimit, {
    global: true,
    max: pagesPerMinute,
    timeWindow: WINDOW_MS,
    cache: ORIGIN_COUNTED_CLIENTS_MAX,
    enableDraftSpec: true,
  });
}

/** For all routes of a scope together, in place of the pages' limit. */
export function limitApi(app: FastifyInstance, { apiRequestsPerMinute }: HttpLimits): void {
  const max = apiRequestsPerMinute;
  app.addHook("onRequest", app.rateLimit({ max, timeWindow: WINDOW_MS, keyGenerator: clientOf }));
}

/** A token that is not known counts as the address that sent it: making up tokens brings no new budget. */
async function clientOf(request: FastifyRequest): Promise<string> {
  const token = await identify(request);
  return token === null ? normalizeIP(request.ip) : `token ${token.id}`;
}
