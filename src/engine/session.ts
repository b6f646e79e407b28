// The public door of the engine: one listening port, one peer id, shared memory, threads and rate limits, any number of
// torrents. `await using session = await Session.open(…)`.

import { randomBytes } from "node:crypto";
import type { Clock, Endpoint, InfoHash, Log, PeerId, Random } from "../core/index.ts";
import {
  BUFFER_BUDGET_BYTES,
  CONNECTING_MAX,
  CONNECTIONS_MAX,
  HANDSHAKING_MAX,
  HANDSHAKING_PER_ADDRESS_MAX,
  parsePeerId,
  silentLog,
  systemClock,
  systemRandom,
  TICK_MS,
} from "../core/index.ts";
import {
  RateLimiter,
  strictUrlPolicy,
  TcpConnection,
  TcpListener,
  TrackerClient,
  WebSeedClient,
} from "../net/index.ts";
import { BufferPool, StorageWorkers } from "../storage/index.ts";
import type { Door } from "./doors.ts";
import { EngineError } from "./engine-error.ts";
import type { SessionOptions, TorrentOptions } from "./options.ts";
import { PeerConnection } from "./peer-connection.ts";
import type { ConnectionOwner } from "./peer-connection.ts";
import { Torrent } from "./torrent.ts";

/** What torrents share. */
export interface SessionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly peerId: PeerId;
  readonly clientName: string;
  readonly listen: Endpoint;
  readonly pool: BufferPool;
  readonly workers: StorageWorkers;
  readonly trackers: TrackerClient;
  readonly webSeeds: WebSeedClient;
  readonly upload: RateLimiter;
  readonly remoteUpload: RateLimiter;
  readonly download: RateLimiter;
  readonly choking: "cooperative" | "reciprocal";
  connect(owner: ConnectionOwner, endpoint: Endpoint, door: Door): PeerConnection | null;
}

/** Azureus style (BEP 20): UP for Upswarm, then the version. */
const PEER_ID_PREFIX = "-UP0100-";

export class Session implements AsyncDisposable {
  readonly #parts: SessionParts;
  readonly #listener: TcpListener;
  readonly #torrents = new Set<Torrent>();
  /** Inbound connections that have not named a torrent yet. */
  readonly #handshaking = new Set<PeerConnection>();
  readonly #connections = new Set<PeerConnection>();
  readonly #timer: NodeJS.Timeout;

  private constructor(listener: TcpListener, options: SessionOptions) {
    this.#listener = listener;
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom;
    const policy = { ...strictUrlPolicy, ...options.urlPolicy };
    this.#parts = {
      clock,
      random,
      log: options.log ?? silentLog,
      peerId: parsePeerId(Buffer.concat([Buffer.from(PEER_ID_PREFIX), randomBytes(12)])),
      clientName: options.clientName ?? "Upswarm",
      listen: listener.endpoint,
      pool: new BufferPool({ budgetBytes: options.bufferBudgetBytes ?? BUFFER_BUDGET_BYTES }),
      workers: new StorageWorkers(options.workerCount === undefined ? {} : { count: options.workerCount }),
      trackers: new TrackerClient({ policy, clock, random }),
      webSeeds: new WebSeedClient({ policy }),
      upload: new RateLimiter(options.maxUploadRate ?? null),
      remoteUpload: new RateLimiter(options.maxRemoteUploadRate ?? null),
      download: new RateLimiter(options.maxDownloadRate ?? null),
      choking: options.choking ?? "cooperative",
      connect: (owner, endpoint, door) => this.#connect(owner, endpoint, door),
    };
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Listens and is ready for torrents. @throws NetError "net.listen" */
  static async open(options: SessionOptions = {}): Promise<Session> {
    const pending: TcpConnection[] = [];
    let accept = (connection: TcpConnection): void => void pending.push(connection);
    const listener = await TcpListener.open(options.listen ?? { port: 0 }, (connection) => accept(connection));
    const session = new Session(listener, options);
    accept = (connection) => session.#accept(connection);
    for (const connection of pending) accept(connection);
    return session;
  }

  /** Where peers reach this session. */
  get listen(): Endpoint {
    return this.#parts.listen;
  }

  get torrents(): ReadonlySet<Torrent> {
    return this.#torrents;
  }

  /**
   * Adds a torrent and starts it. The promise settles at once; `torrent.ready` and `torrent.completed` tell how it goes.
   * @throws EngineError "engine.duplicate" where one of its info-hashes is here already
   */
  add(options: TorrentOptions): Torrent {
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

  setMaxUploadRate(bytesPerSecond: number | null): void {
    this.#parts.upload.setRate(bytesPerSecond);
  }

  setMaxDownloadRate(bytesPerSecond: number | null): void {
    this.#parts.download.setRate(bytesPerSecond);
  }

  /** Stops every torrent (trackers are told), closes every connection, ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const closing = this.#listener[Symbol.asyncDispose]();
    await Promise.all([...this.#torrents].map((torrent) => torrent[Symbol.asyncDispose]()));
    for (const connection of this.#connections) connection.close("The session was closed.");
    await closing;
    await this.#parts.workers[Symbol.asyncDispose]();
    await this.#parts.trackers[Symbol.asyncDispose]();
    await this.#parts.webSeeds[Symbol.asyncDispose]();
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    for (const torrent of this.#torrents) torrent.tick(now);
  }

  #accept(tcp: TcpConnection): void {
    const fromThere = [...this.#handshaking].filter(({ remote }) => remote.address === tcp.remote.address).length;
    const isFull = this.#connections.size >= CONNECTIONS_MAX || this.#handshaking.size >= HANDSHAKING_MAX;
    if (isFull || fromThere >= HANDSHAKING_PER_ADDRESS_MAX) {
      tcp.close();
      return;
    }
    const connection = new PeerConnection(this.#connectionDeps, tcp.remote, null);
    this.#track(connection, tcp, true);
    tcp.start(connection);
  }

  #connect(owner: ConnectionOwner, endpoint: Endpoint, door: Door): PeerConnection | null {
    const connecting = [...this.#connections].filter((one) => !one.isOpen && !one.isInbound).length;
    if (connecting >= CONNECTING_MAX || this.#connections.size >= CONNECTIONS_MAX) return null;
    const offersV2 = door.kind !== "twin";
    const connection = new PeerConnection(this.#connectionDeps, endpoint, {
      owner,
      infoHash: door.infoHash,
      offersV2,
    });
    const tcp = TcpConnection.connect(endpoint, connection);
    this.#track(connection, tcp, false);
    return connection;
  }

  #track(connection: PeerConnection, tcp: TcpConnection, isHandshaking: boolean): void {
    this.#connections.add(connection);
    if (isHandshaking) this.#handshaking.add(connection);
    tcp.onceClosed(() => {
      this.#connections.delete(connection);
      this.#handshaking.delete(connection);
    });
  }

  get #connectionDeps(): ConstructorParameters<typeof PeerConnection>[0] {
    const { clock, peerId } = this.#parts;
    return { clock, peerId, identify: (connection, infoHash) => this.#identify(connection, infoHash) };
  }

  #identify(connection: PeerConnection, infoHash: InfoHash): ConnectionOwner | null {
    this.#handshaking.delete(connection);
    for (const torrent of this.#torrents) {
      if (torrent.doors.some((door) => door.infoHash === infoHash)) return torrent.admit(connection);
    }
    return null;
  }
}
