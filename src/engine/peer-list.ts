// The endpoints of a torrent that are known, connected or not: whom to try next, and whom never again. Bounded; endpoints
// that failed wait longer each time; banned addresses are not tried and not let in.

import type { Endpoint, InfoHash, Random } from "../core/index.ts";
import { formatEndpoint, PEER_LIST_MAX, PEER_RETRY_BASE_MS, PEER_RETRY_MAX_MS } from "../core/index.ts";

interface Candidate {
  readonly endpoint: Endpoint;
  /** The door under which it was found. */
  readonly infoHash: InfoHash;
  failures: number;
  notBefore: number;
  busy: boolean;
}

export class PeerList {
  readonly #candidates = new Map<string, Candidate>();
  readonly #banned = new Set<string>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Remembers an endpoint; one that is known keeps its first door and its failures. True where it is new. */
  add(endpoint: Endpoint, infoHash: InfoHash): boolean {
    const key = formatEndpoint(endpoint);
    if (this.#candidates.has(key) || this.#banned.has(endpoint.address) || endpoint.port === 0) return false;
    if (this.#candidates.size >= PEER_LIST_MAX && !this.#evict()) return false;
    this.#candidates.set(key, { endpoint, infoHash, failures: 0, notBefore: 0, busy: false });
    return true;
  }

  /** An endpoint that may be tried now; it counts as busy until `ended`. Null where there is none. */
  take(now: number): { endpoint: Endpoint; infoHash: InfoHash } | null {
    const ready = [...this.#candidates.values()].filter((candidate) => !candidate.busy && candidate.notBefore <= now);
    const fewest = Math.min(...ready.map((candidate) => candidate.failures));
    const best = ready.filter((candidate) => candidate.failures === fewest);
    const picked = best.length === 0 ? undefined : best[this.#random.int(best.length)];
    if (picked === undefined) return null;
    picked.busy = true;
    return picked;
  }

  /** The attempt or connection is over. A connection that was of use may be tried again at once. */
  ended(endpoint: Endpoint, useful: boolean, now: number): void {
    const candidate = this.#candidates.get(formatEndpoint(endpoint));
    if (candidate === undefined) return;
    candidate.busy = false;
    candidate.failures = useful ? 0 : candidate.failures + 1;
    const wait = Math.min(PEER_RETRY_BASE_MS * 2 ** Math.min(candidate.failures, 16), PEER_RETRY_MAX_MS);
    candidate.notBefore = now + wait / 2 + this.#random.int(Math.ceil(wait / 2));
  }

  /** The endpoint is connected by another way (it connected to us): do not try it meanwhile. */
  occupy(endpoint: Endpoint, infoHash: InfoHash): void {
    this.add(endpoint, infoHash);
    const candidate = this.#candidates.get(formatEndpoint(endpoint));
    if (candidate !== undefined) candidate.busy = true;
  }

  /** Never again: our own endpoint, or one that no longer wants us. */
  forget(endpoint: Endpoint): void {
    this.#candidates.delete(formatEndpoint(endpoint));
  }

  /** Bans one endpoint, and (where `wholeAddress`) all that comes from its address. */
  ban(endpoint: Endpoint, wholeAddress: boolean): void {
    this.#banned.add(wholeAddress ? endpoint.address : formatEndpoint(endpoint));
    this.#candidates.delete(formatEndpoint(endpoint));
  }

  isBanned(endpoint: Endpoint): boolean {
    return this.#banned.has(endpoint.address) || this.#banned.has(formatEndpoint(endpoint));
  }

  get bannedCount(): number {
    return this.#banned.size;
  }

  get size(): number {
    return this.#candidates.size;
  }

  /** Makes room by dropping the candidate that failed most; false where none has failed. */
  #evict(): boolean {
    let worst: Candidate | null = null;
    for (const candidate of this.#candidates.values()) {
      if (!candidate.busy && candidate.failures > (worst?.failures ?? 0)) worst = candidate;
    }
    return worst !== null && this.#candidates.delete(formatEndpoint(worst.endpoint));
  }
}
