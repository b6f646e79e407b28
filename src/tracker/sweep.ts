// Removes the peers that fell silent, a bounded number at a time, going round the table: a pause of a second for a
// million peers would lose the datagrams that arrive in it.
// Slots are visited from the last to the first: what takes the place of a removed peer was looked at already.
// Peers that move while a pass is under way may be missed, and so may those of a swarm whose number was given to another
// meanwhile; the next pass finds them.

import type { PeerSets } from "./peer-sets.ts";
import type { SwarmIndex } from "./swarm-index.ts";

/** Takes the peer out of the set, which is aimed at the swarm, and out of all counts. */
type RemovePeer = (swarm: number, peers: PeerSets, slot: number) => void;

export class Sweep {
  readonly #swarms: SwarmIndex;
  readonly #families: readonly PeerSets[];
  readonly #remove: RemovePeer;
  /** Where the pass is: in no swarm if `#inside` is false, else in this family of it, and all slots from `#slot` up are done. */
  #swarm = -1;
  #inside = false;
  #family = 0;
  #slot = 0;

  constructor(swarms: SwarmIndex, families: readonly PeerSets[], remove: RemovePeer) {
    this.#swarms = swarms;
    this.#families = families;
    this.#remove = remove;
  }

  /** Looks at up to `peersMax` peers, and at no swarm twice. `finished` hears of each swarm when it was seen whole. */
  step(beforeSeconds: number, peersMax: number, finished: (swarm: number) => void): void {
    let budget = peersMax;
    let swarmsLeft = this.#swarms.size + 1;
    while (budget > 0 && swarmsLeft > 0) {
      if (!this.#inside) {
        swarmsLeft--;
        // A swarm costs something even where it is empty.
        budget--;
        if (!this.#nextSwarm()) continue;
      }
      budget = this.#continue(beforeSeconds, budget, finished);
    }
  }

  /** All peers of one swarm. */
  whole(swarm: number, beforeSeconds: number): void {
    for (const peers of this.#families) {
      if (peers.countOf(swarm) > 0) this.#range(swarm, peers.aim(swarm), peers.countOf(swarm), 0, beforeSeconds);
    }
  }

  #nextSwarm(): boolean {
    this.#swarm = this.#swarms.after(this.#swarm);
    this.#inside = this.#swarm !== -1;
    this.#family = 0;
    this.#slot = Infinity;
    return this.#inside;
  }

  /** Returns what is left of the budget. */
  #continue(beforeSeconds: number, budget: number, finished: (swarm: number) => void): number {
    const swarm = this.#swarm;
    const peers = this.#families[this.#family];
    // The swarm may have been dropped while the pass was in it.
    if (peers === undefined || !this.#swarms.has(swarm)) {
      this.#inside = false;
      if (peers === undefined) finished(swarm);
      return budget;
    }
    const from = Math.min(this.#slot, peers.countOf(swarm));
    const to = Math.max(0, from - budget);
    if (from > 0) this.#range(swarm, peers.aim(swarm), from, to, beforeSeconds);
    this.#slot = to;
    if (to === 0) {
      this.#family++;
      this.#slot = Infinity;
    }
    return budget - (from - to);
  }

  #range(swarm: number, peers: PeerSets, from: number, to: number, beforeSeconds: number): void {
    for (let slot = from - 1; slot >= to; slot--) {
      if (peers.lastSeen(slot) < beforeSeconds) this.#remove(swarm, peers, slot);
    }
  }
}
