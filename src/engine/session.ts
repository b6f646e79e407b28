// The public door of the engine: one listening port, one peer id, shared memory, threads and rate limits, any number of
// torrents. Invariant: after dispose nothing of it is left, neither a socket nor a timer, thread, lock or buffer.

import type { Endpoint, InfoHash } from "../core/index.ts";
import {
  CONNECTING_MAX,
  CONNECTIONS_MAX,
  HANDSHAKING_MAX,
  HANDSHAKING_PER_ADDRESS_MAX,
  TICK_MS,
} from "../core/index.ts";
import { TcpConnection, TcpListener } from "../net/index.ts";
import { whoGivesWay } from "./connection-room.ts";
import type { Door } from "./doors.ts";
import { EngineError } from "./engine-error.ts";
import { LocalDiscovery } from "./local-discovery.ts";
import type { SessionOptions, TorrentOptions } from "./options.ts";
import { PeerConnection } from "./peer-connection.ts";
import type { PeerConnectionDeps } from "./peer-connection-deps.ts";
import type { ConnectionOwner } from "./peer-connection-deps.ts";
import { createSessionParts } from "./session-parts.ts";
import type { SessionParts } from "./session-parts.ts";
import { Torrent } from "./torrent.ts";

/**
 * A BitTorrent engine in this process. It keeps the process alive until it is disposed:
 * `await using session = await Session.open(…)`.
 */
export class Session implements AsyncDisposable {
  readonly #parts: SessionParts;
  readonly #listener: TcpListener;
  /** The threads were lent to us: whoever made them ends them. */
  readonly #isBorrowing: boolean;
  readonly #torrents = new Set<Torrent>();
  readonly #connections = new Set<PeerConnection>();
  /** Inbound connections that have not named a torrent yet, and outbound ones that are not open yet. */
  readonly #handshaking = new Set<PeerConnection>();
  readonly #connecting = new Set<PeerConnection>();
  readonly #connectionDeps: PeerConnectionDeps;
  readonly #timer: NodeJS.Timeout;
  #discovery: LocalDiscovery | null = null;
  #disposed: Promise<void> | null = null;

  private constructor(listener: TcpListener, options: SessionOptions) {
    this.#listener = listener;
    this.#isBorrowing = options.workers !== undefined;
    this.#parts = createSessionParts(options, {
      listen: listener.endpoint,
      connect: (owner, endpoint, door) => this.#connect(owner, endpoint, door),
    });
    const { clock, peerId } = this.#parts;
    this.#connectionDeps = {
      clock,
      peerId,
      identify: (connection, infoHash) => this.#identify(connection, infoHash),
      opened: (connection) => this.#connecting.delete(connection),
      ended: (connection) => {
        for (const set of [this.#connections, this.#handshaking, this.#connecting]) set.delete(connection);
      },
    };
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * Listens and is ready for torrents.
   * @throws NetError `net.listen` where the address cannot be had; RangeError for a rate that is none
   */
  static async open(options: SessionOptions = {}): Promise<Session> {
    const pending: TcpConnection[] = [];
    let accept = (connection: TcpConnection): void => void pending.push(connection);
    const listener = await TcpListener.open(options.listen ?? { port: 0 }, (connection) => accept(connection));
    try {
      const session = new Session(listener, options);
      accept = (connection) => session.#accept(connection);
      for (const connection of pending) accept(connection);
      if (options.localDiscovery === true) session.#discovery = await session.#discover();
      return session;
    } catch (error) {
      for (const connection of pending) connection.close();
      await listener[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where peers reach this session. The port is the real one where 0 was asked for. */
  get listen(): Endpoint {
    return this.#parts.listen;
  }

  /** Those that run. A torrent that failed or was stopped is no longer among them. */
  get torrents(): ReadonlySet<Torrent> {
    return this.#torrents;
  }

  /** Memory that pieces in flight and in the upload cache hold now, in bytes: 0 once every torrent was stopped. */
  get bufferBytes(): number {
    return this.#parts.pool.usedBytes;
  }

  /**
   * Adds a torrent and starts it. Returns at once; `torrent.ready` and `torrent.completed` tell how it goes.
   * @throws EngineError `engine.duplicate` where one of its info-hashes is here already; `engine.closed` after dispose;
   *   RangeError for a rate that is none
   */
  add(options: TorrentOptions): Torrent {
    if (this.#disposed !== null) throw new EngineError("engine.closed", "The session is closed.");
    const torrent = new Torrent(this.#parts, options, () => this.#torrents.delete(torrent));
    for (const other of this.#torrents) {
      const door = torrent.doors.find(({ infoHash }) => other.doors.some((one) => one.infoHash === infoHash));
      if (door !== undefined) {
        throw new EngineError("engine.duplicate", `The torrent ${door.infoHash} is in this session already.`);
      }
    }
    this.#torrents.add(torrent);
    torrent.start();
    return torrent;
  }

  /** Over all torrents, in bytes a second; 0 sends nothing, null lifts the limit. @throws RangeError */
  setMaxUploadRate(bytesPerSecond: number | null): void {
    this.#parts.upload.setRate(bytesPerSecond);
    for (const torrent of this.#torrents) torrent.uploadLimitsChanged();
  }

  /** Over all torrents, in bytes a second; 0 receives nothing, null lifts the limit. @throws RangeError */
  setMaxDownloadRate(bytesPerSecond: number | null): void {
    this.#parts.download.setRate(bytesPerSecond);
  }

  /** Stops every torrent (trackers are told), closes every connection, ends the threads. Calls after the first wait for it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    clearInterval(this.#timer);
    const { workers, trackers, webSeeds } = this.#parts;
    await this.#discovery?.[Symbol.asyncDispose]();
    const closing = this.#listener[Symbol.asyncDispose]();
    await Promise.all([...this.#torrents].map((torrent) => torrent[Symbol.asyncDispose]()));
    for (const connection of this.#connections) connection.close("The session was closed.");
    await closing;
    if (!this.#isBorrowing) await workers[Symbol.asyncDispose]();
    await trackers[Symbol.asyncDispose]();
    await webSeeds[Symbol.asyncDispose]();
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    for (const torrent of this.#torrents) torrent.tick(now);
    this.#discovery?.tick(now);
  }

  #discover(): Promise<LocalDiscovery> {
    const { clock, log, listen } = this.#parts;
    return LocalDiscovery.open({ clock, log, listen, torrents: () => this.#torrents });
  }

  #accept(tcp: TcpConnection): void {
    const { address } = tcp.remote;
    const fromThere = [...this.#handshaking].filter(({ remote }) => remote.address === address).length;
    const connection = new PeerConnection(this.#connectionDeps, tcp.remote, null);
    const isRefused = this.#disposed !== null || fromThere >= HANDSHAKING_PER_ADDRESS_MAX;
    if (isRefused || !this.#makeRoom(connection.network)) {
      tcp.close();
      return;
    }
    this.#connections.add(connection);
    this.#handshaking.add(connection);
    tcp.start(connection);
  }

  /** False where one more from this network is to be turned away. */
  #makeRoom(network: string): boolean {
    for (const [places, placesMax] of [
      [this.#handshaking, HANDSHAKING_MAX],
      [this.#connections, CONNECTIONS_MAX],
    ] as const) {
      if (places.size < placesMax) continue;
      const leaving = whoGivesWay(places, network, this.#parts.clock.now());
      if (leaving === null) return false;
      leaving.close("Its place is given to another peer.");
    }
    return true;
  }

  #connect(owner: ConnectionOwner, endpoint: Endpoint, door: Door): PeerConnection | null {
    if (this.#connecting.size >= CONNECTING_MAX || this.#connections.size >= CONNECTIONS_MAX) return null;
    const { infoHash, offersV2 } = door;
    const connection = new PeerConnection(this.#connectionDeps, endpoint, { owner, infoHash, offersV2 });
    this.#connections.add(connection);
    this.#connecting.add(connection);
    connection.attach(TcpConnection.connect(endpoint, connection));
    return connection;
  }

  #identify(connection: PeerConnection, infoHash: InfoHash): ConnectionOwner | null {
    this.#handshaking.delete(connection);
    for (const torrent of this.#torrents) {
      if (torrent.doors.some((door) => door.infoHash === infoHash)) return torrent.admit(connection);
    }
    return null;
  }
}
