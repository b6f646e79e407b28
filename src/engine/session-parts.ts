// What the torrents of a session share: memory, threads, clients, rates, an identity.

import { randomBytes } from "node:crypto";
import type { Clock, Endpoint, Log, PeerId, Random } from "../core/index.ts";
import { BUFFER_BUDGET_BYTES, isSiteName, parsePeerId, silentLog, systemClock, systemRandom } from "../core/index.ts";
import { RateLimiter, strictUrlPolicy, TrackerClient, WebSeedClient } from "../net/index.ts";
import { BufferPool, StorageWorkers } from "../storage/index.ts";
import type { ChokingPolicy } from "../swarm/index.ts";
import type { Door } from "./doors.ts";
import type { SessionOptions } from "./options.ts";
import type { ConnectionOwner } from "./peer-connection-deps.ts";
import type { PeerConnection } from "./peer-connection.ts";

export interface SessionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly peerId: PeerId;
  readonly clientName: string;
  readonly listen: Endpoint;
  readonly pool: BufferPool;
  readonly workers: StorageWorkers;
  readonly trackers: TrackerClient;
  readonly webSeeds: WebSeedClient;
  readonly upload: RateLimiter;
  readonly remoteUpload: RateLimiter;
  readonly download: RateLimiter;
  readonly choking: ChokingPolicy;
  /** The name of our site. */
  readonly site: string | null;
  /** Connects out; null where the session has no room for one more. */
  readonly connect: (owner: ConnectionOwner, endpoint: Endpoint, door: Door) => PeerConnection | null;
}

/** Azureus style (BEP 20): UP for Upswarm, then the version. */
const PEER_ID_PREFIX = "-UP0100-";

/** @throws RangeError for a rate, budget or site that is none */
export function createSessionParts(
  options: SessionOptions,
  { listen, connect }: Pick<SessionParts, "listen" | "connect">,
): SessionParts {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const policy = { ...strictUrlPolicy, ...options.urlPolicy };
  return {
    clock,
    random,
    log: options.log ?? silentLog,
    peerId: parsePeerId(Buffer.concat([Buffer.from(PEER_ID_PREFIX), randomBytes(12)])),
    clientName: options.clientName ?? "Upswarm",
    listen,
    pool: new BufferPool({ budgetBytes: options.bufferBudgetBytes ?? BUFFER_BUDGET_BYTES }),
    workers:
      options.workers ?? new StorageWorkers(options.workerCount === undefined ? {} : { count: options.workerCount }),
    trackers: new TrackerClient({ policy, clock, random }),
    webSeeds: new WebSeedClient({ policy }),
    upload: new RateLimiter(options.maxUploadRate ?? null),
    remoteUpload: new RateLimiter(options.maxRemoteUploadRate ?? null),
    download: new RateLimiter(options.maxDownloadRate ?? null),
    choking: options.choking ?? "cooperative",
    site: siteOf(options),
    connect,
  };
}

function siteOf({ site = null }: SessionOptions): string | null {
  if (site !== null && !isSiteName(site)) throw new RangeError(`${JSON.stringify(site)} is no name of a site.`);
  return site;
}
