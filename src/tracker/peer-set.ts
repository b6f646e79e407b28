// The peers of one swarm and one address family, packed: 16 bytes a peer for IPv4 and 28 for IPv6, and an index of 8 to
// 16 bytes a peer once the swarm is too large to be searched from end to end.
//
//   word 0       address (IPv6: words 0 … 3)
//   next         port 16 | unused 14 | counted as completed 1 | seed 1
//   next         last seen, seconds
//   next         hash of address and port
//
// Invariants: leechers stand at slots [0, leechers), seeds at [leechers, count), so that a random peer, or a random
// leecher, is a random number; an address and port stand once; the index holds slot + 1 of every peer, or is null.
// Slots move when peers come and go: they are good until the next call that changes the set.

import type { RecordSlab } from "./record-slab.ts";
import type { SourceAddress } from "./source-address.ts";

const seedFlag = 1;
const completedFlag = 2;
const capacityMin = 4;
/** Searching 16 records costs what a look-up in the index costs. */
const indexFrom = 32;

/** Words of a record. */
export function strideOf(family: 4 | 6): number {
  return family === 4 ? 4 : 7;
}

export class PeerSet {
  count = 0;
  leechers = 0;
  readonly family: 4 | 6;
  readonly #addressWords: number;
  readonly #stride: number;
  readonly #slab: RecordSlab;
  /** Of a small set: the block of the slab that its records are in. Null for a large one, which has an array. */
  #block: number | null;
  #words: Int32Array;
  /** Where slot 0 begins in the words. */
  #base: number;
  #capacity = capacityMin;
  #index: Int32Array | null = null;

  constructor(family: 4 | 6, slab: RecordSlab) {
    this.family = family;
    this.#addressWords = family === 4 ? 1 : 4;
    this.#stride = strideOf(family);
    this.#slab = slab;
    this.#block = slab.allocate(capacityMin);
    this.#words = slab.words(this.#block);
    this.#base = slab.base(this.#block);
  }

  /** Gives its memory back. The set is not to be used any more. */
  release(): void {
    if (this.#block !== null) this.#slab.free(this.#block, this.#capacity);
    this.#block = null;
    this.count = 0;
    this.leechers = 0;
  }

  /** Bytes of the records and the index. */
  get sizeBytes(): number {
    return this.#capacity * this.#stride * 4 + (this.#index?.byteLength ?? 0);
  }

  /** The slot of a peer, or -1. */
  find(address: SourceAddress, port: number): number {
    const hash = peerHash(address.hash, port);
    const index = this.#index;
    if (index === null) {
      for (let slot = 0; slot < this.count; slot++) if (this.#is(slot, hash, address, port)) return slot;
      return -1;
    }
    const mask = index.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = (index[at] as number) - 1;
      if (slot === -1 || this.#is(slot, hash, address, port)) return slot;
    }
  }

  /** Adds a peer that is not there. Returns its slot. */
  add(address: SourceAddress, port: number, isSeed: boolean, nowSeconds: number): number {
    if (this.count === this.#capacity) this.#resize(this.#capacity * 2);
    let slot = this.count;
    if (!isSeed && this.leechers < slot) {
      this.#move(this.leechers, slot);
      slot = this.leechers;
    }
    const words = this.#words;
    const at = this.#at(slot);
    for (let word = 0; word < this.#addressWords; word++) words[at + word] = address.words[word] as number;
    const meta = at + this.#addressWords;
    words[meta] = (port << 16) | (isSeed ? seedFlag : 0);
    words[meta + 1] = nowSeconds;
    words[meta + 2] = peerHash(address.hash, port);
    this.count++;
    if (!isSeed) this.leechers++;
    if (this.#index !== null) insert(this.#index, words[meta + 2] as number, slot);
    return slot;
  }

  remove(slot: number): void {
    this.#unindex(slot);
    let hole = slot;
    if (slot < this.leechers) {
      this.leechers--;
      this.#move(this.leechers, hole);
      hole = this.leechers;
    }
    this.count--;
    this.#move(this.count, hole);
    if (this.#capacity > capacityMin && this.count < this.#capacity / 4) this.#resize(this.#capacity / 2);
  }

  /** The peer was heard of. Returns its slot, which changes where it turns from leecher to seed or back. */
  update(slot: number, isSeed: boolean, nowSeconds: number): number {
    const meta = this.#at(slot) + this.#addressWords;
    this.#words[meta + 1] = nowSeconds;
    const wasSeed = slot >= this.leechers;
    if (isSeed === wasSeed) return slot;
    this.#words[meta] = (this.#words[meta] as number) ^ seedFlag;
    // The first seed and the last leecher are neighbours: the peer changes places with one, and the border moves.
    const border = isSeed ? this.leechers - 1 : this.leechers;
    this.#swap(slot, border);
    this.leechers += isSeed ? -1 : 1;
    return border;
  }

  /** True the first time for this peer. */
  markCompleted(slot: number): boolean {
    const meta = this.#at(slot) + this.#addressWords;
    const before = this.#words[meta] as number;
    this.#words[meta] = before | completedFlag;
    return (before & completedFlag) === 0;
  }

  lastSeen(slot: number): number {
    return this.#words[this.#at(slot) + this.#addressWords + 1] as number;
  }

  readAddress(slot: number, into: SourceAddress): void {
    into.setWords(this.family, this.#words, this.#at(slot));
  }

  /**
   * Writes the compact forms, 6 or 18 bytes each, of the first `count` of the slots, without peers that have been silent
   * since `sinceSeconds`. Returns the position behind them. The hottest loop of a tracker: 50 times an announce.
   */
  writeCompact(
    slots: Int32Array,
    count: number,
    sinceSeconds: number,
    target: Uint8Array,
    position: number,
  ): number {
    const words = this.#words;
    const base = this.#base;
    const stride = this.#stride;
    const addressWords = this.#addressWords;
    let at = position;
    for (let drawn = 0; drawn < count; drawn++) {
      const from = base + (slots[drawn] as number) * stride;
      const meta = from + addressWords;
      if ((words[meta + 1] as number) < sinceSeconds) continue;
      for (let word = from; word < meta; word++) {
        const value = words[word] as number;
        target[at] = value >>> 24;
        target[at + 1] = value >>> 16;
        target[at + 2] = value >>> 8;
        target[at + 3] = value;
        at += 4;
      }
      const port = words[meta] as number;
      target[at] = port >>> 24;
      target[at + 1] = port >>> 16;
      at += 2;
    }
    return at;
  }

  #is(slot: number, hash: number, address: SourceAddress, port: number): boolean {
    const words = this.#words;
    const at = this.#at(slot);
    const meta = at + this.#addressWords;
    if (words[meta + 2] !== hash || (words[meta] as number) >>> 16 !== port) return false;
    for (let word = 0; word < this.#addressWords; word++) if (words[at + word] !== address.words[word]) return false;
    return true;
  }

  #hashAt(slot: number): number {
    return this.#words[this.#at(slot) + this.#addressWords + 2] as number;
  }

  /** Where the index holds the slot. */
  #positionOf(index: Int32Array, slot: number): number {
    const mask = index.length - 1;
    let at = this.#hashAt(slot) & mask;
    while (index[at] !== slot + 1) at = (at + 1) & mask;
    return at;
  }

  /** Copies a record to a slot that nobody has; what is left behind counts as empty. */
  #move(from: number, to: number): void {
    if (from === to) return;
    if (this.#index !== null) this.#index[this.#positionOf(this.#index, from)] = to + 1;
    this.#words.copyWithin(this.#at(to), this.#at(from), this.#at(from + 1));
  }

  #swap(one: number, other: number): void {
    if (one === other) return;
    const index = this.#index;
    if (index !== null) {
      const position = this.#positionOf(index, one);
      index[this.#positionOf(index, other)] = one + 1;
      index[position] = other + 1;
    }
    const words = this.#words;
    for (let word = 0; word < this.#stride; word++) {
      const a = this.#at(one) + word;
      const b = this.#at(other) + word;
      const kept = words[a] as number;
      words[a] = words[b] as number;
      words[b] = kept;
    }
  }

  /** Takes a slot out of the index and closes the gap, so that no probe ends early. */
  #unindex(slot: number): void {
    const index = this.#index;
    if (index === null) return;
    const mask = index.length - 1;
    let gap = this.#positionOf(index, slot);
    for (let at = (gap + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashAt((index[at] as number) - 1) & mask;
      // An entry may move back to the gap only if its probe passes there.
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      index[gap] = index[at] as number;
      gap = at;
    }
    index[gap] = 0;
  }

  #resize(capacity: number): void {
    const from = this.#words.subarray(this.#base, this.#at(this.count));
    const block = capacity < indexFrom ? this.#slab.allocate(capacity) : null;
    const words = block === null ? new Int32Array(capacity * this.#stride) : this.#slab.words(block);
    const base = block === null ? 0 : this.#slab.base(block);
    words.set(from, base);
    if (this.#block !== null) this.#slab.free(this.#block, this.#capacity);
    this.#block = block;
    this.#words = words;
    this.#base = base;
    this.#capacity = capacity;
    this.#index = capacity < indexFrom ? null : new Int32Array(capacity * 2);
    if (this.#index === null) return;
    for (let slot = 0; slot < this.count; slot++) insert(this.#index, this.#hashAt(slot), slot);
  }

  /** Where the slot's record begins in the words. */
  #at(slot: number): number {
    return this.#base + slot * this.#stride;
  }
}

function insert(index: Int32Array, hash: number, slot: number): void {
  const mask = index.length - 1;
  let at = hash & mask;
  while (index[at] !== 0) at = (at + 1) & mask;
  index[at] = slot + 1;
}

/** The address's hash is keyed, so nobody can choose addresses or ports that meet in one place. */
function peerHash(addressHash: number, port: number): number {
  let hash = addressHash ^ Math.imul(port, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
