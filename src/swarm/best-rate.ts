// The best rate lately, of what comes in bursts: answers that waited for each other come together, and one period alone
// would say twice what the link carries.

/** Periods that are averaged over. */
const PERIODS = 3;
/** The best fades by so much with each period: a link may become slower. */
const FADING = 0.95;

export class BestRate {
  /** In the unit of what is added; 0 before the first period that had anything. */
  best = 0;
  readonly #latest: number[] = [];

  /** Of the period that is over. Those before the first that had anything do not count. */
  add(rate: number): void {
    if (rate === 0 && this.#latest.length === 0) return;
    this.#latest.push(rate);
    if (this.#latest.length > PERIODS) this.#latest.shift();
    const mean = this.#latest.reduce((sum, one) => sum + one, 0) / this.#latest.length;
    this.best = Math.max(mean, this.best * FADING);
  }
}
