// All swarms and their peers, in memory: what both front ends, HTTP and UDP, serve. No sockets, no clock: times are
// arguments, so a test can let an hour pass.
// Invariants: a peer is a source address and a port, and nobody but that address changes or removes it; an asker is
// never told of itself; a seed is never told of seeds; every limit holds whatever is announced; a withdrawn or not
// allowed info-hash has no swarm.
// Deliberately not kept: peer ids (20 bytes a peer, which only the dictionary form of a reply would show) and keys.

import {
  seededRandom,
  TRACKER_PEERS_DEFAULT,
  TRACKER_PEERS_PER_REPLY_MAX,
  TRACKER_SWEEP_AT_ONCE_PEERS_MAX,
} from "../core/index.ts";
import type { InfoHash, Random } from "../core/index.ts";
import type { AnnounceEvent, ScrapeEntry } from "../announce/index.ts";
import { AddressQuota } from "./address-quota.ts";
import type { TrackerLimits } from "./limits.ts";
import { PeerSample } from "./peer-sample.ts";
import { PeerSets } from "./peer-sets.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";
import { SwarmIndex } from "./swarm-index.ts";
import { Sweep } from "./sweep.ts";

/** What the table needs of an announce; the source address comes apart, as it is not the announcer's to say. */
export interface TableAnnounce {
  readonly infoHash: InfoHash;
  readonly port: number;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly numWant: number | null;
  /** The info-hash as five words, where they are at hand: a table that finds its swarm never asks for the text. */
  readonly readInfoHash?: (words: Int32Array) => void;
}

export type TableAnswer =
  | {
      readonly kind: "answer";
      readonly complete: number;
      readonly incomplete: number;
      readonly downloaded: number;
      /** Compact peers of the asker's family were written to the target from the given position up to here. */
      readonly end: number;
      /** False where a limit kept the asker off the list; it is served all the same. */
      readonly listed: boolean;
    }
  | { readonly kind: "refused"; readonly reason: "withdrawn" | "not-allowed" | "full"; readonly message: string };

export interface TableStats {
  readonly swarms: number;
  readonly peers: number;
  readonly seeds: number;
  /** Bytes of the peers' records and indexes, without the fixed tables. */
  readonly peerBytes: number;
}

export class SwarmTable {
  readonly #limits: TrackerLimits;
  readonly #expirySeconds: number;
  readonly #hash: SipHash;
  readonly #swarms: SwarmIndex;
  readonly #ipv4 = new PeerSets(4);
  readonly #ipv6 = new PeerSets(6);
  readonly #withdrawn = new Map<InfoHash, string>();
  readonly #quota = new AddressQuota();
  readonly #sample: PeerSample;
  readonly #sweep: Sweep;
  readonly #leaving: SourceAddress;
  readonly #infoHash = new Int32Array(5);
  /** Told of each peer that says for the first time that it has all of a torrent. */
  onCompleted: ((infoHash: InfoHash, peerKey: string) => void) | null = null;
  #allowed: ReadonlySet<InfoHash> | null = null;
  #peers = 0;

  constructor(deps: { readonly random: Random }, limits: TrackerLimits, expirySeconds: number) {
    this.#limits = limits;
    this.#expirySeconds = expirySeconds;
    this.#hash = new SipHash(deps.random.bytes(16));
    // Whom it draws is no secret, and 50 numbers an announce from the kernel's generator are a tenth of its cost.
    this.#sample = new PeerSample(seededRandom(deps.random.int(2 ** 32)), TRACKER_PEERS_PER_REPLY_MAX);
    this.#leaving = this.createAddress();
    this.#swarms = new SwarmIndex(this.#hash);
    this.#sweep = new Sweep(this.#swarms, [this.#ipv4, this.#ipv6], (swarm, peers, slot) =>
      this.#removePeer(swarm, peers, slot),
    );
  }

  /** An address to fill in and pass to `announce`: only those of this table have its keyed hashes. */
  createAddress(): SourceAddress {
    return new SourceAddress(this.#hash);
  }

  /**
   * Lists, updates or removes the asker and writes at most `peersMax` other peers to `target` from `position` on,
   * in compact form: 6 or 18 bytes each, by the family of the source address.
   */
  announce(
    source: SourceAddress,
    asked: TableAnnounce,
    nowMs: number,
    target: DataView,
    position: number,
    peersMax: number,
  ): TableAnswer {
    const seconds = Math.floor(nowMs / 1000);
    let swarm = this.#find(asked);
    if (swarm === -1) {
      // What has a swarm is neither withdrawn nor kept out by the list.
      const refused = this.#refusal(asked.infoHash);
      if (refused !== null) return refused;
      if (asked.event === "stopped") return answer(0, 0, 0, position, true);
      if (this.#swarms.size >= this.#limits.swarmsMax) {
        return { kind: "refused", reason: "full", message: "This tracker has as many torrents as it takes." };
      }
      swarm = this.#swarms.add(asked.infoHash);
    }
    this.#expireSmall(swarm, seconds);
    const peers = (source.family === 4 ? this.#ipv4 : this.#ipv6).aim(swarm);
    const slot = this.#enter(swarm, peers, source, asked, seconds);
    const wanted = asked.event === "stopped" ? 0 : Math.min(asked.numWant ?? TRACKER_PEERS_DEFAULT, peersMax);
    // A seed needs no seeds. aria2, which says `left=0` while a magnet link is all it has, needs one: its first announce.
    const leechersOnly = asked.left === 0 && (asked.event !== "started" || peers.leechers > 0);
    const end = this.#writePeers(peers, slot, leechersOnly, wanted, seconds, target, position);
    const { complete, incomplete, downloaded } = this.#countsOf(swarm);
    this.#dropIfEmpty(swarm);
    return answer(complete, incomplete, downloaded, end, slot !== unlisted);
  }

  /** The swarm's counts, by text or by five words; zeros for one that is unknown, withdrawn or not allowed. */
  scrape(infoHash: InfoHash | Int32Array): ScrapeEntry {
    const swarm = this.#swarms.find(infoHash);
    return swarm === -1 ? { complete: 0, downloaded: 0, incomplete: 0 } : this.#countsOf(swarm);
  }

  /**
   * Machines in any of these swarms, each counted once: a release is one swarm behind up to three info-hashes, and a
   * machine that knows all of them announces each. Walks over the peers: for a page, not for every request.
   */
  census(infoHashes: readonly InfoHash[]): { readonly seeds: number; readonly downloading: number } {
    const isSeed = new Map<string, boolean>();
    for (const swarm of infoHashes.map((infoHash) => this.#swarms.find(infoHash))) {
      if (swarm === -1) continue;
      for (const set of [this.#ipv4, this.#ipv6]) {
        const peers = set.aim(swarm);
        for (let slot = 0; slot < peers.count; slot++) {
          const key = peers.keyOf(slot);
          isSeed.set(key, slot >= peers.leechers || isSeed.get(key) === true);
        }
      }
    }
    const seeds = [...isSeed.values()].filter(Boolean).length;
    return { seeds, downloading: isSeed.size - seeds };
  }

  /** From now on announces of it fail with the reason, and its peers are told of nobody. */
  withdraw(infoHash: InfoHash, reason: string): void {
    this.#withdrawn.set(infoHash, reason);
    this.#dropSwarm(this.#swarms.find(infoHash));
  }

  /** Undoes `withdraw`. */
  restore(infoHash: InfoHash): void {
    this.#withdrawn.delete(infoHash);
  }

  /** Serves these info-hashes alone; null: all. */
  setAllowed(allowed: ReadonlySet<InfoHash> | null): void {
    this.#allowed = allowed;
    if (allowed === null) return;
    for (let swarm = this.#swarms.after(-1); swarm !== -1; swarm = this.#swarms.after(swarm)) {
      if (!allowed.has(this.#swarms.infoHashOf(swarm))) this.#dropSwarm(swarm);
    }
  }

  /** Looks at up to `peersMax` peers, going round and round the table, and removes those that are silent too long. */
  sweep(nowMs: number, peersMax: number): void {
    this.#sweep.step(Math.floor(nowMs / 1000) - this.#expirySeconds, peersMax, (swarm) => this.#dropIfEmpty(swarm));
  }

  /** Walks over all swarms: for a person who asks, not for every request. */
  stats(): TableStats {
    let seeds = 0;
    for (let swarm = this.#swarms.after(-1); swarm !== -1; swarm = this.#swarms.after(swarm)) {
      seeds += this.#countsOf(swarm).complete;
    }
    const peerBytes = this.#ipv4.usedBytes + this.#ipv6.usedBytes;
    return { swarms: this.#swarms.size, peers: this.#peers, seeds, peerBytes };
  }

  #find(asked: TableAnnounce): number {
    if (asked.readInfoHash === undefined) return this.#swarms.find(asked.infoHash);
    asked.readInfoHash(this.#infoHash);
    return this.#swarms.find(this.#infoHash);
  }

  #refusal(infoHash: InfoHash): TableAnswer | null {
    const reason = this.#withdrawn.size === 0 ? undefined : this.#withdrawn.get(infoHash);
    if (reason !== undefined) return { kind: "refused", reason: "withdrawn", message: reason };
    if (this.#allowed === null || this.#allowed.has(infoHash)) return null;
    return { kind: "refused", reason: "not-allowed", message: "This tracker does not serve this torrent." };
  }

  #countsOf(swarm: number): ScrapeEntry {
    const incomplete = this.#ipv4.leechersOf(swarm) + this.#ipv6.leechersOf(swarm);
    return { complete: this.#count(swarm) - incomplete, downloaded: this.#swarms.downloaded(swarm), incomplete };
  }

  #count(swarm: number): number {
    return this.#ipv4.countOf(swarm) + this.#ipv6.countOf(swarm);
  }

  /** The asker's slot after its announce; `stoppedSlot` where it left, `unlisted` where a limit kept it out. */
  #enter(swarm: number, peers: PeerSets, source: SourceAddress, asked: TableAnnounce, seconds: number): number {
    let slot = peers.find(source, asked.port);
    if (asked.event === "stopped") {
      if (slot !== -1) this.#removePeer(swarm, peers, slot);
      return stoppedSlot;
    }
    const isSeed = asked.left === 0;
    if (slot === -1) {
      if (!this.#hasRoom(swarm, source)) return unlisted;
      slot = peers.add(source, asked.port, isSeed, seconds);
      this.#peers++;
      this.#quota.add(source, this.#swarms.salt(swarm));
      this.#quota.add(source, 0);
    } else {
      slot = peers.update(slot, isSeed, seconds);
    }
    if (asked.event === "completed" && peers.markCompleted(slot)) {
      this.#swarms.countDownload(swarm);
      this.onCompleted?.(asked.infoHash, peers.keyOf(slot));
    }
    return slot;
  }

  #hasRoom(swarm: number, source: SourceAddress): boolean {
    const limits = this.#limits;
    return (
      this.#peers < limits.peersMax &&
      this.#count(swarm) < limits.peersPerSwarmMax &&
      this.#quota.count(source, this.#swarms.salt(swarm)) < limits.peersPerAddressPerSwarmMax &&
      this.#quota.count(source, 0) < limits.peersPerAddressMax
    );
  }

  #writePeers(
    peers: PeerSets,
    slot: number,
    leechersOnly: boolean,
    wanted: number,
    seconds: number,
    target: DataView,
    position: number,
  ): number {
    if (wanted === 0) return position;
    const drawn = this.#sample.draw(leechersOnly ? peers.leechers : peers.count, slot, wanted);
    return peers.writeCompact(this.#sample.slots, drawn, seconds - this.#expirySeconds, target, position);
  }

  #expireSmall(swarm: number, seconds: number): void {
    if (this.#count(swarm) > TRACKER_SWEEP_AT_ONCE_PEERS_MAX || !this.#swarms.markSwept(swarm, seconds)) return;
    this.#sweep.whole(swarm, seconds - this.#expirySeconds);
  }

  /** `peers` are aimed at the swarm. */
  #removePeer(swarm: number, peers: PeerSets, slot: number): void {
    peers.readAddress(slot, this.#leaving);
    this.#quota.remove(this.#leaving, this.#swarms.salt(swarm));
    this.#quota.remove(this.#leaving, 0);
    peers.remove(slot);
    this.#peers--;
  }

  #dropSwarm(swarm: number): void {
    if (swarm === -1) return;
    for (const peers of [this.#ipv4, this.#ipv6]) {
      peers.aim(swarm);
      while (peers.count > 0) this.#removePeer(swarm, peers, peers.count - 1);
    }
    this.#swarms.remove(swarm);
  }

  /** An allow-list bounds the swarms, so that their counts of downloads can be kept; elsewhere an empty one goes. */
  #dropIfEmpty(swarm: number): void {
    if (this.#count(swarm) === 0 && this.#allowed === null && this.#swarms.has(swarm)) this.#swarms.remove(swarm);
  }
}

const stoppedSlot = -1;
const unlisted = -2;

function answer(complete: number, incomplete: number, downloaded: number, end: number, listed: boolean): TableAnswer {
  return { kind: "answer", complete, incomplete, downloaded, end, listed };
}
