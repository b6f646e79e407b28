// When a web seed that failed is asked again. Pure: times and randomness are arguments.
// Invariant: the wait doubles with each failure in a row, never undercuts what the server asked for (Retry-After) and
// is spread over its upper half, so that a thousand machines do not come back in one moment.

import { WEB_SEED_BACKOFF_MAX_MS, WEB_SEED_BACKOFF_MS } from "../core/index.ts";
import type { Random } from "../core/index.ts";
import type { NetError } from "./net-error.ts";

const SPREAD_STEPS = 1_000;

export class WebSeedBackoff {
  readonly #random: Random;
  #failuresInRow = 0;
  #notBeforeMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Ask not before this time; Infinity where the seed is not to be asked again. */
  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }

  get failuresInRow(): number {
    return this.#failuresInRow;
  }

  mayAsk(now: number): boolean {
    return now >= this.#notBeforeMs;
  }

  succeeded(): void {
    this.#failuresInRow = 0;
    if (this.#notBeforeMs !== Number.POSITIVE_INFINITY) this.#notBeforeMs = 0;
  }

  /** An error that is not retryable is the end of this seed, as is bad data (call `discard`). */
  failed(now: number, error: Pick<NetError, "retryable" | "retryAfterMs">): void {
    this.#failuresInRow += 1;
    if (!error.retryable) return this.discard();
    const full = Math.min(WEB_SEED_BACKOFF_MS * 2 ** (this.#failuresInRow - 1), WEB_SEED_BACKOFF_MAX_MS);
    const spread = full * (0.5 + this.#random.int(SPREAD_STEPS) / (2 * SPREAD_STEPS));
    // The spread goes on top of what the server asked for: it told everybody the same time.
    const wait = error.retryAfterMs === null ? spread : error.retryAfterMs + spread / 4;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, now + Math.max(wait, spread));
  }

  /** BEP 19: a seed whose data fail their hash is discarded. */
  discard(): void {
    this.#notBeforeMs = Number.POSITIVE_INFINITY;
  }
}
