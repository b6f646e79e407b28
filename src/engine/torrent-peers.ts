// The peers of one torrent: whom to connect to, whom to let in, and the connections that stand. Invariant: at most one
// connection to a peer (by its peer id), CONNECTIONS_SOUGHT by our own doing and CONNECTIONS_PER_TORRENT_MAX in all, none
// to ourselves or to the banned.

import type { Endpoint, InfoHash } from "../core/index.ts";
import {
  addressScope,
  CodedError,
  CONNECTIONS_PER_TORRENT_MAX,
  CONNECTIONS_SOUGHT,
  DESCRIPTOR_SHORTAGE_MS,
  endpointOf,
  formatEndpoint,
  messageOf,
  PATH_SILENT_MS,
  STALE_CONNECTION_MS,
  WAITING_KEEP_ALIVE_MS,
} from "../core/index.ts";
import { systemResolve } from "../net/index.ts";
import type { RateLimitChain } from "../net/index.ts";
import type { DisconnectReason, SwarmPeer } from "../swarm/index.ts";
import { whoGivesWay } from "./connection-room.ts";
import { answerOf } from "./doors.ts";
import type { Door } from "./doors.ts";
import { LostPaths, webSeedsHeardAt } from "./lost-path.ts";
import type { ConnectionOwner, PeerMessages } from "./peer-connection-deps.ts";
import type { PeerConnection } from "./peer-connection.ts";
import { PeerList } from "./peer-list.ts";
import type { Candidate, Ending } from "./peer-list.ts";
import { PeerSession } from "./peer-session.ts";
import type { ActiveTorrent } from "./peer-session.ts";
import type { SessionHost } from "./session-host.ts";
import type { SessionParts } from "./session-parts.ts";

export interface TorrentPeersDeps {
  readonly parts: Pick<SessionParts, "clock" | "random" | "log" | "peerId" | "connect">;
  readonly downloadLimits: RateLimitChain;
  readonly host: SessionHost;
  readonly doors: () => readonly Door[];
  readonly active: () => ActiveTorrent | null;
  readonly onGone: (session: PeerSession) => void;
}

export class TorrentPeers implements ConnectionOwner {
  readonly list: PeerList;
  readonly sessions: Set<PeerSession> = new Set<PeerSession>();
  /** When the first peer was connected; null before. */
  firstConnectedAt: number | null = null;
  readonly #deps: TorrentPeersDeps;
  readonly #byConnection = new Map<PeerConnection, PeerSession | null>();
  readonly #lostPaths = new LostPaths();
  #isClosed = false;
  #isFullUntil = -Infinity;

  constructor(deps: TorrentPeersDeps) {
    this.#deps = deps;
    this.list = new PeerList(deps.parts.random);
  }

  get downloadLimits(): RateLimitChain {
    return this.#deps.downloadLimits;
  }

  /** Endpoints that a tracker, a peer or a person named. `infoHash`: the door they were found at; null: try them all. */
  found(endpoints: Iterable<Endpoint>, infoHash: InfoHash | null): void {
    for (const endpoint of endpoints) this.list.add(endpoint, infoHash);
    this.connectMore();
  }

  /** A peer that a magnet link names. One without an address is no loss. */
  async foundByName(host: string, port: number): Promise<void> {
    const addresses = await systemResolve(host).catch(() => []);
    const endpoints = addresses.map((address) => endpointOf(address, port));
    this.found(
      endpoints.filter((endpoint) => endpoint !== null),
      null,
    );
  }

  /** An inbound connection named one of our doors. False to refuse it. */
  admit(connection: PeerConnection): boolean {
    if (this.#isClosed || this.#isFull || this.list.isBanned(connection.remote)) return false;
    if (this.#byConnection.size >= CONNECTIONS_PER_TORRENT_MAX) {
      const leaving = whoGivesWay(this.#byConnection.keys(), connection.network, this.#deps.parts.clock.now());
      if (leaving === null) return false;
      leaving.close("Its place is given to another peer.");
    }
    this.#byConnection.set(connection, null);
    return true;
  }

  connectMore(): void {
    const { clock, connect } = this.#deps.parts;
    while (!this.#isClosed && !this.#isFull && this.#byConnection.size < CONNECTIONS_SOUGHT) {
      const candidate = this.list.take(clock.now());
      if (candidate === null) return;
      const door = this.#doorFor(candidate);
      const connection = door === undefined ? null : connect(this, candidate.endpoint, door);
      if (connection === null) {
        this.list.putBack(candidate.endpoint, clock.now());
        return;
      }
      this.#byConnection.set(connection, null);
    }
  }

  /** The torrent runs: those who are connected already become peers of its swarm, and learn what we have. */
  activate(active: ActiveTorrent): void {
    for (const session of this.sessions) {
      try {
        session.activate(active);
      } catch (error) {
        // What it said before the piece count was known belongs to no such torrent: it is the peer's fault, and only its.
        if (!(error instanceof CodedError)) throw error;
        session.connection.close(messageOf(error));
        continue;
      }
      if (!active.swarm.isSuperSeeding) session.tellPieces(active.swarm.have);
    }
  }

  /** Closes the connection and keeps the peer out. On loopback many peers share an address, so only the endpoint is banned. */
  ban(session: PeerSession, reason: string): void {
    const { remote, listenEndpoint } = session.connection;
    const wholeAddress = addressScope(remote.address) !== "loopback";
    this.list.ban(listenEndpoint ?? remote, wholeAddress);
    this.list.ban(remote, wholeAddress);
    this.#deps.parts.log.write("warn", "peer.banned", { peer: formatEndpoint(remote), reason });
    session.connection.close(reason);
  }

  /** The swarm wants to be rid of the peer. */
  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    const session = [...this.sessions].find((one) => one.peer === peer);
    if (session === undefined) return;
    if (reason === "bad-data") {
      this.ban(session, "It sent data that failed its hash.");
      return;
    }
    session.isDismissed = true;
    session.connection.close("Both ends have everything.");
  }

  /** We no longer have these pieces. */
  tellDontHave(pieces: readonly number[]): void {
    for (const session of this.sessions) for (const piece of pieces) session.tellDontHave(piece);
  }

  /**
   * Files need the descriptors that connections have: half of them close, those that gave least first, and for a while there
   * are no more. False where there is none to spare.
   */
  makeRoom(now: number): boolean {
    this.#isFullUntil = now + DESCRIPTOR_SHORTAGE_MS;
    const open = [...this.sessions].toSorted((a, b) => receivedFrom(a) - receivedFrom(b));
    const spare = open.slice(0, Math.floor(open.length / 2));
    for (const { connection } of spare) connection.close("There are too few file descriptors.");
    return spare.length > 0;
  }

  tick(now: number): void {
    for (const connection of this.#byConnection.keys()) connection.tick(now);
    this.#lookAtPaths(now);
    this.connectMore();
  }

  #lookAtPaths(now: number): void {
    const swarm = this.#deps.active()?.swarm;
    for (const { connection, peer } of this.sessions) {
      if ((peer?.uploads.length ?? 0) > 0) connection.keepAlive(now, WAITING_KEEP_ALIVE_MS);
    }
    if (swarm === undefined || swarm.isComplete) return;
    for (const session of this.#lostPaths.find(this.sessions, webSeedsHeardAt(swarm.peers), now)) {
      session.isLost = true;
      session.connection.close("Nothing comes by it any more.");
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#byConnection.keys()) connection.close("The torrent was stopped.");
  }

  // ConnectionOwner

  answerTo(infoHash: InfoHash, speaksV2: boolean): InfoHash {
    return answerOf(this.#deps.doors(), infoHash, speaksV2);
  }

  opened(connection: PeerConnection): PeerMessages | null {
    const { parts, host, active } = this.#deps;
    if (this.#isClosed || connection.infoHash === null || this.#doorOf(connection.infoHash) === undefined) return null;
    if (connection.remotePeerId === parts.peerId) {
      if (connection.listenEndpoint !== null) this.list.markOurs(connection.listenEndpoint);
      return null;
    }
    if (!this.#winsOverTwin(connection)) return null;
    const session = new PeerSession(host, connection);
    this.#byConnection.set(connection, session);
    this.sessions.add(session);
    this.firstConnectedAt ??= parts.clock.now();
    this.#deps.parts.log.write("debug", "peer.connected", { peer: formatEndpoint(connection.remote) });
    session.start(active());
    return session;
  }

  ended(connection: PeerConnection, reason: string): void {
    const session = this.#byConnection.get(connection) ?? null;
    this.#byConnection.delete(connection);
    session?.close();
    const wasGood = session !== null && (session.wasUseful || session.isLost);
    const ending = session?.isDismissed === true ? "complete" : wasGood ? "useful" : "failed";
    if (session !== null) this.sessions.delete(session);
    this.#free(connection, ending);
    this.#deps.parts.log.write("debug", "peer.closed", { peer: formatEndpoint(connection.remote), reason });
    if (session !== null) this.#deps.onGone(session);
  }

  /** The extension handshake of an inbound peer told where it listens: do not connect there as well. */
  listensAt(session: PeerSession, port: number): void {
    const { connection } = session;
    const endpoint = endpointOf(connection.remote.address, port);
    if (endpoint === null || !connection.isInbound || connection.infoHash === null) return;
    connection.listenEndpoint = endpoint;
    if (this.list.isBanned(endpoint)) connection.close("The peer is banned.");
    else this.list.occupy(endpoint, connection.infoHash);
  }

  /** Not closed connections count, but descriptors: see makeRoom. Whoever is alone connects all the same. */
  get #isFull(): boolean {
    return this.#deps.parts.clock.now() < this.#isFullUntil && this.#byConnection.size > 0;
  }

  /** Where the peer listens may be tried again, unless it is connected by another way. */
  #free({ listenEndpoint, infoHash }: PeerConnection, ending: Ending): void {
    if (listenEndpoint === null) return;
    const key = formatEndpoint(listenEndpoint);
    for (const { connection } of this.sessions) {
      if (connection.isOpen && connection.listenEndpoint !== null && formatEndpoint(connection.listenEndpoint) === key)
        return;
    }
    const now = this.#deps.parts.clock.now();
    const hasNobody = [...this.sessions].every((session) => session.connection.silentMs(now) > PATH_SILENT_MS);
    const isAlone = hasNobody && this.#deps.active()?.swarm.isComplete !== true;
    this.list.ended(listenEndpoint, ending, now, infoHash, isAlone);
  }

  /**
   * Two peers that connect to each other at once have two connections. Both keep the one that the peer with the greater
   * id began, so that they do not close one each. A connection that has been silent for long gives way in any case: the
   * peer has come back from sleep or another network, and the old one is dead.
   */
  #winsOverTwin(connection: PeerConnection): boolean {
    for (const session of this.sessions) {
      const other = session.connection;
      if (other.remotePeerId !== connection.remotePeerId) continue;
      const isStale = other.silentMs(this.#deps.parts.clock.now()) > STALE_CONNECTION_MS;
      if (other.isInbound === connection.isInbound && !isStale) return false;
      const theyBegan = connection.isInbound;
      const theirsIsGreater = (connection.remotePeerId ?? "") > this.#deps.parts.peerId;
      if (theyBegan !== theirsIsGreater && !isStale) return false;
      other.close("The peer is connected twice.");
      return true;
    }
    return true;
  }

  /** An endpoint of which nobody said how it was found is tried at one door after the other. */
  #doorFor({ infoHash, failures }: Candidate): Door | undefined {
    const doors = this.#deps.doors();
    return (infoHash === null ? undefined : this.#doorOf(infoHash)) ?? doors[failures % Math.max(1, doors.length)];
  }

  #doorOf(infoHash: InfoHash): Door | undefined {
    return this.#deps.doors().find((door) => door.infoHash === infoHash);
  }
}

function receivedFrom({ peer }: PeerSession): number {
  return peer?.downRate.total ?? 0;
}
