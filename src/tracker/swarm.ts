// One swarm: its peers by address family, and its counts.

import type { InfoHash } from "../core/index.ts";
import { PeerSet, strideOf } from "./peer-set.ts";
import { RecordSlab } from "./record-slab.ts";

/** Where all swarms of a table keep their small sets. */
export class RecordSlabs {
  readonly ipv4: RecordSlab = new RecordSlab(strideOf(4));
  readonly ipv6: RecordSlab = new RecordSlab(strideOf(6));
}

export class Swarm {
  readonly infoHash: InfoHash;
  /** A random number that tells it from other swarms in tables that are shared. */
  readonly salt: number;
  /** Downloads that ended while the swarm has been known. */
  downloaded = 0;
  /** When it was last swept as a whole. */
  sweptSeconds = 0;
  readonly #slabs: RecordSlabs;
  #ipv4: PeerSet | null = null;
  #ipv6: PeerSet | null = null;

  constructor(infoHash: InfoHash, salt: number, slabs: RecordSlabs) {
    this.infoHash = infoHash;
    this.salt = salt;
    this.#slabs = slabs;
  }

  setOf(family: 4 | 6): PeerSet {
    if (family === 4) return (this.#ipv4 ??= new PeerSet(4, this.#slabs.ipv4));
    return (this.#ipv6 ??= new PeerSet(6, this.#slabs.ipv6));
  }

  /** Gives the peers' memory back. The swarm is not to be used any more. */
  release(): void {
    for (const set of this.sets()) set.release();
    this.#ipv4 = null;
    this.#ipv6 = null;
  }

  /** Those that exist. */
  sets(): PeerSet[] {
    return [this.#ipv4, this.#ipv6].filter((set) => set !== null);
  }

  get count(): number {
    return (this.#ipv4?.count ?? 0) + (this.#ipv6?.count ?? 0);
  }

  get incomplete(): number {
    return (this.#ipv4?.leechers ?? 0) + (this.#ipv6?.leechers ?? 0);
  }

  get complete(): number {
    return this.count - this.incomplete;
  }

  get sizeBytes(): number {
    return (this.#ipv4?.sizeBytes ?? 0) + (this.#ipv6?.sizeBytes ?? 0);
  }
}
