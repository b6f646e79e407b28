// `serve`: an origin's folder as one running process: site, API, downloads, tracker, first seed. It owns what it opens and
// gives it back in the reverse order; what was opened is closed where a later step fails.

import { access } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { messageOf, ORIGIN_REFRESH_CHECK_MS, systemRandom, type Clock, type Endpoint } from "../core/index.ts";
import { Session } from "../engine/index.ts";
import { createTracker, type Tracker, type TrackerAddress, type TrackerStats } from "../tracker/index.ts";
import { createApp } from "./http/create-app.ts";
import type { HttpLimits } from "./http/http-limits.ts";
import type { TlsFiles } from "./http/listening-server.ts";
import { createLogger, logOf } from "./http/origin-log.ts";
import { Transfers } from "./http/transfers.ts";
import { openOriginFolder, type OriginFolder } from "./origin-folder.ts";
import type { OriginParts } from "./origin-parts.ts";
import { reconcilePayloads } from "./payloads/payload-reconciliation.ts";
import { createLifecycle } from "./release-lifecycle.ts";
import { openPlugins } from "./serve-plugins.ts";
import { LastPeers } from "./swarm/last-peers.ts";
import { SwarmHost } from "./swarm/swarm-host.ts";

export interface ServeOptions {
  /** The data folder. */
  readonly path: string;
  readonly http: TrackerAddress;
  readonly tls: TlsFiles | null;
  /** Where peers reach the first seed. Without a host: every address. */
  readonly listen: { readonly host?: string; readonly port: number };
  readonly trackerHttp: readonly TrackerAddress[];
  readonly trackerUdp: readonly TrackerAddress[];
  /** Of the first seed, in bytes a second; null for no limit. */
  readonly maxUploadRate: number | null;
  readonly clientName: string;
  readonly clock: Clock;
  /** Of the site, where others than the usual ones are wanted. */
  readonly limits?: Partial<HttpLimits>;
  /** stderr unless another is given. */
  readonly logger?: Logger;
}

export interface ServedOrigin extends AsyncDisposable {
  readonly parts: OriginParts;
  readonly http: Endpoint;
  readonly listen: Endpoint;
  readonly trackerHttp: readonly Endpoint[];
  readonly trackerUdp: readonly Endpoint[];
  trackerStats(): TrackerStats;
}

/** @throws DataFolderError, ConfigError, DatabaseError, KeyError; NetError, TrackerError where an address cannot be had */
export async function serveOrigin(options: ServeOptions): Promise<ServedOrigin> {
  const { clock, logger = createLogger() } = options;
  const log = logOf(logger);
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openOriginFolder(options.path, { clock, log }));
  await putPayloadsRight(folder, log);
  const transfers = new Transfers();
  const { swarms, session, tracker } = await startSwarms(options, folder, transfers, opened);
  const lifecycle = createLifecycle({ ...folder, swarms, clock, log });
  const parts: OriginParts = { ...folder, swarms, lifecycle, clock, random: systemRandom, log };
  await keepSigned(folder, log, opened);
  const plugins = await openPlugins(parts, { folder, swarms, clock, random: systemRandom, log }, opened);
  const app = createApp(parts, {
    plugins,
    targetFile: (path) => folder.signing.targetFile(path),
    transfers,
    readiness: { payloads: () => access(join(folder.folder.root, "payloads")) },
    logger,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.tls === null ? {} : { tls: options.tls }),
  });
  opened.defer(() => app.close());
  await app.listen(options.http);
  const owned = opened.move();
  return {
    parts,
    http: listeningAt(app),
    listen: session.listen,
    trackerHttp: tracker.http,
    trackerUdp: tracker.udp,
    trackerStats: () => tracker.stats(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function listeningAt(app: FastifyInstance): Endpoint {
  const bound = app.server.address();
  if (bound === null || typeof bound === "string") throw new Error("The site listens on no port.");
  return { address: bound.address, port: bound.port };
}

interface Started {
  readonly swarms: SwarmHost;
  readonly session: Session;
  readonly tracker: Tracker;
}

async function startSwarms(
  options: ServeOptions,
  { catalogue, payloads, database }: OriginFolder,
  transfers: Transfers,
  opened: AsyncDisposableStack,
): Promise<Started> {
  const { listen, maxUploadRate, clientName, clock } = options;
  const log = logOf(options.logger ?? createLogger());
  let completed: SwarmHost["completed"] | null = null;
  const tracker = opened.use(
    await createTracker({
      http: options.trackerHttp,
      udp: options.trackerUdp,
      allow: [],
      onCompleted: (infoHash, peerKey) => completed?.(infoHash, peerKey),
      clock,
      log,
    }),
  );
  const session = opened.use(await Session.open({ listen, maxUploadRate, clientName, clock, log }));
  const lastPeers = new LastPeers(database);
  const onWithdrawn = transfers.cut.bind(transfers);
  const swarms = opened.use(
    new SwarmHost({ session, tracker, catalogue, payloads, lastPeers, onWithdrawn, clock, log }),
  );
  completed = (infoHash, peerKey) => swarms.completed(infoHash, peerKey);
  await swarms.follow();
  return { swarms, session, tracker };
}

async function putPayloadsRight(
  { publishLock, payloads, catalogue }: OriginFolder,
  log: OriginParts["log"],
): Promise<void> {
  await using _lock = await publishLock();
  const { quarantined, restored, removed, missing } = await reconcilePayloads(payloads, catalogue);
  for (const [what, refs] of Object.entries({ quarantined, restored, removed, missing })) {
    for (const { product, version } of refs) {
      log.write(what === "missing" ? "error" : "warn", `payload.${what}`, { product, version });
    }
  }
}

/** Snapshot, timestamp and withdrawals are signed anew before they expire: now, and from now on. */
async function keepSigned(
  { signing }: OriginFolder,
  log: OriginParts["log"],
  opened: AsyncDisposableStack,
): Promise<void> {
  await signing.refresh();
  const timer = setInterval(() => {
    signing.refresh().then(
      (refreshed) => refreshed && log.write("info", "metadata.refreshed"),
      (error: unknown) => log.write("error", "metadata.refresh-failed", { reason: messageOf(error) }),
    );
  }, ORIGIN_REFRESH_CHECK_MS);
  opened.defer(() => clearInterval(timer));
}
