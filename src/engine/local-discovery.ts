// Local discovery (BEP 14): says on the machine's own networks which torrents it has, and hears who else has them.
// Invariants: private torrents, and those of which nobody knows yet whether they are private (a magnet link without its
// metadata), are neither told nor found (BEP 27); at most one datagram a family and minute leaves; what is heard means
// no more than "there may be a peer at this source address and port", so a forged datagram gains one connection attempt
// to an address of this network, and those are counted.

import { randomBytes } from "node:crypto";
import { encodeLocalAnnounce, LOCAL_GROUPS, LOCAL_PORT, parseLocalAnnounce } from "../announce/index.ts";
import type { Clock, Endpoint, InfoHash, Log } from "../core/index.ts";
import {
  addressScope,
  endpointOf,
  isSameSite,
  LOCAL_ANNOUNCE_GAP_MS,
  LOCAL_ANNOUNCE_HASHES_MAX,
  LOCAL_ANNOUNCE_INTERVAL_MS,
  LOCAL_ANNOUNCES_HEARD_PER_MINUTE,
  messageOf,
} from "../core/index.ts";
import { localNetworks, MulticastGroup } from "../net/index.ts";
import type { LocalNetworks } from "../net/index.ts";

/** What local discovery may speak of; see Torrent. */
export interface LocalTorrent {
  /** Empty where the torrent is private or its metadata is not known. */
  readonly localInfoHashes: readonly InfoHash[];
  foundLocally(endpoint: Endpoint, infoHash: InfoHash): void;
}

export interface LocalDiscoveryDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Where peers reach us. */
  readonly listen: Endpoint;
  readonly torrents: () => Iterable<LocalTorrent>;
  /** Another port than BEP 14's, for tests. */
  readonly port?: number;
  /** Others than the machine's own, for tests. */
  readonly networks?: LocalNetworks;
}

const FAMILIES = ["ipv4", "ipv6"] as const;
const MINUTE_MS = 60_000;

export class LocalDiscovery implements AsyncDisposable {
  readonly #deps: LocalDiscoveryDeps;
  readonly #networks: LocalNetworks;
  readonly #cookie = randomBytes(8).toString("hex");
  readonly #groups = new Map<(typeof FAMILIES)[number], MulticastGroup>();
  readonly #announcedAt = new Map<InfoHash, number>();
  #sentAt = -Infinity;
  #minuteBegan = -Infinity;
  #heardCount = 0;

  private constructor(deps: LocalDiscoveryDeps) {
    this.#deps = deps;
    this.#networks = deps.networks ?? localNetworks(deps.listen.address);
  }

  /** A network without multicast is no reason to fail: it then finds nobody. */
  static async open(deps: LocalDiscoveryDeps): Promise<LocalDiscovery> {
    const discovery = new LocalDiscovery(deps);
    for (const family of FAMILIES) await discovery.#join(family);
    return discovery;
  }

  /** Announces what is due. */
  tick(now: number): void {
    if (this.#groups.size === 0 || now - this.#sentAt < LOCAL_ANNOUNCE_GAP_MS) return;
    const known = new Set([...this.#deps.torrents()].flatMap(({ localInfoHashes }) => localInfoHashes));
    for (const infoHash of this.#announcedAt.keys()) if (!known.has(infoHash)) this.#announcedAt.delete(infoHash);
    const announcedAt = (infoHash: InfoHash): number => this.#announcedAt.get(infoHash) ?? -Infinity;
    const due = [...known]
      .filter((infoHash) => now - announcedAt(infoHash) >= LOCAL_ANNOUNCE_INTERVAL_MS)
      .sort((a, b) => announcedAt(a) - announcedAt(b))
      .slice(0, LOCAL_ANNOUNCE_HASHES_MAX);
    if (due.length === 0) return;
    this.#sentAt = now;
    for (const infoHash of due) this.#announcedAt.set(infoHash, now);
    const announce = { port: this.#deps.listen.port, infoHashes: due, cookie: this.#cookie };
    for (const [family, group] of this.#groups) group.send(encodeLocalAnnounce(family, announce));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group[Symbol.asyncDispose]()));
    this.#groups.clear();
  }

  async #join(family: (typeof FAMILIES)[number]): Promise<void> {
    const interfaces = this.#networks[family];
    if (interfaces.length === 0) return;
    const { log, port = LOCAL_PORT } = this.#deps;
    const onDatagram = (bytes: Buffer, from: string): void => this.#heard(bytes, from);
    try {
      this.#groups.set(
        family,
        await MulticastGroup.open({ group: LOCAL_GROUPS[family], port, interfaces, onDatagram }),
      );
    } catch (error) {
      log.write("info", "local-discovery.off", { family, reason: messageOf(error) });
    }
  }

  #heard(bytes: Buffer, from: string): void {
    if (!this.#mayHeed(this.#deps.clock.now())) return;
    const announce = parseLocalAnnounce(bytes);
    // Link-local IPv6 addresses need an interface to be reached by, which an endpoint has not.
    if (announce === null || announce.cookie === this.#cookie || from.startsWith("fe80:")) return;
    const endpoint = endpointOf(from, announce.port);
    if (endpoint === null || !this.#isNear(endpoint.address)) return;
    for (const torrent of this.#deps.torrents()) {
      const infoHash = torrent.localInfoHashes.find((known) => announce.infoHashes.includes(known));
      if (infoHash !== undefined) torrent.foundLocally(endpoint, infoHash);
    }
  }

  /** A datagram with a forged source must not send us to a stranger. */
  #isNear(address: string): boolean {
    const there = { site: null, address };
    return (
      addressScope(address) !== "global" ||
      this.#networks.addresses.some((ours) => isSameSite({ site: null, address: ours }, there))
    );
  }

  #mayHeed(now: number): boolean {
    if (now - this.#minuteBegan >= MINUTE_MS) {
      this.#minuteBegan = now;
      this.#heardCount = 0;
    }
    return ++this.#heardCount <= LOCAL_ANNOUNCES_HEARD_PER_MINUTE;
  }
}
