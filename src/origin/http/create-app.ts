// The origin's HTTP front end: joins the server, what holds for every request (ids, log, headers, limits, errors), the
// routes of this folder, and those of the other parts, each of which is a function `registerX(app, parts)`.

import { randomBytes } from "node:crypto";
import fastify, { LogController } from "fastify";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { ORIGIN_BODY_BYTES_MAX, ORIGIN_PATH_PART_CHARACTERS_MAX } from "../../core/index.ts";
import { decorateAccess } from "../access/authorize.ts";
import { TokenStore } from "../access/token-store.ts";
import type { OriginParts } from "../origin-parts.ts";
import { registerApi } from "./api-routes.ts";
import { watchCertificate } from "./certificate-watch.ts";
import { answerUnreadable, registerErrorAnswers, registerNotFound } from "./error-answers.ts";
import { registerHealth } from "./health-routes.ts";
import type { ReadinessChecks } from "./health-routes.ts";
import { httpLimits } from "./http-limits.ts";
import type { HttpLimits } from "./http-limits.ts";
import { createListeningServer } from "./listening-server.ts";
import type { TlsFiles } from "./listening-server.ts";
import { registerMetrics } from "./metrics.ts";
import { registerOpenApi } from "./openapi.ts";
import { registerPayloads } from "./payload-routes.ts";
import { registerRateLimits } from "./rate-limits.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import { SendBuffers } from "./send-buffers.ts";
import { registerShutdown } from "./shutdown.ts";
import { registerTorrents } from "./torrent-routes.ts";
import { Transfers } from "./transfers.ts";
import { trustedProxies } from "./trusted-proxies.ts";
import { registerTuf } from "./tuf-routes.ts";

export type AppPlugin = (app: FastifyInstance, parts: OriginParts) => void | Promise<void>;

export interface AppOptions {
  /** registerSite, registerNotices, registerAdmin, registerUploads. */
  readonly plugins: readonly AppPlugin[];
  /** A target of the signed metadata by its path; null where there is none. */
  readonly targetFile: (path: string) => Promise<Buffer | null>;
  /** Shared with whoever withdraws, who calls `transfers.cut(ref)`. */
  readonly transfers?: Transfers;
  /** What createLogger() made; silent without. */
  readonly logger?: Logger;
  readonly tls?: TlsFiles;
  /** What has to be there besides the database, by name: the folder of the payloads. */
  readonly readiness?: ReadinessChecks;
  readonly limits?: Partial<HttpLimits>;
}

/** Not listening yet: `await app.listen({ host, port })`, and `await app.close()` at the end. @throws ProxyListError */
export function createApp(parts: OriginParts, options: AppOptions): FastifyInstance {
  const limits: HttpLimits = { ...httpLimits, ...options.limits };
  const app = createFramework(parts, options, limits);
  const transfers = options.transfers ?? new Transfers(limits.downloadsMax);
  if (options.tls !== undefined) {
    const stop = watchCertificate(app.server, options.tls, limits.certificateCheckMs, parts.log);
    app.addHook("onClose", async () => stop());
  }
  const shutdown = registerShutdown(app, limits.shutdownGraceMs);
  decorateAccess(app, new TokenStore(parts));
  registerSecurityHeaders(app);
  registerErrorAnswers(app, parts.config);
  registerRequestLog(app);
  const metrics = registerMetrics(app, parts, transfers);
  registerRateLimits(app, limits);
  registerOpenApi(app, parts.config);
  // Once the plugins above are there, whose hooks see each route as it is added.
  app.register((routes, _, done) => {
    registerNotFound(app, parts.config);
    const { database } = parts;
    registerHealth(routes, { database, checks: options.readiness ?? {}, shutdown });
    registerPayloads(routes, {
      parts,
      transfers,
      buffers: new SendBuffers(limits.sendBuffersMax),
      onSent: metrics.sent,
    });
    registerTorrents(routes, parts);
    registerTuf(routes, { catalogue: parts.catalogue, targetFile: options.targetFile });
    registerApi(routes, parts, limits);
    for (const plugin of options.plugins) routes.register(async (scope) => await plugin(scope, parts));
    done();
  });
  return app;
}

function createFramework(parts: OriginParts, options: AppOptions, limits: HttpLimits): FastifyInstance {
  const isTrustedProxy = trustedProxies(parts.config.trustedProxies);
  const onError = ({ message }: Error): void => parts.log.write("warn", "http.server-error", { message });
  const settings = { limits, tls: options.tls ?? null, isTrustedProxy, onError };
  const logger: FastifyBaseLogger | undefined = options.logger;
  return fastify({
    serverFactory: (handler) => createListeningServer(handler, settings),
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // One line a request, when it has ended: registerRequestLog().
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: createRequestIds(),
    trustProxy: (address: string) => isTrustedProxy(address),
    bodyLimit: ORIGIN_BODY_BYTES_MAX,
    forceCloseConnections: "idle",
    exposeHeadRoutes: true,
    frameworkErrors: answerUnreadable(parts.config),
    routerOptions: { maxParamLength: ORIGIN_PATH_PART_CHARACTERS_MAX },
    // What a schema does not name is refused, and not dropped in silence.
    ajv: { customOptions: { removeAdditional: false } },
  });
}

/** Unlike those of other processes and of an earlier one; random bits for each would cost more than the rest of a page's answer. */
function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString("hex");
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
}

/** One line a request, when it has been answered; what was cut is told by whoever sent it. */
function registerRequestLog(app: FastifyInstance): void {
  app.addHook("onResponse", (request, reply, done) => {
    const [path = ""] = request.url.split("?");
    const { method, ip: address } = request;
    const fields = { method, path, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime), address };
    request.log.info(fields, "http.request");
    done();
  });
}
