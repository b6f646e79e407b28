// Which tracker of a torrent to announce to, when, and with which event (BEP 12). Pure state: what happened and a time
// go in, a decision comes out; the owner performs it and reports back.
// Invariants: one announce is under way at most; a tracker hears `started` before anything else, `completed` once, and
// `stopped` only if it heard `started`; nobody is asked before its interval or, with reason, its min interval is over.

import {
  ANNOUNCE_BACKOFF_BASE_MS,
  ANNOUNCE_BACKOFF_MAX_MS,
  ANNOUNCE_INTERVAL_DEFAULT_SECONDS,
  ANNOUNCE_INTERVAL_MAX_SECONDS,
  ANNOUNCE_INTERVAL_MIN_SECONDS,
  ANNOUNCE_TRACKERS_MAX,
} from "../core/index.ts";
import type { Random } from "../core/index.ts";
import type { AnnounceEvent, AnnounceReply } from "./types.ts";

export type TierDecision =
  /** Announce now, then report `succeeded` or `failed`. */
  | { readonly kind: "announce"; readonly url: string; readonly event: AnnounceEvent }
  /** Ask again at that time, or after `completed`, `wantPeers` or `stop`. */
  | { readonly kind: "wait"; readonly untilMs: number }
  /** An announce is under way: ask again after its result. */
  | { readonly kind: "busy" }
  /** Stopped and everybody who had to know was told, or there is no tracker that could be asked again. */
  | { readonly kind: "done" };

/** What a person may want to know of one tracker. */
export interface TrackerStatus {
  readonly url: string;
  readonly tier: number;
  readonly failuresInRow: number;
  readonly lastError: string | null;
  /** Not before this time; Infinity where the tracker asked for silence. */
  readonly notBeforeMs: number;
  readonly working: boolean;
}

interface Tracker {
  readonly url: string;
  failuresInRow: number;
  lastError: string | null;
  /** After a failure: the end of its back-off. After a success: the end of the min interval. */
  notBeforeMs: number;
  started: boolean;
  completedPending: boolean;
}

export class TrackerTiers {
  readonly #tiers: Tracker[][];
  readonly #random: Random;
  #active: Tracker | null = null;
  #activeEvent: AnnounceEvent = "none";
  /** When the next regular announce is due; 0 at the start. */
  #dueMs = 0;
  #stopping = false;

  /** `tiers` in order of preference; each is shuffled once (BEP 12). Repeated URLs count once. */
  constructor(tiers: readonly (readonly string[])[], random: Random) {
    this.#random = random;
    const seen = new Set<string>();
    this.#tiers = tiers
      .map((tier) => {
        const fresh = tier.filter((url) => seen.size < ANNOUNCE_TRACKERS_MAX && !seen.has(url) && seen.add(url));
        return shuffled(fresh, random).map(newTracker);
      })
      .filter((tier) => tier.length > 0);
  }

  /** What to do now. An `announce` is under way from this call on. */
  next(nowMs: number): TierDecision {
    if (this.#active !== null) return { kind: "busy" };
    if (this.#stopping) return this.#nextStop();
    const urgent = this.#all().find((tracker) => owesCompleted(tracker) && !isBackingOff(tracker, nowMs));
    if (urgent !== undefined) return this.#begin(urgent, "completed");
    if (nowMs < this.#dueMs) return { kind: "wait", untilMs: this.#earliestCompleted(this.#dueMs) };
    const candidate = this.#all().find((tracker) => !isBackingOff(tracker, nowMs));
    if (candidate === undefined) {
      const untilMs = Math.min(...this.#all().map((tracker) => tracker.notBeforeMs));
      return untilMs === Infinity ? { kind: "done" } : { kind: "wait", untilMs };
    }
    // A working tracker in its min interval is waited for: the trackers behind it are for when it fails.
    if (candidate.notBeforeMs > nowMs) {
      return { kind: "wait", untilMs: this.#earliestCompleted(candidate.notBeforeMs) };
    }
    return this.#begin(candidate, candidate.started ? "none" : "started");
  }

  /** The announce under way was answered. */
  succeeded(nowMs: number, reply: Pick<AnnounceReply, "intervalSeconds" | "minIntervalSeconds">): void {
    const tracker = this.#end();
    if (tracker === null) return;
    tracker.failuresInRow = 0;
    tracker.lastError = null;
    if (this.#activeEvent === "stopped") tracker.started = false;
    else tracker.started = true;
    if (this.#activeEvent === "completed") tracker.completedPending = false;
    const interval = clampInterval(reply.intervalSeconds);
    const minInterval = reply.minIntervalSeconds === null ? interval : clampInterval(reply.minIntervalSeconds);
    tracker.notBeforeMs = nowMs + Math.min(interval, minInterval) * 1000;
    this.#dueMs = nowMs + interval * 1000;
    this.#moveToFront(tracker);
  }

  /** The announce under way failed; `retryInMs` is the tracker's own word (BEP 31), null where it gave none. */
  failed(nowMs: number, message: string, retryInMs: number | "never" | null = null): void {
    const tracker = this.#end();
    if (tracker === null) return;
    tracker.failuresInRow += 1;
    tracker.lastError = message;
    // A tracker that fails at `stopped` is not asked again: it will let the peer expire.
    if (this.#activeEvent === "stopped") tracker.started = false;
    // It will hear `started` with nothing left, which says all.
    if (!tracker.started) tracker.completedPending = false;
    if (retryInMs === "never") tracker.notBeforeMs = Infinity;
    else tracker.notBeforeMs = nowMs + Math.max(retryInMs ?? 0, this.#backOff(tracker.failuresInRow));
    this.#dueMs = 0;
  }

  /** The download is complete: every tracker that heard `started` hears so once, without waiting for its interval. */
  completed(): void {
    for (const tracker of this.#all()) {
      if (tracker.started || tracker === this.#active) tracker.completedPending = true;
    }
  }

  /** More peers would help: the next announce comes as soon as the min interval allows. */
  wantPeers(): void {
    this.#dueMs = 0;
  }

  /** From here on only `stopped` is announced, once to each tracker that heard `started`; then `done`. */
  stop(): void {
    this.#stopping = true;
  }

  /** In the order in which they would be tried. */
  status(): readonly TrackerStatus[] {
    return this.#tiers.flatMap((trackers, tier) =>
      trackers.map(({ url, failuresInRow, lastError, notBeforeMs, started }) => ({
        url,
        tier,
        failuresInRow,
        lastError,
        notBeforeMs,
        working: started && failuresInRow === 0,
      })),
    );
  }

  #all(): Tracker[] {
    return this.#tiers.flat();
  }

  #begin(tracker: Tracker, event: AnnounceEvent): TierDecision {
    this.#active = tracker;
    this.#activeEvent = event;
    return { kind: "announce", url: tracker.url, event };
  }

  #end(): Tracker | null {
    const tracker = this.#active;
    this.#active = null;
    return tracker;
  }

  #nextStop(): TierDecision {
    const tracker = this.#all().find((one) => one.started && one.notBeforeMs !== Infinity);
    return tracker === undefined ? { kind: "done" } : this.#begin(tracker, "stopped");
  }

  #earliestCompleted(dueMs: number): number {
    return this.#all().reduce(
      (earliest, tracker) => (owesCompleted(tracker) ? Math.min(earliest, tracker.notBeforeMs) : earliest),
      dueMs,
    );
  }

  #moveToFront(tracker: Tracker): void {
    for (const tier of this.#tiers) {
      const index = tier.indexOf(tracker);
      if (index > 0) tier.unshift(...tier.splice(index, 1));
    }
  }

  /** Doubled for each failure, with up to half as much again at random: a fleet must not come back in one second. */
  #backOff(failuresInRow: number): number {
    const wait = Math.min(ANNOUNCE_BACKOFF_BASE_MS * 2 ** Math.min(failuresInRow - 1, 30), ANNOUNCE_BACKOFF_MAX_MS);
    return wait + this.#random.int(Math.floor(wait / 2) + 1);
  }
}

function isBackingOff(tracker: Tracker, nowMs: number): boolean {
  return tracker.failuresInRow > 0 && tracker.notBeforeMs > nowMs;
}

function owesCompleted(tracker: Tracker): boolean {
  return tracker.started && tracker.completedPending;
}

function newTracker(url: string): Tracker {
  return { url, failuresInRow: 0, lastError: null, notBeforeMs: 0, started: false, completedPending: false };
}

function clampInterval(seconds: number): number {
  if (!Number.isFinite(seconds) || seconds <= 0) return ANNOUNCE_INTERVAL_DEFAULT_SECONDS;
  return Math.min(Math.max(seconds, ANNOUNCE_INTERVAL_MIN_SECONDS), ANNOUNCE_INTERVAL_MAX_SECONDS);
}

function shuffled(urls: readonly string[], random: Random): string[] {
  const order = [...urls];
  for (let last = order.length - 1; last > 0; last--) {
    const pick = random.int(last + 1);
    [order[last], order[pick]] = [order[pick] as string, order[last] as string];
  }
  return order;
}
