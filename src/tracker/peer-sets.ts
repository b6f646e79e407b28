// The peers of all swarms in one address family, packed: 16 bytes a peer for IPv4 and 28 for IPv6, an index of 8 to 16
// bytes a peer in swarms that are too large to be searched from end to end, and 16 bytes a swarm.
//
//   word 0       address (IPv6: words 0 … 3)
//   next         port 16 | unused 14 | counted as completed 1 | seed 1
//   next         last seen, seconds
//   next         hash of address and port
//
// It is aimed at one swarm at a time, by its number of swarm-index, and all else is about that swarm's peers: an object
// for each of 100,000 swarms would be most of their memory.
// Invariants: leechers stand at slots [0, leechers), seeds at [leechers, count), so that a random peer, or a random
// leecher, is a random number; an address and port stand once; the index holds slot + 1 of every peer, or is null; a
// swarm without peers has no memory but its header.
// Slots move when peers come and go: they are good until the next call that changes the swarm's peers.

import { RecordMemory } from "./record-memory.ts";
import { insertSlot, positionOfSlot, removeSlot } from "./slot-index.ts";
import type { SourceAddress } from "./source-address.ts";

const seedFlag = 1;
const completedFlag = 2;
const capacityMin = 4;
/** Words of a swarm's header: block, capacity, count, leechers. */
const headerWords = 4;

const noWords = new Int32Array(0);

export class PeerSets {
  /** Of the swarm that it is aimed at. */
  count = 0;
  leechers = 0;
  readonly family: 4 | 6;
  readonly #addressWords: number;
  readonly #stride: number;
  readonly #memory: RecordMemory;
  #headers: Int32Array = new Int32Array(64 * headerWords);
  /** What follows is the aimed swarm's: its number, its header, and where its records are. */
  #swarm = -1;
  #block = 0;
  #capacity = 0;
  #words: Int32Array = noWords;
  #base = 0;
  #index: Int32Array | null = null;

  constructor(family: 4 | 6) {
    this.family = family;
    this.#addressWords = family === 4 ? 1 : 4;
    this.#stride = this.#addressWords + 3;
    this.#memory = new RecordMemory(this.#stride);
  }

  /** From now on everything is about this swarm's peers. */
  aim(swarm: number): this {
    if (swarm === this.#swarm) return this;
    const at = swarm * headerWords;
    const known = at < this.#headers.length;
    this.#swarm = swarm;
    this.count = known ? (this.#headers[at + 2] as number) : 0;
    this.leechers = known ? (this.#headers[at + 3] as number) : 0;
    this.#locate(known ? (this.#headers[at] as number) : 0, known ? (this.#headers[at + 1] as number) : 0);
    return this;
  }

  /** How many peers a swarm has, without aiming. */
  countOf(swarm: number): number {
    return this.#headers[swarm * headerWords + 2] ?? 0;
  }

  leechersOf(swarm: number): number {
    return this.#headers[swarm * headerWords + 3] ?? 0;
  }

  /** Bytes of the records and indexes of all swarms. */
  get usedBytes(): number {
    return this.#memory.usedBytes;
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
    if (this.count === this.#capacity) this.#resize(Math.max(capacityMin, this.#capacity * 2));
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
    if (this.#index !== null) insertSlot(this.#index, words[meta + 2] as number, slot);
    this.#keepCounts();
    return slot;
  }

  remove(slot: number): void {
    if (this.#index !== null) removeSlot(this.#index, slot, (other) => this.#hashAt(other));
    let hole = slot;
    if (slot < this.leechers) {
      this.leechers--;
      this.#move(this.leechers, hole);
      hole = this.leechers;
    }
    this.count--;
    this.#move(this.count, hole);
    this.#keepCounts();
    if (this.count === 0) this.#resize(0);
    else if (this.#capacity > capacityMin && this.count < this.#capacity / 4) this.#resize(this.#capacity / 2);
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
    this.#keepCounts();
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

  /** The peer's address and port as a text that no other peer has. */
  keyOf(slot: number): string {
    const at = this.#at(slot);
    return `${this.#words.subarray(at, at + this.#addressWords).join(".")}#${(this.#words[at + this.#addressWords] as number) >>> 16}`;
  }

  readAddress(slot: number, into: SourceAddress): void {
    into.setWords(this.family, this.#words, this.#at(slot));
  }

  /**
   * Writes the compact forms, 6 or 18 bytes each, of the first `count` of the slots, without peers that have been silent
   * since `sinceSeconds`. Returns the position behind them. The hottest loop of a tracker: 50 times an announce.
   */
  writeCompact(slots: Int32Array, count: number, sinceSeconds: number, target: DataView, position: number): number {
    if (this.#addressWords === 1) return this.#writeCompactIPv4(slots, count, sinceSeconds, target, position);
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
        target.setInt32(at, words[word] as number);
        at += 4;
      }
      target.setUint16(at, (words[meta] as number) >>> 16);
      at += 2;
    }
    return at;
  }

  /** The same with the lengths as constants, which halves what it takes. */
  #writeCompactIPv4(
    slots: Int32Array,
    count: number,
    sinceSeconds: number,
    target: DataView,
    position: number,
  ): number {
    const words = this.#words;
    const base = this.#base;
    let at = position;
    for (let drawn = 0; drawn < count; drawn++) {
      const from = base + (slots[drawn] as number) * 4;
      if ((words[from + 2] as number) < sinceSeconds) continue;
      target.setInt32(at, words[from] as number);
      target.setUint16(at + 4, (words[from + 1] as number) >>> 16);
      at += 6;
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

  /** Copies a record to a slot that nobody has; what is left behind counts as empty. */
  #move(from: number, to: number): void {
    if (from === to) return;
    if (this.#index !== null) this.#index[positionOfSlot(this.#index, this.#hashAt(from), from)] = to + 1;
    this.#words.copyWithin(this.#at(to), this.#at(from), this.#at(from + 1));
  }

  #swap(one: number, other: number): void {
    if (one === other) return;
    const index = this.#index;
    if (index !== null) {
      const position = positionOfSlot(index, this.#hashAt(one), one);
      index[positionOfSlot(index, this.#hashAt(other), other)] = one + 1;
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

  #keepCounts(): void {
    const at = this.#swarm * headerWords;
    this.#headers[at + 2] = this.count;
    this.#headers[at + 3] = this.leechers;
  }

  /** Moves the records to room for so many; 0 gives their memory back. */
  #resize(capacity: number): void {
    const from = this.#words.subarray(this.#base, this.#at(this.count));
    const [block, capacityBefore] = [this.#block, this.#capacity];
    this.#locate(capacity === 0 ? 0 : this.#memory.allocate(capacity), capacity);
    this.#words.set(from, this.#base);
    if (this.#index !== null) {
      for (let slot = 0; slot < this.count; slot++) insertSlot(this.#index, this.#hashAt(slot), slot);
    }
    if (capacityBefore > 0) this.#memory.free(block, capacityBefore);
    const at = this.#swarm * headerWords;
    if (at >= this.#headers.length) this.#growHeaders(at + headerWords);
    this.#headers[at] = this.#block;
    this.#headers[at + 1] = capacity;
  }

  #locate(block: number, capacity: number): void {
    const hasRecords = capacity > 0;
    this.#block = block;
    this.#capacity = capacity;
    this.#words = hasRecords ? this.#memory.words(block) : noWords;
    this.#base = hasRecords ? this.#memory.base(block) : 0;
    this.#index = hasRecords ? this.#memory.index(block) : null;
  }

  #growHeaders(wordsMin: number): void {
    const headers = new Int32Array(2 ** Math.ceil(Math.log2(wordsMin)));
    headers.set(this.#headers);
    this.#headers = headers;
  }

  /** Where the slot's record begins in the words. */
  #at(slot: number): number {
    return this.#base + slot * this.#stride;
  }
}

/** The address's hash is keyed, so nobody can choose addresses or ports that meet in one place. */
function peerHash(addressHash: number, port: number): number {
  let hash = addressHash ^ Math.imul(port, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
