// What the front ends of a tracker share, and what they are to the tracker that owns them.

import type { Clock, Endpoint, Log, Random } from "../core/index.ts";
import type { TrackerLimits } from "./limits.ts";
import type { RequestBudget } from "./request-budget.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { SwarmTable } from "./swarm-table.ts";

export interface FrontEndDeps {
  readonly table: SwarmTable;
  readonly sites: SiteDirectory;
  readonly budget: RequestBudget;
  readonly counters: TrackerCounters;
  readonly limits: TrackerLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface FrontEndOptions {
  /** An address or a name of this machine; "::" takes IPv4 as well. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly intervalSeconds: number;
  readonly minIntervalSeconds: number;
}

/** What happened since the start. Each request counts once. */
export interface TrackerCounters {
  connects: number;
  announces: number;
  scrapes: number;
  /** Answered with a failure reason: malformed, not allowed, withdrawn, full. */
  refused: number;
  /** Announces and scrapes over an address's budget. */
  limited: number;
  /** Datagrams that got no answer: garbage, or without a valid connection id. */
  ignored: number;
  /** Replies that the kernel did not take in time. */
  unsent: number;
}

export interface FrontEnd extends AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: Endpoint;
}
