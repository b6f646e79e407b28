// Removes the peers that fell silent, a bounded number at a time, going round the table: a pause of a second for a
// million peers would lose the datagrams that arrive in it.
// Slots are visited from the last to the first: what takes the place of a removed peer was looked at already.
// Peers that move while a pass is under way may be missed; the next pass finds them.

import type { InfoHash } from "../core/index.ts";
import type { PeerSet } from "./peer-set.ts";
import type { Swarm } from "./swarm.ts";

/** Takes the peer out of the set and of all counts. */
type RemovePeer = (swarm: Swarm, set: PeerSet, slot: number) => void;

export class Sweep {
  readonly #swarms: ReadonlyMap<InfoHash, Swarm>;
  readonly #remove: RemovePeer;
  /** A Map's iterator goes on where it was, whatever is added and deleted meanwhile. */
  #cursor: Iterator<Swarm>;
  #swarm: Swarm | null = null;
  /** Sets of the swarm that are still to be looked at, and the slot in the last of them: all below it are. */
  #sets: PeerSet[] = [];
  #slot = 0;

  constructor(swarms: ReadonlyMap<InfoHash, Swarm>, remove: RemovePeer) {
    this.#swarms = swarms;
    this.#remove = remove;
    this.#cursor = swarms.values();
  }

  /** Looks at up to `peersMax` peers, and at no swarm twice. `finished` hears of each swarm when it was seen whole. */
  step(beforeSeconds: number, peersMax: number, finished: (swarm: Swarm) => void): void {
    let budget = peersMax;
    let swarmsLeft = this.#swarms.size + 1;
    while (budget > 0 && swarmsLeft > 0) {
      if (this.#swarm === null) {
        swarmsLeft--;
        // A swarm costs something even where it is empty.
        budget--;
        if (!this.#nextSwarm()) continue;
      }
      budget = this.#continue(beforeSeconds, budget, finished);
    }
  }

  /** All peers of one swarm. */
  whole(swarm: Swarm, beforeSeconds: number): void {
    for (const set of swarm.sets()) this.#range(swarm, set, set.count, 0, beforeSeconds);
  }

  #nextSwarm(): boolean {
    const next = this.#cursor.next();
    if (next.done === true) {
      this.#cursor = this.#swarms.values();
      return false;
    }
    this.#swarm = next.value;
    this.#sets = next.value.sets();
    this.#slot = this.#sets.at(-1)?.count ?? 0;
    return true;
  }

  /** Returns what is left of the budget. */
  #continue(beforeSeconds: number, budget: number, finished: (swarm: Swarm) => void): number {
    const swarm = this.#swarm as Swarm;
    const set = this.#sets.at(-1);
    // The swarm may have been dropped while the pass was in it.
    if (set === undefined || this.#swarms.get(swarm.infoHash) !== swarm) {
      this.#swarm = null;
      if (set === undefined) finished(swarm);
      return budget;
    }
    const from = Math.min(this.#slot, set.count);
    const to = Math.max(0, from - budget);
    this.#range(swarm, set, from, to, beforeSeconds);
    this.#slot = to;
    if (to === 0) {
      this.#sets.pop();
      this.#slot = this.#sets.at(-1)?.count ?? 0;
    }
    return budget - (from - to);
  }

  #range(swarm: Swarm, set: PeerSet, from: number, to: number, beforeSeconds: number): void {
    for (let slot = from - 1; slot >= to; slot--) {
      if (set.lastSeen(slot) < beforeSeconds) this.#remove(swarm, set, slot);
    }
  }
}
