// A rate in bytes a second, smoothed exponentially. Bytes are gathered and folded in at most every `RATE_FOLD_MS`, so that
// counting a block is an addition.

export const RATE_FOLD_MS = 50;

export class Rate {
  readonly #timeConstantMs: number;
  #gathered = 0;
  #foldedAt: number;
  #perSecond = 0;
  total = 0;

  constructor(now: number, timeConstantMs = 1_000) {
    this.#foldedAt = now;
    this.#timeConstantMs = timeConstantMs;
  }

  add(bytes: number, now: number): void {
    this.total += bytes;
    this.#gathered += bytes;
    if (now - this.#foldedAt >= RATE_FOLD_MS) this.#fold(now);
  }

  /** Bytes a second at `now`. */
  at(now: number): number {
    if (now - this.#foldedAt >= RATE_FOLD_MS) this.#fold(now);
    return this.#perSecond;
  }

  #fold(now: number): void {
    const elapsedMs = now - this.#foldedAt;
    const latest = (this.#gathered * 1_000) / elapsedMs;
    this.#perSecond += (latest - this.#perSecond) * (1 - Math.exp(-elapsedMs / this.#timeConstantMs));
    this.#gathered = 0;
    this.#foldedAt = now;
  }
}
