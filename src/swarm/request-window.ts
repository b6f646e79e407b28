// How many requests to keep outstanding at one peer: bandwidth × delay and no more. A queued block is a decision taken
// too early: on a slow shared link a deep queue makes everybody wait for everybody's old choices
// (docs/decisions/0007-crowd.md); on a fast path a shallow one leaves the link idle.
//
// The delay is the shortest seen lately plus STANDING_MS, which is what makes the window grow until the rate stops growing
// with it: at W blocks in R ms the rule asks for W × (R + STANDING_MS) / R. On a full link our own queue lengthens every
// delay, the shortest too, and the window would creep up for ever: so every DELAY_MEMORY_MS the queue is let run down to
// the floor until one block was asked for and came, which costs about one true delay.

import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MIN_BLOCKS } from "../core/index.ts";
import { Rate, RATE_FOLD_MS } from "./rate.ts";

const STANDING_MS = 25;
const DELAY_MEMORY_MS = 10_000;
const RATE_TIME_CONSTANT_MS = 300;
const PIECE_FLOOR_MAX_BLOCKS = 16;

export class RequestWindow {
  readonly #rate: Rate;
  #delayMs = Infinity;
  #measuredAt: number;
  /** While the delay is measured anew: since when. */
  #probingSince = Infinity;
  /** Bandwidth × delay in blocks, reckoned anew only when it can have changed: it is asked for with every message. */
  #blocks = 0;
  #reckonedAt = -Infinity;

  constructor(now: number) {
    this.#rate = new Rate(now, RATE_TIME_CONSTANT_MS);
    this.#measuredAt = now;
  }

  /** A block came, `delayMs` after it was requested. */
  blockReceived(lengthBytes: number, delayMs: number, now: number): void {
    this.#rate.add(lengthBytes, now);
    if (now - delayMs >= this.#probingSince) {
      this.#delayMs = delayMs;
      this.#measuredAt = now;
      this.#probingSince = Infinity;
    } else if (delayMs < this.#delayMs) {
      this.#delayMs = delayMs;
    } else if (now - this.#measuredAt > DELAY_MEMORY_MS && this.#probingSince === Infinity) {
      this.#probingSince = now;
    } else {
      return;
    }
    this.#reckonedAt = -Infinity;
  }

  /** The shortest delay from request to block seen lately, in ms; Infinity before the first. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** Bytes a second from this peer. */
  rate(now: number): number {
    return this.#rate.at(now);
  }

  /** Requests to keep outstanding: between the floor (or `pieceBlocks`, where smaller pieces ask for more) and `max`. */
  size(now: number, pieceBlocks: number, max: number): number {
    const floor = Math.max(REQUEST_WINDOW_MIN_BLOCKS, Math.min(pieceBlocks, PIECE_FLOOR_MAX_BLOCKS));
    if (now - this.#reckonedAt >= RATE_FOLD_MS) this.#reckon(now);
    return Math.min(max, Math.max(floor, this.#blocks));
  }

  #reckon(now: number): void {
    this.#reckonedAt = now;
    const isUnknown = this.#delayMs === Infinity || this.#probingSince !== Infinity;
    const bytes = isUnknown ? 0 : (this.#rate.at(now) * (this.#delayMs + STANDING_MS)) / 1_000;
    this.#blocks = Math.ceil(bytes / BLOCK_LENGTH_BYTES) + 1;
  }
}
