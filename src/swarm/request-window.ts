// How many requests to keep outstanding at one peer: bandwidth × delay and no more. A queued block is a decision taken
// too early: on a slow shared link a deep queue makes everybody wait for everybody's old choices
// (docs/decisions/0007-crowd.md); on a fast path a shallow one leaves the link idle.
//
// The delay is the shortest seen lately plus STANDING_MS, which is what makes the window grow until the rate stops growing
// with it: at W blocks in R ms the rule asks for W × (R + STANDING_MS) / R. On a long path as much as a round trip is added,
// up to STANDING_MAX_MS: a window that is refilled in batches is half of one short on average, and what is added has to
// outweigh that, or it grows for minutes or not at all (docs/decisions/0014-large-crowds.md).
//
// By that alone a window doubles every 50 ms at best, and every third delay on a long path, since the rate lags. So where it
// was full it climbs with each block that took hardly longer than the shortest. On a slow link none does beyond the floor, or a
// quarter of it where the shortest was measured anew and the floor stood in that queue.
//
// Where for DELAY_MEMORY_MS every block took longer than that, either the path has grown or a queue of ours and others'
// lengthens all of them, and a window that went by it would creep up for ever: so the queue is let run down to the floor
// until one block was asked for and came, which costs about one true delay and, on a long path, the climb after it.

import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MIN_BLOCKS } from "../core/index.ts";
import { Climb } from "./climb.ts";
import { Rate, RATE_FOLD_MS } from "./rate.ts";

const STANDING_MS = 25;
const STANDING_MAX_MS = 300;
const DELAY_MEMORY_MS = 10_000;
const RATE_TIME_CONSTANT_MS = 300;
/** A batch of fewer saves nothing worth having. */
const BATCH_BLOCKS = 8;
/** A block that took no more than so many times the shortest delay met no queue to speak of. */
const PROMPT = 1.25;
const PIECE_FLOOR_MAX_BLOCKS = 16;

export class RequestWindow {
  readonly #rate: Rate;
  #delayMs = Infinity;
  #standingMs = STANDING_MS;
  /** The shortest since the delay was last looked at anew, and when that was. */
  #shortestMs = Infinity;
  #lookedAt: number;
  /** While the delay is measured anew: since when. */
  #probingSince = Infinity;
  readonly #climb = new Climb();
  /** What it was filled to, where there was enough to ask for. */
  #fullAt = 0;
  /** Bandwidth × delay in blocks, reckoned anew only when it can have changed: it is asked for with every message. */
  #blocks = 0;
  #reckonedAt = -Infinity;
  #batchBlocks = BATCH_BLOCKS;

  constructor(now: number) {
    this.#rate = new Rate(now, RATE_TIME_CONSTANT_MS);
    this.#lookedAt = now;
  }

  /** A block came, `delayMs` after it was requested; the oldest that is owed was requested at `oldestSentAt`. */
  blockReceived(lengthBytes: number, delayMs: number, now: number, oldestSentAt: number): void {
    this.#rate.add(lengthBytes, now);
    this.#shortestMs = Math.min(this.#shortestMs, delayMs);
    // Who answers the newest first and leaves the others is owed nothing more for it.
    const isInTurn = now - oldestSentAt <= 2 * PROMPT * this.#delayMs;
    this.#climb.came(isInTurn && delayMs <= PROMPT * this.#delayMs, delayMs, this.#fullAt, now);
    if (now - delayMs >= this.#probingSince) {
      this.#delayMs = delayMs;
      this.#probingSince = Infinity;
      this.#lookAnew(now);
      this.#climb.goSlowly();
    } else if (delayMs < this.#delayMs) {
      this.#delayMs = delayMs;
    } else if (now - this.#lookedAt > DELAY_MEMORY_MS && this.#probingSince === Infinity) {
      if (this.#shortestMs > this.#delayMs + this.#standingMs) this.#probingSince = now;
      this.#lookAnew(now);
    } else {
      return;
    }
    this.#reckonedAt = -Infinity;
  }

  /** The shortest delay from request to block seen lately, in ms; Infinity before the first. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /**
   * How many of `size` requests may be free before they are sent, in one write: a quarter, and no more than half of what is
   * added to the delay brings, or the shortage would outweigh what is added.
   */
  batch(size: number): number {
    return Math.max(Math.min(2, size), Math.min(size >> 2, this.#batchBlocks));
  }

  /** So many requests are outstanding where `size` may be. */
  filled(outstanding: number, size: number): void {
    this.#fullAt = outstanding >= size ? size : 0;
  }

  /** Bytes a second from this peer. */
  rate(now: number): number {
    return this.#rate.at(now);
  }

  /**
   * Requests to keep outstanding: between the floor (or `pieceBlocks`, where smaller pieces ask for more) and `max`.
   * `roundTripMs`: the path's own, without queues.
   */
  size(now: number, pieceBlocks: number, max: number, roundTripMs = 0): number {
    const floor = Math.max(REQUEST_WINDOW_MIN_BLOCKS, Math.min(pieceBlocks, PIECE_FLOOR_MAX_BLOCKS));
    if (now - this.#reckonedAt >= RATE_FOLD_MS) this.#reckon(now, roundTripMs);
    const climbed = this.#probingSince === Infinity ? this.#climb.reach(now) : 0;
    return Math.min(max, Math.max(floor, this.#blocks, climbed));
  }

  #lookAnew(now: number): void {
    this.#lookedAt = now;
    this.#shortestMs = Infinity;
  }

  #reckon(now: number, roundTripMs: number): void {
    this.#reckonedAt = now;
    const isUnknown = this.#delayMs === Infinity || this.#probingSince !== Infinity;
    this.#standingMs = Math.min(STANDING_MAX_MS, Math.max(STANDING_MS, roundTripMs));
    const bytes = isUnknown ? 0 : (this.#rate.at(now) * (this.#delayMs + this.#standingMs)) / 1_000;
    this.#blocks = Math.ceil(bytes / BLOCK_LENGTH_BYTES) + 1;
    const batchBlocks = (this.#rate.at(now) * this.#standingMs) / 2_000 / BLOCK_LENGTH_BYTES;
    this.#batchBlocks = Math.max(BATCH_BLOCKS, Math.ceil(batchBlocks));
  }
}
