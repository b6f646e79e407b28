// Where a request came from, as numbers. One object serves a whole front end: it is overwritten for each request and
// never kept, so that the hot path allocates nothing.
// Invariant: an IPv4-mapped IPv6 address is IPv4 here, whatever socket it came through, so it is one peer.

import { isIPv6 } from "node:net";
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
    if (!isIPv6(text)) return false;
    this.#setGroups(text.includes(".") ? text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)/, dottedGroups) : text);
    const { words } = this;
    this.family = words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? 4 : 6;
    if (this.family === 4) words[0] = words[3] as number;
    return true;
  }

  /** Valid groups of hex digits, by hand: Node's own SocketAddress is an object of the engine's for each request. */
  #setGroups(text: string): void {
    const [before = "", after = ""] = text.replace(/%.*$/, "").split("::");
    this.words.fill(0);
    const head = before === "" ? [] : before.split(":");
    const tail = after === "" ? [] : after.split(":");
    head.forEach((group, at) => this.#setGroup(at, group));
    tail.forEach((group, at) => this.#setGroup(8 - tail.length + at, group));
  }

  #setGroup(at: number, group: string): void {
    const value = Number.parseInt(group, 16);
    this.words[at >> 1] = (this.words[at >> 1] as number) | (at % 2 === 0 ? value << 16 : value);
  }
}

/** The dotted tail of "::ffff:192.0.2.1" as the two groups that it stands for. */
function dottedGroups(_: string, ...parts: string[]): string {
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
