// Announces one info-hash of a torrent to its trackers: the tiers decide (announce/), this performs and keeps the time.

import type { AnnounceRequest, TrackerTiers } from "../announce/index.ts";
import type { Clock, Endpoint, Log } from "../core/index.ts";
import { ANNOUNCE_STOP_TIMEOUT_MS, ANNOUNCE_TIMEOUT_MS, messageOf } from "../core/index.ts";
import { NetError } from "../net/index.ts";
import type { TrackerClient } from "../net/index.ts";

export interface AnnounceLoopDeps {
  readonly tiers: TrackerTiers;
  readonly client: TrackerClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Trackers that failed when they were asked last, by any of the torrent's loops. */
  readonly failing: Set<string>;
  /** Everything but the event, as of now. */
  readonly describe: () => Omit<AnnounceRequest, "event">;
  readonly onPeers: (peers: readonly Endpoint[]) => void;
}

/** Timers cannot be longer (2^31 ms). */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class AnnounceLoop {
  readonly #deps: AnnounceLoopDeps;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #onDone: (() => void) | null = null;

  constructor(deps: AnnounceLoopDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#step();
  }

  completed(): void {
    this.#deps.tiers.completed();
    this.#step();
  }

  wantPeers(): void {
    this.#deps.tiers.wantPeers();
    this.#step();
  }

  /** Says `stopped` to the trackers that know of us, for at most ANNOUNCE_STOP_TIMEOUT_MS. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#deps.tiers.stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ANNOUNCE_STOP_TIMEOUT_MS);
    this.#onDone = resolve;
    this.#step();
    await promise;
    clearTimeout(timer);
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  #step(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return;
    const now = this.#deps.clock.now();
    const decision = this.#deps.tiers.next(now);
    if (decision.kind === "announce") {
      void this.#announce(decision.url, decision.event);
    } else if (decision.kind === "wait") {
      const waitMs = Math.min(Math.max(0, decision.untilMs - now), TIMER_MAX_MS);
      this.#timer = setTimeout(() => this.#step(), Math.ceil(waitMs));
    } else if (decision.kind === "done" && this.#isStopping) {
      this.#onDone?.();
    }
  }

  async #announce(url: string, event: AnnounceRequest["event"]): Promise<void> {
    const { client, tiers, clock, log, failing, describe, onPeers } = this.#deps;
    try {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANNOUNCE_TIMEOUT_MS)]);
      const reply = await client.announce(url, { ...describe(), event }, { signal });
      tiers.succeeded(clock.now(), reply);
      failing.delete(url);
      log.write("debug", "tracker.announced", { url, event, peers: reply.peers.length });
      if (reply.warning !== null) log.write("warn", "tracker.warning", { url, warning: reply.warning });
      if (!this.#isStopping) onPeers(reply.peers);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      tiers.failed(clock.now(), messageOf(error), retryIn(error));
      // The first time in a row is worth a word to whoever looks on; a tracker that is gone for a day is not.
      const isNews = event !== "stopped" && !failing.has(url);
      failing.add(url);
      log.write(isNews ? "warn" : "info", "tracker.failed", { url, event, reason: messageOf(error) });
    }
    this.#step();
  }
}

/** A tracker that refused for good, or whose URL must not be used, is not asked again. */
function retryIn(error: unknown): number | "never" | null {
  if (!(error instanceof NetError)) return null;
  const isFinal = error.code === "net.tracker-failure" ? !error.retryable : /^net\.(policy|url)/.test(error.code);
  return isFinal ? "never" : error.retryAfterMs;
}
