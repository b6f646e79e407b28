// How many announces and scrapes an address may send: a token bucket each, in a table of fixed size. Addresses whose
// keyed hash is the same share a bucket, which costs them something only if one of them floods.
// Only requests of proven senders are counted: if connect requests were, anybody could use up a victim's budget by
// forging its address.

import { TRACKER_REQUEST_BUDGETS } from "../core/index.ts";
import type { SourceAddress } from "./source-address.ts";

export class RequestBudget {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #tokens: Float32Array;
  /** Milliseconds of the last refill, as far as 32 bits hold them. */
  readonly #refilledMs: Uint32Array;

  /** `perSecond` Infinity: no limit. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = new Float32Array(TRACKER_REQUEST_BUDGETS).fill(burst);
    this.#refilledMs = new Uint32Array(TRACKER_REQUEST_BUDGETS).fill(nowMs);
  }

  /** Takes one request from the address's budget; false where it is used up. Loopback is this machine: no limit. */
  take(address: SourceAddress, nowMs: number): boolean {
    if (address.loopback || this.#perSecond === Infinity) return true;
    const bucket = address.lineLow % TRACKER_REQUEST_BUDGETS;
    const elapsedMs = (Math.floor(nowMs) - (this.#refilledMs[bucket] as number)) >>> 0;
    const refilled = (this.#tokens[bucket] as number) + (elapsedMs * this.#perSecond) / 1000;
    const tokens = Math.min(refilled, this.#burst);
    this.#refilledMs[bucket] = nowMs;
    this.#tokens[bucket] = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }
}
