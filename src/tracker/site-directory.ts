// Who of a site announced lately, by torrent, site and address family: so that machines hear first of those whom they reach
// over cheap links. A site is a name, or without one the subnet (/24, /64) of the source address. Kept beside the table of
// peers and only for announces that ask for it, so that all others cost what they did.
//
// Invariants: an entry is the source address and port of an announce that the table took; at most TRACKER_SITES_MAX sites
// of TRACKER_SITE_PEERS_MAX entries, and the site that was silent longest goes first; of a reply at most half is of the
// site, and a reply that names everybody is left as it is.

import { TRACKER_SITE_PEERS_MAX, TRACKER_SITE_SHARE, TRACKER_SITES_MAX } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import type { AnnounceEvent } from "../announce/index.ts";
import type { SourceAddress } from "./source-address.ts";

export interface SiteAnnounce {
  readonly infoHash: InfoHash;
  readonly port: number;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  /** Its name, "" for the subnet; null where the announce does not ask for its site. */
  readonly site?: string | null;
}

/** The peers of an answer, as the table wrote them. */
export interface WrittenPeers {
  readonly target: Buffer;
  readonly position: number;
  readonly end: number;
  /** As many as could have been written. */
  readonly peersMax: number;
}

const IPV4_BYTES = 6;
const IPV6_BYTES = 18;

/** Compact peers and when they announced; the oldest is overwritten. */
class Site {
  readonly #compact: Buffer;
  readonly #seconds = new Float64Array(TRACKER_SITE_PEERS_MAX);
  readonly #width: number;
  #count = 0;
  #next = 0;

  constructor(width: number) {
    this.#width = width;
    this.#compact = Buffer.alloc(TRACKER_SITE_PEERS_MAX * width);
  }

  /** Copies up to `max` peers that announced after `since`, without `except`, latest first. Returns how many. */
  write(except: Buffer, since: number, max: number, target: Buffer, position: number): number {
    let written = 0;
    for (let step = 1; step <= this.#count && written < max; step++) {
      const slot = (this.#next - step + TRACKER_SITE_PEERS_MAX) % TRACKER_SITE_PEERS_MAX;
      if ((this.#seconds[slot] as number) < since || this.#is(slot, except)) continue;
      const from = slot * this.#width;
      this.#compact.copy(target, position + written * this.#width, from, from + this.#width);
      written++;
    }
    return written;
  }

  seen(peer: Buffer, seconds: number): void {
    let slot = this.#find(peer);
    if (slot === -1) {
      slot = this.#next;
      this.#next = (slot + 1) % TRACKER_SITE_PEERS_MAX;
      this.#count = Math.min(this.#count + 1, TRACKER_SITE_PEERS_MAX);
      this.#compact.set(peer, slot * this.#width);
    }
    this.#seconds[slot] = seconds;
  }

  left(peer: Buffer): void {
    const slot = this.#find(peer);
    if (slot !== -1) this.#seconds[slot] = -Infinity;
  }

  #find(peer: Buffer): number {
    for (let slot = 0; slot < this.#count; slot++) if (this.#is(slot, peer)) return slot;
    return -1;
  }

  #is(slot: number, peer: Buffer): boolean {
    return this.#compact.compare(peer, 0, this.#width, slot * this.#width, (slot + 1) * this.#width) === 0;
  }
}

export class SiteDirectory {
  readonly #expirySeconds: number;
  readonly #sites = new Map<string, Site>();
  readonly #asker: Buffer = Buffer.alloc(IPV6_BYTES);

  constructor(expirySeconds: number) {
    this.#expirySeconds = expirySeconds;
  }

  /** The table took the announce and answered with `peers`: some of them make room for those of the asker's site. */
  announced(source: SourceAddress, asked: SiteAnnounce, nowMs: number, peers: WrittenPeers): void {
    const { site: name = null } = asked;
    if (name === null) return;
    const seconds = Math.floor(nowMs / 1_000);
    const width = source.family === 4 ? IPV4_BYTES : IPV6_BYTES;
    const asker = this.#asker.subarray(0, width);
    source.words.subarray(0, (width - 2) / 4).forEach((word, index) => asker.writeInt32BE(word, index * 4));
    asker.writeUInt16BE(asked.port, width - 2);
    const site = this.#siteOf(`${source.family} ${asked.infoHash} ${nameOf(name, asker)}`, width);
    if (asked.event === "stopped") {
      site.left(asker);
      return;
    }
    const count = (peers.end - peers.position) / width;
    // A seed waits for those who look for it, and is told of no seeds: which of these are seeds is not kept.
    if (count === peers.peersMax && asked.left !== 0) {
      const max = Math.floor(count * TRACKER_SITE_SHARE);
      site.write(asker, seconds - this.#expirySeconds, max, peers.target, peers.position);
    }
    site.seen(asker, seconds);
  }

  #siteOf(key: string, width: number): Site {
    const site = this.#sites.get(key) ?? new Site(width);
    this.#sites.delete(key);
    this.#sites.set(key, site);
    const [oldest] = this.#sites.keys();
    if (this.#sites.size > TRACKER_SITES_MAX && oldest !== undefined) this.#sites.delete(oldest);
    return site;
  }
}

/** The subnet cannot be mistaken for a name: it comes with another first character. */
function nameOf(name: string, asker: Buffer): string {
  return name === "" ? `/${asker.toString("hex", 0, asker.length === IPV4_BYTES ? 3 : 8)}` : `=${name}`;
}
