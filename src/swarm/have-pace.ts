// How soon what was verified is told: after HAVE_DELAY_MS for company, and so long after the last time that a crowd of small
// pieces does not spend its processors on news. At first that is short, since a crowd has nothing to pass on until the
// first pieces have gone from machine to machine; each time makes it longer, up to HAVE_INTERVAL_MS.

import { HAVE_DELAY_MS, HAVE_INTERVAL_GROWTH_MS, HAVE_INTERVAL_MS } from "../core/index.ts";

export class HavePace {
  #intervalMs = HAVE_DELAY_MS;
  #sentAt = -Infinity;

  /** A piece is to be told, and none waits for that yet: in so many ms. */
  waitMs(now: number): number {
    return Math.max(HAVE_DELAY_MS, this.#sentAt + this.#intervalMs - now);
  }

  /** What waited was told. */
  sent(now: number): void {
    this.#sentAt = now;
    this.#intervalMs = Math.min(HAVE_INTERVAL_MS, this.#intervalMs + HAVE_INTERVAL_GROWTH_MS);
  }
}
