// A random subset of a range of slots, every subset of that size equally likely (Floyd's algorithm), in time that
// depends on the size of the subset and not on that of the swarm, and without allocating.

import type { Random } from "../core/index.ts";

export class PeerSample {
  /** The first numbers hold what `draw` chose. */
  readonly slots: Int32Array;
  readonly #random: Random;
  /** marks[i] === #stamp: i was chosen by this draw. As long as the largest swarm so far. */
  #marks = new Int32Array(64);
  #stamp = 0;

  constructor(random: Random, sizeMax: number) {
    this.#random = random;
    this.slots = new Int32Array(sizeMax);
  }

  /**
   * Chooses min(size, available) of the slots [0, below) without `except` (which may be out of range: nobody).
   * Returns how many. The order is random where a choice was made.
   */
  draw(below: number, except: number, size: number): number {
    const hasExcept = except >= 0 && except < below;
    const available = hasExcept ? below - 1 : below;
    const skip = hasExcept ? except : below;
    const wanted = Math.min(size, available, this.slots.length);
    if (wanted === available) {
      for (let at = 0; at < wanted; at++) this.slots[at] = at < skip ? at : at + 1;
      return wanted;
    }
    this.#nextStamp(available);
    const { slots } = this;
    const marks = this.#marks;
    const stamp = this.#stamp;
    let chosen = 0;
    // Without branches: whether a slot was chosen already, and whether it lies before `skip`, is as random as the slots.
    // Branches that the processor cannot guess were half of the time of a draw.
    for (let last = available - wanted; last < available; last++) {
      const pick = this.#random.int(last + 1);
      const difference = (marks[pick] as number) ^ stamp;
      // All bits of `fresh` are set where `pick` is not chosen yet, of `isBefore` where it keeps its number.
      const fresh = (difference | -difference) >> 31;
      const taken = (pick & fresh) | (last & ~fresh);
      marks[taken] = stamp;
      const isBefore = (taken - skip) >> 31;
      slots[chosen++] = taken + 1 + isBefore;
    }
    return wanted;
  }

  #nextStamp(available: number): void {
    if (available > this.#marks.length) {
      this.#marks = new Int32Array(2 ** Math.ceil(Math.log2(available)));
      this.#stamp = 0;
    }
    if (this.#stamp === 0x7fff_ffff) {
      this.#marks.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
  }
}
