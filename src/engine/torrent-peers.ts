// The peers of one torrent: whom to connect to, whom to let in, and the connections that stand. Invariant: at most one
// connection to a peer (by its peer id), at most CONNECTIONS_PER_TORRENT_MAX in all, none to ourselves or to the banned.

import type { Clock, Endpoint, InfoHash, Log, PeerId, Random } from "../core/index.ts";
import { addressScope, CONNECTIONS_PER_TORRENT_MAX, endpointOf, formatEndpoint } from "../core/index.ts";
import type { RateLimitChain } from "../net/index.ts";
import type { ByteSource } from "../swarm/index.ts";
import type { Door } from "./doors.ts";
import type { ConnectionOwner, PeerConnection, PeerMessages } from "./peer-connection.ts";
import { PeerList } from "./peer-list.ts";
import { PeerSession } from "./peer-session.ts";
import type { ActiveTorrent, SessionHost } from "./peer-session.ts";

export interface TorrentPeersDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly ourPeerId: PeerId;
  readonly downloadLimits: RateLimitChain;
  readonly host: SessionHost;
  readonly doors: () => readonly Door[];
  readonly active: () => ActiveTorrent | null;
  /** Connects out if the session has room for one more attempt; null where it has none. */
  readonly connect: (owner: ConnectionOwner, endpoint: Endpoint, door: Door) => PeerConnection | null;
  readonly onGone: (session: PeerSession) => void;
}

export class TorrentPeers implements ConnectionOwner {
  readonly list: PeerList;
  readonly sessions: Set<PeerSession> = new Set<PeerSession>();
  /** When the first peer was connected; null before. */
  firstConnectedAt: number | null = null;
  readonly #deps: TorrentPeersDeps;
  readonly #byConnection = new Map<PeerConnection, PeerSession | null>();
  #isClosed = false;

  constructor(deps: TorrentPeersDeps) {
    this.#deps = deps;
    this.list = new PeerList(deps.random);
  }

  get downloadLimits(): RateLimitChain {
    return this.#deps.downloadLimits;
  }

  /** Endpoints that a tracker, a peer or a person named. `infoHash`: the door they were found at. */
  found(endpoints: Iterable<Endpoint>, infoHash: InfoHash): void {
    for (const endpoint of endpoints) this.list.add(endpoint, infoHash);
    this.connectMore();
  }

  /** An inbound connection named one of our doors. False to refuse it. */
  admit(connection: PeerConnection): boolean {
    if (this.#isClosed || this.list.isBanned(connection.remote)) return false;
    if (this.#byConnection.size >= CONNECTIONS_PER_TORRENT_MAX) return false;
    this.#byConnection.set(connection, null);
    return true;
  }

  connectMore(): void {
    const { clock, connect } = this.#deps;
    while (!this.#isClosed && this.#byConnection.size < CONNECTIONS_PER_TORRENT_MAX) {
      const candidate = this.list.take(clock.now());
      if (candidate === null) return;
      const door = this.#doorOf(candidate.infoHash) ?? this.#deps.doors()[0];
      const connection = door === undefined ? null : connect(this, candidate.endpoint, door);
      if (connection === null) {
        this.list.ended(candidate.endpoint, true, clock.now());
        return;
      }
      this.#byConnection.set(connection, null);
    }
  }

  /** Closes the connection and keeps the peer out. On loopback many peers share an address, so only the endpoint is banned. */
  ban(session: PeerSession, reason: string): void {
    const { remote, listenEndpoint } = session.connection;
    const wholeAddress = addressScope(remote.address) !== "loopback";
    this.list.ban(listenEndpoint ?? remote, wholeAddress);
    this.list.ban(remote, wholeAddress);
    this.#deps.log.write("warn", "peer.banned", { peer: formatEndpoint(remote), reason });
    session.connection.close(reason);
  }

  tick(now: number): void {
    for (const connection of this.#byConnection.keys()) connection.tick(now);
    this.connectMore();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#byConnection.keys()) connection.close("The torrent was stopped.");
  }

  // ConnectionOwner

  opened(connection: PeerConnection): PeerMessages | null {
    const { ourPeerId, host, active, clock } = this.#deps;
    if (this.#isClosed || connection.infoHash === null || this.#doorOf(connection.infoHash) === undefined) return null;
    if (connection.remotePeerId === ourPeerId) {
      if (connection.listenEndpoint !== null) this.list.forget(connection.listenEndpoint);
      return null;
    }
    if (!this.#winsOverTwin(connection)) return null;
    const session = new PeerSession(host, connection, sourceOf(connection));
    this.#byConnection.set(connection, session);
    this.sessions.add(session);
    this.firstConnectedAt ??= clock.now();
    this.#deps.log.write("debug", "peer.connected", { peer: formatEndpoint(connection.remote) });
    session.start(active());
    return session;
  }

  ended(connection: PeerConnection, reason: string): void {
    const session = this.#byConnection.get(connection) ?? null;
    this.#byConnection.delete(connection);
    const now = this.#deps.clock.now();
    if (connection.listenEndpoint !== null) this.list.ended(connection.listenEndpoint, session !== null, now);
    this.#deps.log.write("debug", "peer.closed", { peer: formatEndpoint(connection.remote), reason });
    if (session === null) return;
    this.sessions.delete(session);
    session.close();
    this.#deps.onGone(session);
  }

  /** The extension handshake of an inbound peer told where it listens: do not connect there as well. */
  listensAt(session: PeerSession, port: number): void {
    const { connection } = session;
    const endpoint = endpointOf(connection.remote.address, port);
    if (endpoint === null || !connection.isInbound || connection.infoHash === null) return;
    connection.listenEndpoint = endpoint;
    this.list.occupy(endpoint, connection.infoHash);
  }

  /**
   * Two peers that connect to each other at once have two connections. Both keep the one that the peer with the greater
   * id began, so that they do not close one each.
   */
  #winsOverTwin(connection: PeerConnection): boolean {
    for (const session of this.sessions) {
      const other = session.connection;
      if (other.remotePeerId !== connection.remotePeerId) continue;
      if (other.isInbound === connection.isInbound) return false;
      const theyBegan = connection.isInbound;
      const theirsIsGreater = (connection.remotePeerId ?? "") > this.#deps.ourPeerId;
      if (theyBegan !== theirsIsGreater) return false;
      other.close("The peer is connected twice.");
      return true;
    }
    return true;
  }

  #doorOf(infoHash: InfoHash): Door | undefined {
    return this.#deps.doors().find((door) => door.infoHash === infoHash);
  }
}

/** Cheap neighbours (the same /24, /64 or machine) are counted apart from the rest. */
function sourceOf(connection: PeerConnection): ByteSource {
  const remote = connection.remote.address;
  if (addressScope(remote) === "loopback") return "sitePeers";
  const local = endpointOf(connection.localAddress ?? "", 0)?.address ?? "";
  return sitePrefix(local) === sitePrefix(remote) ? "sitePeers" : "otherPeers";
}

function sitePrefix(address: string): string {
  if (!address.includes(":")) return address.split(".").slice(0, 3).join(".");
  const [head = ""] = address.split("::");
  const groups = head.split(":");
  return [...groups, "0", "0", "0", "0"].slice(0, 4).join(":");
}
