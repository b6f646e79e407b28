// The endpoints of a torrent that are known, connected or not: whom to try next, and whom never again. Bounded; endpoints
// that failed wait longer each time; banned addresses are not tried and not let in. Who lists many ports of one address, to
// have it flooded, gets a few of them tried; on loopback, where nobody else is, many peers share an address.

import type { Endpoint, InfoHash, Random } from "../core/index.ts";
import {
  addressScope,
  formatEndpoint,
  PEER_LIST_MAX,
  PEER_LIST_PER_ADDRESS_MAX,
  PEER_RETRY_ALONE_MAX_MS,
  PEER_RETRY_BASE_MS,
  PEER_RETRY_MAX_MS,
} from "../core/index.ts";

/** An endpoint to try. */
export interface Candidate {
  readonly endpoint: Endpoint;
  /** The door under which it was found; null where nobody said. */
  readonly infoHash: InfoHash | null;
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
}

/** How an attempt or a connection ended. `complete`: both ends have everything and have nothing to say to each other. */
export type Ending = "useful" | "failed" | "complete";

/** A hybrid torrent's v1 and v2 hashes and that of its twin. */
const DOORS_MAX = 3;

interface Entry extends Candidate {
  infoHash: InfoHash | null;
  failures: number;
  notBefore: number;
  busy: boolean;
}

export class PeerList {
  readonly #entries = new Map<string, Entry>();
  /** How many of them an address has. */
  readonly #perAddress = new Map<string, number>();
  readonly #banned = new Set<string>();
  readonly #ours = new Set<string>();
  readonly #random: Random;
  /** Nothing can be taken before this time: a look at it spares a walk over the list on every tick. */
  #quietUntil = -Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Remembers an endpoint; one that is known keeps its first door and its failures. True where it is new. */
  add(endpoint: Endpoint, infoHash: InfoHash | null): boolean {
    const key = formatEndpoint(endpoint);
    if (this.#entries.has(key) || this.#ours.has(key) || this.isBanned(endpoint) || endpoint.port === 0) return false;
    const atAddress = this.#perAddress.get(endpoint.address) ?? 0;
    if (atAddress >= PEER_LIST_PER_ADDRESS_MAX && addressScope(endpoint.address) !== "loopback") return false;
    if (this.#entries.size >= PEER_LIST_MAX && !this.#evict()) return false;
    this.#entries.set(key, { endpoint, infoHash, failures: 0, notBefore: 0, busy: false });
    this.#perAddress.set(endpoint.address, (this.#perAddress.get(endpoint.address) ?? 0) + 1);
    this.#quietUntil = -Infinity;
    return true;
  }

  /** An endpoint that may be tried now, of those that failed least; it is busy until `ended`. Null where there is none. */
  take(now: number): Candidate | null {
    if (now < this.#quietUntil) return null;
    let picked: Entry | null = null;
    let equals = 0;
    let next = Infinity;
    for (const entry of this.#entries.values()) {
      if (entry.busy) continue;
      if (entry.notBefore > now) {
        next = Math.min(next, entry.notBefore);
      } else if (picked === null || entry.failures < picked.failures) {
        picked = entry;
        equals = 1;
      } else if (entry.failures === picked.failures && this.#random.int(++equals) === 0) {
        picked = entry;
      }
    }
    if (picked === null) this.#quietUntil = next;
    else picked.busy = true;
    return picked;
  }

  /** The attempt or connection is over. `infoHash`: the door that it used. `isAlone`: a download that has no peer now. */
  ended(endpoint: Endpoint, ending: Ending, now: number, infoHash: InfoHash | null, isAlone = false): void {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry === undefined) return;
    entry.busy = false;
    entry.failures = ending === "failed" ? entry.failures + 1 : 0;
    if (ending !== "failed") entry.infoHash = infoHash;
    const mostMs = isAlone ? PEER_RETRY_ALONE_MAX_MS : PEER_RETRY_MAX_MS;
    let waitMs = Math.min(PEER_RETRY_BASE_MS * 2 ** Math.min(entry.failures, 16), mostMs);
    if (ending === "complete") waitMs = PEER_RETRY_MAX_MS;
    // It may be there and know the torrent by another door: those are tried without much ado.
    else if (entry.infoHash === null && entry.failures < DOORS_MAX) waitMs = PEER_RETRY_BASE_MS / 4;
    this.#waitAbout(entry, waitMs, now);
  }

  /** There was no room to try it: soon again, without blame. */
  putBack(endpoint: Endpoint, now: number): void {
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry === undefined) return;
    entry.busy = false;
    this.#waitAbout(entry, PEER_RETRY_BASE_MS, now);
  }

  /** The endpoint is connected by another way (it connected to us): do not try it meanwhile. */
  occupy(endpoint: Endpoint, infoHash: InfoHash): void {
    this.add(endpoint, infoHash);
    const entry = this.#entries.get(formatEndpoint(endpoint));
    if (entry !== undefined) entry.busy = true;
  }

  /** That is ourselves: never again, whoever names it. */
  markOurs(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    this.#remove(endpoint);
    this.#ours.add(key);
  }

  /** Bans one endpoint, and (where `wholeAddress`) all that comes from its address. */
  ban(endpoint: Endpoint, wholeAddress: boolean): void {
    this.#banned.add(wholeAddress ? endpoint.address : formatEndpoint(endpoint));
    for (const entry of this.#entries.values()) if (this.isBanned(entry.endpoint)) this.#remove(entry.endpoint);
  }

  isBanned(endpoint: Endpoint): boolean {
    if (this.#banned.size === 0) return false;
    return this.#banned.has(endpoint.address) || this.#banned.has(formatEndpoint(endpoint));
  }

  get bannedCount(): number {
    return this.#banned.size;
  }

  get size(): number {
    return this.#entries.size;
  }

  #waitAbout(entry: Entry, waitMs: number, now: number): void {
    entry.notBefore = now + waitMs / 2 + this.#random.int(Math.ceil(waitMs / 2));
    this.#quietUntil = Math.min(this.#quietUntil, entry.notBefore);
  }

  /** Makes room by dropping the candidate that failed most; false where none has failed. */
  #evict(): boolean {
    let worst: Entry | null = null;
    for (const entry of this.#entries.values()) {
      if (!entry.busy && entry.failures > (worst?.failures ?? 0)) worst = entry;
    }
    if (worst !== null) this.#remove(worst.endpoint);
    return worst !== null;
  }

  #remove(endpoint: Endpoint): void {
    if (!this.#entries.delete(formatEndpoint(endpoint))) return;
    const left = (this.#perAddress.get(endpoint.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(endpoint.address, left);
    else this.#perAddress.delete(endpoint.address);
  }
}
