// Where a request came from, as numbers. One object serves a whole front end: it is overwritten for each request and
// never kept, so that the hot path allocates nothing.
// Invariant: an IPv4-mapped IPv6 address is IPv4 here, whatever socket it came through, so it is one peer.

import { encodeCompact, endpointOf } from "../core/index.ts";
import type { SipHash } from "./sip-hash.ts";

export class SourceAddress {
  /** 4: words[0] is the address. 6: words[0 … 3], most significant first. */
  family: 4 | 6 = 4;
  readonly words: Int32Array = new Int32Array(4);
  /** Of the whole address: for tables. */
  hash = 0;
  /** Of the address, or of the /64 of an IPv6 address, of which a line has 2^64: for limits. Two halves. */
  lineHigh = 0;
  lineLow = 0;
  loopback = false;
  readonly #hash: SipHash;

  constructor(hash: SipHash) {
    this.#hash = hash;
  }

  /** From the text that Node gives for a socket. False where it is no address. */
  set(address: string): boolean {
    if (!this.#setIPv4(address, 0) && !this.#setIPv6(address)) return false;
    this.rehash();
    return true;
  }

  /** From a packed record. */
  setWords(family: 4 | 6, source: Int32Array, at: number): void {
    this.family = family;
    for (let word = 0; word < (family === 4 ? 1 : 4); word++) this.words[word] = source[at + word] as number;
    this.rehash();
  }

  rehash(): void {
    const { words } = this;
    if (this.family === 4) {
      this.#hash.update(words, 1);
      this.lineHigh = this.#hash.high;
      this.lineLow = this.#hash.low;
      this.hash = this.#hash.low;
      this.loopback = (words[0] as number) >>> 24 === 127;
      return;
    }
    this.#hash.update(words, 4);
    this.hash = this.#hash.low;
    this.#hash.update(words, 2);
    this.lineHigh = this.#hash.high;
    this.lineLow = this.#hash.low;
    this.loopback = words[0] === 0 && words[1] === 0 && words[2] === 0 && words[3] === 1;
  }

  #setIPv4(text: string, from: number): boolean {
    let value = 0;
    let part = -1;
    let dots = 0;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 46 && part !== -1 && dots < 3) {
        value = (value << 8) | part;
        part = -1;
        dots++;
      } else if (code >= 48 && code <= 57) {
        part = (part === -1 ? 0 : part * 10) + code - 48;
        if (part > 255) return false;
      } else return false;
    }
    if (dots !== 3 || part === -1) return false;
    this.family = 4;
    this.words[0] = (value << 8) | part;
    return true;
  }

  #setIPv6(text: string): boolean {
    if (text.startsWith("::ffff:") && this.#setIPv4(text, 7)) return true;
    const endpoint = endpointOf(text, 0);
    if (endpoint === null) return false;
    const bytes = encodeCompact(endpoint);
    this.family = bytes.length === 6 ? 4 : 6;
    for (let word = 0; word < (this.family === 4 ? 1 : 4); word++) this.words[word] = bytes.readInt32BE(word * 4);
    return true;
  }
}
