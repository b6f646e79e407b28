// A tracker: one swarm table, the front ends that serve it, and the timer that sweeps it. It owns all of them.

import {
  silentLog,
  systemClock,
  systemRandom,
  TRACKER_EXPIRY_INTERVALS,
  TRACKER_INTERVAL_SECONDS,
  TRACKER_MIN_INTERVAL_SECONDS,
  TRACKER_SWEEP_PEERS_PER_STEP,
  TRACKER_SWEEP_STEP_MS,
} from "../core/index.ts";
import type { Clock, Endpoint, InfoHash, Log, Random } from "../core/index.ts";
import type { ScrapeEntry } from "../announce/index.ts";
import { readAllowList } from "./allow-list.ts";
import type { FrontEnd, FrontEndDeps, FrontEndOptions, TrackerCounters } from "./front-end.ts";
import { trackerLimits } from "./limits.ts";
import type { TrackerLimits } from "./limits.ts";
import { RequestBudget } from "./request-budget.ts";
import { serveHttp } from "./serve-http.ts";
import { serveUdp } from "./serve-udp.ts";
import { SiteDirectory } from "./site-directory.ts";
import { SwarmTable } from "./swarm-table.ts";
import type { TableStats } from "./swarm-table.ts";
import { TrackerError } from "./tracker-error.ts";

export interface TrackerAddress {
  /** An address or a name of this machine; "::" takes IPv4 as well. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface TrackerOptions {
  readonly http?: TrackerAddress | readonly TrackerAddress[];
  readonly udp?: TrackerAddress | readonly TrackerAddress[];
  /** Path of an allow-list (see parseAllowList), or the info-hashes themselves. Without it every torrent is served. */
  readonly allow?: string | Iterable<InfoHash>;
  /** Told of each peer that says for the first time that it has all of a torrent. `peerKey` is its address and port. */
  readonly onCompleted?: (infoHash: InfoHash, peerKey: string) => void;
  readonly intervalSeconds?: number;
  readonly minIntervalSeconds?: number;
  readonly limits?: Partial<TrackerLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}

export type TrackerStats = Readonly<TrackerCounters> & TableStats;

export interface Tracker extends AsyncDisposable {
  /** Where it listens, in the order of the options. */
  readonly http: readonly Endpoint[];
  readonly udp: readonly Endpoint[];
  stats(): TrackerStats;
  scrape(infoHash: InfoHash): ScrapeEntry;
  /** Machines in any of the swarms, each once: see SwarmTable. */
  census(infoHashes: readonly InfoHash[]): { readonly seeds: number; readonly downloading: number };
  /** Serves these alone from now on; swarms of others are forgotten. */
  setAllowed(infoHashes: Iterable<InfoHash>): void;
  /** Announces of it fail with this reason from now on; its peers are forgotten. */
  withdraw(infoHash: InfoHash, reason: string): void;
  restore(infoHash: InfoHash): void;
  /** Reads the allow-list's file again; where that fails the old list stays. @throws TrackerError tracker.allow-list */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** @throws TrackerError tracker.listen, tracker.allow-list, tracker.options */
export async function createTracker(options: TrackerOptions): Promise<Tracker> {
  const intervalSeconds = options.intervalSeconds ?? TRACKER_INTERVAL_SECONDS;
  const minIntervalSeconds = options.minIntervalSeconds ?? Math.min(intervalSeconds, TRACKER_MIN_INTERVAL_SECONDS);
  if (!(minIntervalSeconds >= 1 && intervalSeconds >= minIntervalSeconds)) {
    throw new TrackerError("tracker.options", "The interval is at least the min interval, and that at least 1 s.");
  }
  const deps = createDeps(options, intervalSeconds);
  const { allow } = options;
  if (typeof allow === "string") deps.table.setAllowed(await readAllowList(allow));
  else if (allow !== undefined) deps.table.setAllowed(new Set(allow));
  deps.table.onCompleted = options.onCompleted ?? null;

  await using opened = new AsyncDisposableStack();
  const open = async (serve: typeof serveUdp, addresses: readonly TrackerAddress[]): Promise<Endpoint[]> => {
    const endpoints: Endpoint[] = [];
    for (const { host, port } of addresses) {
      const frontEndOptions: FrontEndOptions = { host, port, intervalSeconds, minIntervalSeconds };
      const frontEnd: FrontEnd = opened.use(await serve(deps, frontEndOptions));
      endpoints.push(frontEnd.endpoint);
    }
    return endpoints;
  };
  const http = await open(serveHttp, listOf(options.http));
  const udp = await open(serveUdp, listOf(options.udp));
  const timer = setInterval(
    () => deps.table.sweep(deps.clock.now(), TRACKER_SWEEP_PEERS_PER_STEP),
    TRACKER_SWEEP_STEP_MS,
  );
  // The sockets keep the process alive, not the sweeping.
  timer.unref();
  opened.defer(() => clearInterval(timer));
  return trackerOf(deps, http, udp, typeof allow === "string" ? allow : null, opened.move());
}

function createDeps(options: TrackerOptions, intervalSeconds: number): FrontEndDeps {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const limits = { ...trackerLimits, ...options.limits };
  return {
    table: new SwarmTable({ random }, limits, intervalSeconds * TRACKER_EXPIRY_INTERVALS),
    sites: new SiteDirectory(intervalSeconds * TRACKER_EXPIRY_INTERVALS),
    budget: new RequestBudget(limits.requestsPerSecondPerAddress, limits.requestBurstPerAddress, clock.now()),
    counters: { connects: 0, announces: 0, scrapes: 0, refused: 0, limited: 0, ignored: 0, unsent: 0 },
    limits,
    clock,
    random,
    log: options.log ?? silentLog,
  };
}

function trackerOf(
  deps: FrontEndDeps,
  http: readonly Endpoint[],
  udp: readonly Endpoint[],
  allowPath: string | null,
  opened: AsyncDisposableStack,
): Tracker {
  const { table, counters } = deps;
  const close = (): Promise<void> => opened.disposeAsync();
  return {
    http,
    udp,
    stats: () => ({ ...counters, ...table.stats() }),
    scrape: (infoHash) => table.scrape(infoHash),
    census: (infoHashes) => table.census(infoHashes),
    setAllowed: (infoHashes) => table.setAllowed(new Set(infoHashes)),
    withdraw: (infoHash, reason) => table.withdraw(infoHash, reason),
    restore: (infoHash) => table.restore(infoHash),
    reload: async () => {
      if (allowPath !== null) table.setAllowed(await readAllowList(allowPath));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listOf(addresses: TrackerOptions["http"]): readonly TrackerAddress[] {
  if (addresses === undefined) return [];
  return "host" in addresses ? [addresses] : addresses;
}
