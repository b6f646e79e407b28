// Time as an argument. Lower layers take numbers; whoever owns a lifecycle takes a Clock.

export interface Clock {
  /** Milliseconds on a monotonic scale with an arbitrary zero: for intervals, never for dates. */
  now(): number;
  /** Milliseconds since 1970: for dates, never for intervals (it may jump). */
  wallMs(): number;
}

export const systemClock: Clock = { now: () => performance.now(), wallMs: () => Date.now() };
