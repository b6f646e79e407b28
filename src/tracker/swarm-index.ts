// The swarms of a table by info-hash, each known by a small number, packed: 32 bytes a swarm and an index of 8 to 16.
// As objects in a Map 100,000 of them cost 30 MB and, worse, made the collector enlarge its young generation by 50 MB
// for good; here it sees nothing.
//
//   words 0 … 4  info-hash (of a number that is free: word 0 is the next free number, or -1)
//   word 5       its keyed hash: nobody can choose info-hashes that meet in one place
//   word 6       downloads that ended while the swarm has been known; -1 where the number is free
//   word 7       when it was last swept as a whole, seconds
//
// Invariant: an info-hash stands once. A number is good until its swarm is removed, and is then given to another.

import { parseInfoHash } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import type { SipHash } from "./sip-hash.ts";
import { insertSlot, removeSlot } from "./slot-index.ts";

const stride = 8;
const hashWords = 5;
const hashAt = 5;
const downloadedAt = 6;
const sweptAt = 7;
const capacityMin = 64;

export class SwarmIndex {
  size = 0;
  readonly #hash: SipHash;
  /** The info-hash that was asked for last, and its hash. */
  readonly #asked = new Int32Array(hashWords);
  #askedHash = 0;
  #records = new Int32Array(capacityMin * stride);
  #index = new Int32Array(capacityMin * 2);
  /** Numbers below this one were given at some time. */
  #used = 0;
  #firstFree = -1;

  constructor(hash: SipHash) {
    this.#hash = hash;
  }

  /** The swarm's number, or -1. The info-hash as text, or as five words, the first byte on top. */
  find(infoHash: InfoHash | Int32Array): number {
    this.#ask(infoHash);
    const mask = this.#index.length - 1;
    for (let at = this.#askedHash & mask; ; at = (at + 1) & mask) {
      const swarm = (this.#index[at] as number) - 1;
      if (swarm === -1 || this.#is(swarm)) return swarm;
    }
  }

  /** Adds an info-hash that is not there. Returns its number. */
  add(infoHash: InfoHash): number {
    this.#ask(infoHash);
    let swarm = this.#firstFree;
    if (swarm === -1) {
      swarm = this.#used++;
      if (swarm * stride === this.#records.length) this.#grow();
    } else {
      this.#firstFree = this.#records[swarm * stride] as number;
    }
    this.#records.set(this.#asked, swarm * stride);
    this.#records[swarm * stride + hashAt] = this.#askedHash;
    this.#records[swarm * stride + downloadedAt] = 0;
    this.#records[swarm * stride + sweptAt] = 0;
    insertSlot(this.#index, this.#askedHash, swarm);
    this.size++;
    return swarm;
  }

  remove(swarm: number): void {
    removeSlot(this.#index, swarm, (other) => this.salt(other));
    this.#records[swarm * stride] = this.#firstFree;
    this.#records[swarm * stride + downloadedAt] = -1;
    this.#firstFree = swarm;
    this.size--;
  }

  has(swarm: number): boolean {
    return swarm >= 0 && swarm < this.#used && this.downloaded(swarm) !== -1;
  }

  /** The next number after this one that a swarm has, or -1. */
  after(swarm: number): number {
    for (let next = swarm + 1; next < this.#used; next++) if (this.downloaded(next) !== -1) return next;
    return -1;
  }

  infoHashOf(swarm: number): InfoHash {
    const bytes = Buffer.alloc(hashWords * 4);
    for (let word = 0; word < hashWords; word++) {
      bytes.writeInt32BE(this.#records[swarm * stride + word] as number, word * 4);
    }
    return parseInfoHash(bytes);
  }

  /** A number that tells it from other swarms in tables that are shared. */
  salt(swarm: number): number {
    return this.#records[swarm * stride + hashAt] as number;
  }

  downloaded(swarm: number): number {
    return this.#records[swarm * stride + downloadedAt] as number;
  }

  countDownload(swarm: number): void {
    this.#records[swarm * stride + downloadedAt] = this.downloaded(swarm) + 1;
  }

  /** True once for each value of `seconds`. */
  markSwept(swarm: number, seconds: number): boolean {
    const at = swarm * stride + sweptAt;
    if (this.#records[at] === seconds) return false;
    this.#records[at] = seconds;
    return true;
  }

  #ask(infoHash: InfoHash | Int32Array): void {
    if (typeof infoHash === "string") this.#read(infoHash);
    else for (let word = 0; word < hashWords; word++) this.#asked[word] = infoHash[word] as number;
    this.#hash.update(this.#asked, hashWords);
    this.#askedHash = this.#hash.low | 0;
  }

  #read(infoHash: InfoHash): void {
    for (let word = 0; word < hashWords; word++) {
      let value = 0;
      for (let at = word * 8; at < word * 8 + 8; at++) {
        const code = infoHash.charCodeAt(at);
        // "0" … "9" are 48 … 57, "a" … "f" are 97 … 102.
        value = (value << 4) | (code < 58 ? code - 48 : code - 87);
      }
      this.#asked[word] = value;
    }
  }

  #is(swarm: number): boolean {
    const at = swarm * stride;
    if (this.#records[at + hashAt] !== this.#askedHash) return false;
    for (let word = 0; word < hashWords; word++) if (this.#records[at + word] !== this.#asked[word]) return false;
    return true;
  }

  #grow(): void {
    const records = new Int32Array(this.#records.length * 2);
    records.set(this.#records);
    this.#records = records;
    this.#index = new Int32Array((records.length / stride) * 2);
    for (let swarm = this.after(-1); swarm !== -1 && swarm < this.#used - 1; swarm = this.after(swarm)) {
      insertSlot(this.#index, this.salt(swarm), swarm);
    }
  }
}
