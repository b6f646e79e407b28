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
import { PeerSet } from "./peer-set.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";
import { RecordSlabs, Swarm } from "./swarm.ts";
import { Sweep } from "./sweep.ts";

/** What the table needs of an announce; the source address comes apart, as it is not the announcer's to say. */
export interface TableAnnounce {
  readonly infoHash: InfoHash;
  readonly port: number;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly numWant: number | null;
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
  /** Bytes of the peers' records and indexes, without the fixed tables and the swarms' own objects. */
  readonly peerBytes: number;
}

export class SwarmTable {
  readonly #limits: TrackerLimits;
  readonly #expirySeconds: number;
  readonly #random: Random;
  readonly #hash: SipHash;
  readonly #swarms = new Map<InfoHash, Swarm>();
  readonly #withdrawn = new Map<InfoHash, string>();
  readonly #slabs = new RecordSlabs();
  readonly #quota = new AddressQuota();
  readonly #sample: PeerSample;
  readonly #sweep: Sweep;
  readonly #leaving: SourceAddress;
  #allowed: ReadonlySet<InfoHash> | null = null;
  #peers = 0;

  constructor(deps: { readonly random: Random }, limits: TrackerLimits, expirySeconds: number) {
    this.#limits = limits;
    this.#expirySeconds = expirySeconds;
    this.#random = deps.random;
    this.#hash = new SipHash(deps.random.bytes(16));
    // Whom it draws is no secret, and 50 numbers an announce from the kernel's generator are a tenth of its cost.
    this.#sample = new PeerSample(seededRandom(deps.random.int(2 ** 32)), TRACKER_PEERS_PER_REPLY_MAX);
    this.#leaving = this.createAddress();
    this.#sweep = new Sweep(this.#swarms, (swarm, set, slot) => this.#removePeer(swarm, set, slot));
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
    target: Buffer,
    position: number,
    peersMax: number,
  ): TableAnswer {
    const refused = this.#refusal(asked.infoHash);
    if (refused !== null) return refused;
    const seconds = Math.floor(nowMs / 1000);
    let swarm = this.#swarms.get(asked.infoHash);
    if (swarm === undefined) {
      if (asked.event === "stopped") return answer(0, 0, 0, position, true);
      if (this.#swarms.size >= this.#limits.swarmsMax) {
        return { kind: "refused", reason: "full", message: "This tracker has as many torrents as it takes." };
      }
      swarm = new Swarm(asked.infoHash, this.#random.int(saltBelow), this.#slabs);
      this.#swarms.set(asked.infoHash, swarm);
    }
    this.#expireSmall(swarm, seconds);
    const set = swarm.setOf(source.family);
    const slot = this.#enter(swarm, set, source, asked, seconds);
    const wanted = asked.event === "stopped" ? 0 : Math.min(asked.numWant ?? TRACKER_PEERS_DEFAULT, peersMax);
    const end = this.#writePeers(set, slot, asked.left === 0, wanted, seconds, target, position);
    const result = answer(swarm.complete, swarm.incomplete, swarm.downloaded, end, slot !== unlisted);
    this.#dropIfEmpty(swarm);
    return result;
  }

  /** The swarm's counts; zeros for one that is unknown, withdrawn or not allowed. */
  scrape(infoHash: InfoHash): ScrapeEntry {
    const swarm = this.#swarms.get(infoHash);
    if (swarm === undefined) return { complete: 0, downloaded: 0, incomplete: 0 };
    return { complete: swarm.complete, downloaded: swarm.downloaded, incomplete: swarm.incomplete };
  }

  /** From now on announces of it fail with the reason, and its peers are told of nobody. */
  withdraw(infoHash: InfoHash, reason: string): void {
    this.#withdrawn.set(infoHash, reason);
    this.#dropSwarm(infoHash);
  }

  /** Undoes `withdraw`. */
  restore(infoHash: InfoHash): void {
    this.#withdrawn.delete(infoHash);
  }

  /** Serves these info-hashes alone; null: all. */
  setAllowed(allowed: ReadonlySet<InfoHash> | null): void {
    this.#allowed = allowed;
    if (allowed === null) return;
    for (const infoHash of this.#swarms.keys()) if (!allowed.has(infoHash)) this.#dropSwarm(infoHash);
  }

  /** Looks at up to `peersMax` peers, going round and round the table, and removes those that are silent too long. */
  sweep(nowMs: number, peersMax: number): void {
    this.#sweep.step(Math.floor(nowMs / 1000) - this.#expirySeconds, peersMax, (swarm) => this.#dropIfEmpty(swarm));
  }

  /** Walks over all swarms: for a person who asks, not for every request. */
  stats(): TableStats {
    let seeds = 0;
    let peerBytes = 0;
    for (const swarm of this.#swarms.values()) {
      seeds += swarm.complete;
      peerBytes += swarm.sizeBytes;
    }
    return { swarms: this.#swarms.size, peers: this.#peers, seeds, peerBytes };
  }

  #refusal(infoHash: InfoHash): TableAnswer | null {
    const reason = this.#withdrawn.size === 0 ? undefined : this.#withdrawn.get(infoHash);
    if (reason !== undefined) return { kind: "refused", reason: "withdrawn", message: reason };
    if (this.#allowed === null || this.#allowed.has(infoHash)) return null;
    return { kind: "refused", reason: "not-allowed", message: "This tracker does not serve this torrent." };
  }

  /** The asker's slot after its announce; `stoppedSlot` where it left, `unlisted` where a limit kept it out. */
  #enter(swarm: Swarm, set: PeerSet, source: SourceAddress, asked: TableAnnounce, seconds: number): number {
    let slot = set.find(source, asked.port);
    if (asked.event === "stopped") {
      if (slot !== -1) this.#removePeer(swarm, set, slot);
      return stoppedSlot;
    }
    const isSeed = asked.left === 0;
    if (slot === -1) {
      if (!this.#hasRoom(swarm, source)) return unlisted;
      slot = set.add(source, asked.port, isSeed, seconds);
      this.#peers++;
      this.#quota.add(source, swarm.salt);
      this.#quota.add(source, 0);
    } else {
      slot = set.update(slot, isSeed, seconds);
    }
    if (asked.event === "completed" && set.markCompleted(slot)) swarm.downloaded++;
    return slot;
  }

  #hasRoom(swarm: Swarm, source: SourceAddress): boolean {
    const limits = this.#limits;
    return (
      this.#peers < limits.peersMax &&
      swarm.count < limits.peersPerSwarmMax &&
      this.#quota.count(source, swarm.salt) < limits.peersPerAddressPerSwarmMax &&
      this.#quota.count(source, 0) < limits.peersPerAddressMax
    );
  }

  #writePeers(
    set: PeerSet,
    slot: number,
    isSeed: boolean,
    wanted: number,
    seconds: number,
    target: Buffer,
    position: number,
  ): number {
    if (wanted === 0) return position;
    const drawn = this.#sample.draw(isSeed ? set.leechers : set.count, slot, wanted);
    return set.writeCompact(this.#sample.slots, drawn, seconds - this.#expirySeconds, target, position);
  }

  #expireSmall(swarm: Swarm, seconds: number): void {
    if (swarm.count > TRACKER_SWEEP_AT_ONCE_PEERS_MAX || swarm.sweptSeconds === seconds) return;
    swarm.sweptSeconds = seconds;
    this.#sweep.whole(swarm, seconds - this.#expirySeconds);
  }

  #removePeer(swarm: Swarm, set: PeerSet, slot: number): void {
    set.readAddress(slot, this.#leaving);
    this.#quota.remove(this.#leaving, swarm.salt);
    this.#quota.remove(this.#leaving, 0);
    set.remove(slot);
    this.#peers--;
  }

  #dropSwarm(infoHash: InfoHash): void {
    const swarm = this.#swarms.get(infoHash);
    if (swarm === undefined) return;
    for (const set of swarm.sets()) while (set.count > 0) this.#removePeer(swarm, set, set.count - 1);
    this.#forget(swarm);
  }

  #forget(swarm: Swarm): void {
    this.#swarms.delete(swarm.infoHash);
    swarm.release();
  }

  /** An allow-list bounds the swarms, so that their counts of downloads can be kept; elsewhere an empty one goes. */
  #dropIfEmpty(swarm: Swarm): void {
    if (swarm.count > 0 || this.#allowed !== null) return;
    if (this.#swarms.get(swarm.infoHash) === swarm) this.#forget(swarm);
  }
}

/** Numbers below this one are no objects of their own. */
const saltBelow = 2 ** 31;
const stoppedSlot = -1;
const unlisted = -2;

function answer(complete: number, incomplete: number, downloaded: number, end: number, listed: boolean): TableAnswer {
  return { kind: "answer", complete, incomplete, downloaded, end, listed };
}
