// So much a while, and so much at once: what flows in faster than it leaks out fills the bucket.

export class LeakyBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #level = 0;
  #at = -Infinity;

  constructor(options: { perSecond: number; capacity: number }) {
    this.#perMs = options.perSecond / 1_000;
    this.#capacity = options.capacity;
  }

  add(amount: number, now: number): void {
    this.#level = this.#levelAt(now) + amount;
    this.#at = now;
  }

  /** False where it would run over. */
  hasRoomFor(amount: number, now: number): boolean {
    return this.#levelAt(now) + amount <= this.#capacity;
  }

  #levelAt(now: number): number {
    return Math.max(0, this.#level - (now - this.#at) * this.#perMs);
  }
}
