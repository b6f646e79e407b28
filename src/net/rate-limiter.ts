// A rate in bytes per second as a token bucket: arithmetic only. The time is an argument and timers are the engine's.
// Invariant: over any interval of T seconds no more than rate × T + capacity bytes pass (and at most one take larger than
// a block), and a consumer that is never idle gets rate × T exactly; fractions of a byte are kept.
//
// The capacity is one block and RATE_BURST_MS of the rate. A block, since a bucket that cannot hold one would never let
// it pass; the rest, since a timer that is late by less than that then costs no throughput.
// Debt: a take larger than a block passes when the bucket holds one and leaves it in debt, and `charge` books what was sent
// or received already. Debt is paid before anything else passes, so that the average stays exact. Waiting until the bucket
// holds a large take whole would leave no room above it, and every millisecond that a timer is late would be lost.
// Deliberately without a queue: who of those that wait takes next is decided by whoever calls.

import { BLOCK_LENGTH_BYTES, RATE_BURST_MS } from "../core/index.ts";

/** Floating-point dust: a bucket that lacks less than this has enough. */
const DUST_BYTES = 1e-6;

export class RateLimiter {
  #bytesPerSecond: number | null = null;
  #capacityBytes = 0;
  #tokens = 0;
  #at = Number.NEGATIVE_INFINITY;

  /** `null` is no limit, 0 lets nothing pass. A new limiter's bucket is full. */
  constructor(bytesPerSecond: number | null = null) {
    this.setRate(bytesPerSecond);
    this.#tokens = this.#capacityBytes;
  }

  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  /** Takes effect at once; tokens above the new capacity are lost, debt stays unless the limit is lifted. */
  setRate(bytesPerSecond: number | null): void {
    if (bytesPerSecond !== null && !(bytesPerSecond >= 0 && Number.isFinite(bytesPerSecond))) {
      throw new RangeError(`A rate is a number of bytes per second or null, not ${bytesPerSecond}.`);
    }
    this.#bytesPerSecond = bytesPerSecond;
    if (bytesPerSecond === null) {
      this.#tokens = 0;
      return;
    }
    this.#capacityBytes = BLOCK_LENGTH_BYTES + (bytesPerSecond * RATE_BURST_MS) / 1000;
    this.#tokens = Math.min(this.#tokens, this.#capacityBytes);
  }

  /** True where `bytes` may pass at `now` (ms); they are then booked. */
  tryTake(bytes: number, now: number): boolean {
    if (!this.allows(bytes, now)) return false;
    this.charge(bytes, now);
    return true;
  }

  /** As `tryTake`, without booking. */
  allows(bytes: number, now: number): boolean {
    if (this.#bytesPerSecond === null) return true;
    if (this.#bytesPerSecond === 0) return false;
    this.#refill(now);
    return this.#tokens + DUST_BYTES >= Math.min(bytes, BLOCK_LENGTH_BYTES);
  }

  /** Books bytes that have passed already, into debt where need be. */
  charge(bytes: number, now: number): void {
    if (this.#bytesPerSecond === null) return;
    this.#refill(now);
    this.#tokens -= bytes;
  }

  /** Whole milliseconds from `now` until `bytes` may pass if nobody else takes: 0 for now, Infinity for never. */
  waitMs(bytes: number, now: number): number {
    if (this.allows(bytes, now)) return 0;
    if (this.#bytesPerSecond === null || this.#bytesPerSecond === 0) return Number.POSITIVE_INFINITY;
    const missing = Math.min(bytes, BLOCK_LENGTH_BYTES) - this.#tokens - DUST_BYTES;
    return Math.ceil((missing * 1000) / this.#bytesPerSecond);
  }

  #refill(now: number): void {
    if (now <= this.#at || this.#bytesPerSecond === null) return;
    // The first call and a rate of 0: Infinity × 0 is no number.
    const gained = this.#bytesPerSecond === 0 ? 0 : ((now - this.#at) * this.#bytesPerSecond) / 1000;
    this.#at = now;
    this.#tokens = Math.min(this.#capacityBytes, this.#tokens + gained);
  }
}

/** Limiters that all must agree: [global, torrent, class of peer]. All are booked or none. */
export class RateLimitChain {
  readonly #limiters: readonly RateLimiter[];

  constructor(limiters: readonly RateLimiter[]) {
    this.#limiters = limiters;
  }

  tryTake(bytes: number, now: number): boolean {
    for (let i = 0; i < this.#limiters.length; i++) {
      if (this.#limiters[i]?.allows(bytes, now) === false) return false;
    }
    this.charge(bytes, now);
    return true;
  }

  charge(bytes: number, now: number): void {
    for (let i = 0; i < this.#limiters.length; i++) this.#limiters[i]?.charge(bytes, now);
  }

  waitMs(bytes: number, now: number): number {
    let wait = 0;
    for (let i = 0; i < this.#limiters.length; i++) wait = Math.max(wait, this.#limiters[i]?.waitMs(bytes, now) ?? 0);
    return wait;
  }

  /** False where nothing in the chain limits: a caller may then skip its accounting. */
  get isLimited(): boolean {
    return this.#limiters.some((limiter) => limiter.bytesPerSecond !== null);
  }
}
