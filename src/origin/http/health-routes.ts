// For whoever watches the process. /healthz: it runs (restart it where that fails). /readyz: send it requests, or not: the
// database answers, what else it needs is there, and it is not shutting down.

import { sql } from "kysely";
import type { FastifyInstance } from "fastify";
import { messageOf } from "../../core/index.ts";
import type { OriginParts } from "../origin-parts.ts";
import type { Shutdown } from "./shutdown.ts";

/** Each rejects where something is not there. By name, as the answer shows it. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>;

export interface HealthDeps {
  readonly database: OriginParts["database"];
  readonly checks: ReadinessChecks;
  readonly shutdown: Shutdown;
}

export function registerHealth(app: FastifyInstance, { database, checks, shutdown }: HealthDeps): void {
  const config = { rateLimit: false } as const;
  // Every few seconds, for ever.
  const quietly = { config, logLevel: "warn" } as const;
  app.get("/healthz", quietly, (_, reply) => reply.header("Cache-Control", "no-store").send({ status: "ok" }));
  app.get("/readyz", quietly, async (request, reply) => {
    const all: ReadinessChecks = { database: () => sql`SELECT 1`.execute(database.db), ...checks };
    const outcomes = await Promise.all(
      Object.entries(all).map(async ([name, check]) => {
        try {
          await check();
          return [name, "ok"] as const;
        } catch (error) {
          // The message may name paths: it is for the log.
          request.log.warn({ check: name, message: messageOf(error) }, "http.not-ready");
          return [name, "failed"] as const;
        }
      }),
    );
    const { isClosing } = shutdown;
    const isReady = !isClosing && outcomes.every(([, outcome]) => outcome === "ok");
    const status = isClosing ? "closing" : isReady ? "ready" : "not ready";
    reply.code(isReady ? 200 : 503).header("Cache-Control", "no-store");
    return reply.send({ status, checks: Object.fromEntries(outcomes) });
  });
}
