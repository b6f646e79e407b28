// How many requests to keep outstanding at one peer: bandwidth × delay and no more. A queued block is a decision taken
// too early: on a slow shared link a deep queue makes everybody wait for everybody's old choices
// (docs/decisions/0007-crowd.md); on a fast path a shallow one leaves the link idle.
//
// The delay is the shortest seen lately (a queue of our own making lengthens every other) plus STANDING_MS, which is
// what makes the window grow until the rate stops growing with it: at W blocks in R ms the rule asks for
// W × (R + STANDING_MS) / R.

import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MIN_BLOCKS } from "../core/index.ts";
import { Rate } from "./rate.ts";

const STANDING_MS = 25;
const DELAY_MEMORY_MS = 10_000;
const RATE_TIME_CONSTANT_MS = 300;

export class RequestWindow {
  readonly #rate: Rate;
  #delayMs = Infinity;
  #delayNextMs = Infinity;
  #delayTurnedAt: number;

  constructor(now: number) {
    this.#rate = new Rate(now, RATE_TIME_CONSTANT_MS);
    this.#delayTurnedAt = now;
  }

  /** A block came, `delayMs` after it was requested. */
  blockReceived(lengthBytes: number, delayMs: number, now: number): void {
    this.#rate.add(lengthBytes, now);
    // Two half-windows make a sliding minimum without a list.
    if (now - this.#delayTurnedAt > DELAY_MEMORY_MS / 2) {
      this.#delayMs = this.#delayNextMs;
      this.#delayNextMs = Infinity;
      this.#delayTurnedAt = now;
    }
    if (delayMs < this.#delayNextMs) this.#delayNextMs = delayMs;
    if (delayMs < this.#delayMs) this.#delayMs = delayMs;
  }

  /** The shortest delay from request to block seen lately, in ms; Infinity before the first. */
  get delayMs(): number {
    return Math.min(this.#delayMs, this.#delayNextMs);
  }

  /** Bytes a second from this peer. */
  rate(now: number): number {
    return this.#rate.at(now);
  }

  /** Requests to keep outstanding: between the floor (or `pieceBlocks`, where smaller pieces ask for more) and `max`. */
  size(now: number, pieceBlocks: number, max: number): number {
    const floor = Math.max(REQUEST_WINDOW_MIN_BLOCKS, Math.min(pieceBlocks, 16));
    const delayMs = this.delayMs;
    if (delayMs === Infinity) return Math.min(floor, max);
    const blocks = (this.#rate.at(now) * (delayMs + STANDING_MS)) / 1_000 / BLOCK_LENGTH_BYTES;
    return Math.min(max, Math.max(floor, Math.ceil(blocks) + 1));
  }
}
