// A random subset of a range of slots, in time that depends on the size of the subset and not on that of the swarm, and
// without allocating. Of small swarms every subset of that size is equally likely (Floyd's algorithm). Of large ones
// slots come in aligned groups of four, whose records share a line or two of the processor's cache: fifty peers one by
// one are fifty places of memory that nobody has looked at lately.
// Invariant: whichever way, every slot is equally likely.

import type { Random } from "../core/index.ts";

const groupSlots = 4;
/** Below that all records of a swarm are a few KiB, and an asker's neighbours would be a good part of it. */
const groupedSwarmMin = 256;
/** So that a reply is of eight groups at least: who joins with many peers in a row has neighbouring slots. */
const groupedSizeMin = 32;

export class PeerSample {
  /** The first numbers hold what `draw` chose. */
  readonly slots: Int32Array;
  readonly #groups: Int32Array;
  readonly #random: Random;
  /** marks[i] === #stamp: i was chosen by this draw. As long as the largest range so far. */
  #marks = new Int32Array(64);
  #stamp = 0;

  constructor(random: Random, sizeMax: number) {
    this.#random = random;
    this.slots = new Int32Array(sizeMax);
    this.#groups = new Int32Array(Math.floor(sizeMax / groupSlots));
  }

  /**
   * Chooses min(size, available) of the slots [0, below) without `except` (which may be out of range: nobody).
   * Returns how many. In a large swarm every slot is equally likely at every place, and members of a group are apart.
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
    if (available >= groupedSwarmMin && wanted >= groupedSizeMin) this.#drawGroups(available, skip, wanted);
    else this.#choose(available, skip, wanted, this.slots);
    return wanted;
  }

  /**
   * Of slots [0, available), where the one behind them stands in for `skip`. Whole groups, one that is cut to what is
   * missing, and the up to three slots behind the last group each with the chance that all have: wanted of available.
   */
  #drawGroups(available: number, skip: number, wanted: number): void {
    const { slots } = this;
    const random = this.#random;
    const below = Math.floor(available / groupSlots);
    let inGroups = wanted;
    for (let slot = below * groupSlots; slot < available; slot++) {
      if (random.int(available) < wanted) slots[--inGroups] = slot;
    }
    const whole = Math.floor(inGroups / groupSlots);
    const cut = random.int(below);
    this.#choose(below - 1, cut, whole, this.#groups);
    this.#placeGroups(whole);
    // Each of the others changes places with anyone before it: many clients connect to those that are named first.
    const turn = random.int(groupSlots);
    for (let at = whole * groupSlots; at < wanted; at++) {
      const slot = at < inGroups ? cut * groupSlots + ((turn + at) & (groupSlots - 1)) : (slots[at] as number);
      const place = random.int(at + 1);
      slots[at] = slots[place] as number;
      slots[place] = slot;
    }
    for (let at = 0; at < wanted; at++) if (slots[at] === skip) slots[at] = available;
  }

  /** A member of each group, then another of each, begun anywhere: neighbours are not named together. */
  #placeGroups(count: number): void {
    const { slots } = this;
    const groups = this.#groups;
    const first = this.#random.int(count);
    // Two bits for each of 16 groups say which member is first.
    const turns = this.#random.int(2 ** 32);
    for (let group = 0; group < count; group++) {
      const from = (groups[group] as number) * groupSlots;
      let at = first + group < count ? first + group : first + group - count;
      for (let round = 0; round < groupSlots; round++, at += count) {
        slots[at] = from + (((turns >>> (2 * group)) + round) & (groupSlots - 1));
      }
    }
  }

  /** Floyd's algorithm: `wanted` of the numbers [0, available], fewer than there are, without `skip`. */
  #choose(available: number, skip: number, wanted: number, into: Int32Array): void {
    this.#nextStamp(available);
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
      into[chosen++] = taken + 1 + isBefore;
    }
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
