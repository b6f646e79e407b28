// One torrent of a session, from its metadata to its last upload: the public handle and its life cycle.
//
//   metadata ──▶ checking ──▶ downloading ──▶ seeding ──▶ stopped        (failed: from anywhere, with the error)
//
// Invariant: `completed` is resolved only when every piece was verified and the artifact stands under its final name.

import type { Endpoint } from "../core/index.ts";
import { HASH_REQUEST_TIMEOUT_MS, messageOf, PEERS_WANTED } from "../core/index.ts";
import { TrackerTiers } from "../announce/index.ts";
import type { AnnounceRequest } from "../announce/index.ts";
import { parseInfo, pieceHash } from "../metainfo/index.ts";
import type { Info, Metainfo } from "../metainfo/index.ts";
import { RateLimitChain, RateLimiter } from "../net/index.ts";
import { PieceStore } from "../storage/index.ts";
import type { DisconnectReason, SwarmPeer } from "../swarm/index.ts";
import { parsePeerExchange } from "../wire/index.ts";
import type { ExtensionHandshake, HashRequest } from "../wire/index.ts";
import { AnnounceLoop } from "./announce-loop.ts";
import { doorsOf, magnetDoors } from "./doors.ts";
import type { Door } from "./doors.ts";
import { EngineError } from "./engine-error.ts";
import { HashExchange } from "./hash-exchange.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import type { TorrentOptions, TorrentPhase, TorrentStats } from "./options.ts";
import type { ConnectionOwner, PeerConnection } from "./peer-connection.ts";
import { PexSender } from "./peer-exchange.ts";
import type { PeerSession, SessionHost } from "./peer-session.ts";
import { RunningTorrent } from "./running-torrent.ts";
import type { SessionParts } from "./session.ts";
import { TorrentPeers } from "./torrent-peers.ts";
import { statsOf } from "./torrent-stats.ts";
import { TypedEvents } from "./typed-events.ts";

export interface TorrentEvents {
  /** The info dictionary is known and valid. */
  readonly metadata: Info;
  readonly phase: TorrentPhase;
  /** Piece by piece while downloading. */
  readonly piece: { readonly haveBytes: number; readonly totalBytes: number };
  readonly complete: { readonly path: string };
  /** Something is in the way; the torrent goes on by itself (tracker down) or after `retry` (disk full). */
  readonly warning: unknown;
  /** It cannot go on; `completed` is rejected with the same error. */
  readonly failed: unknown;
}

export class Torrent extends TypedEvents<TorrentEvents> implements SessionHost, AsyncDisposable {
  /** Settles when the metadata is known and the files are checked. */
  readonly ready: Promise<Info>;
  /** Settles when the artifact is verified and stands under its final name. */
  readonly completed: Promise<{ readonly path: string }>;

  readonly #parts: SessionParts;
  readonly #options: TorrentOptions;
  readonly #onStopped: () => void;
  readonly #abort = new AbortController();
  readonly #peers: TorrentPeers;
  readonly #uploadLimit: RateLimiter;
  readonly #downloadLimits: RateLimitChain;
  readonly #metadata: MetadataExchange;
  readonly #pex = new PexSender();
  readonly #pieceLayers: Map<string, Buffer>;
  readonly #ready = Promise.withResolvers<Info>();
  readonly #completed = Promise.withResolvers<{ readonly path: string }>();
  #doors: readonly Door[];
  #info: Info | null = null;
  #hashes: HashExchange | null = null;
  #running: RunningTorrent | null = null;
  #announces: AnnounceLoop[] = [];
  #phase: TorrentPhase = "metadata";
  #checkedBytes = 0;
  #metadataAt = 0;
  #lastVerifiedAt: number | null = null;
  #isOpening = false;
  #isFinishing = false;
  #askedForPeersAt = 0;

  constructor(parts: SessionParts, options: TorrentOptions, onStopped: () => void) {
    super();
    this.#parts = parts;
    this.#options = options;
    this.#onStopped = onStopped;
    this.ready = this.#ready.promise;
    this.completed = this.#completed.promise;
    // A caller may listen to events only; then nobody awaits these.
    this.ready.catch(() => {});
    this.completed.catch(() => {});
    const { source } = options;
    this.#uploadLimit = new RateLimiter(options.maxUploadRate ?? null);
    this.#downloadLimits = new RateLimitChain([parts.download, new RateLimiter(options.maxDownloadRate ?? null)]);
    this.#pieceLayers = new Map(isMetainfo(source) ? source.pieceLayers : null);
    this.#doors = isMetainfo(source) ? doorsOf(source, options.twin ?? null) : magnetDoors(source);
    this.#metadata = new MetadataExchange(
      {
        clock: parts.clock,
        infoHashV1: source.infoHashV1,
        infoHashV2: source.infoHashV2,
        infoBytesFor: (session) => this.#infoBytesFor(session),
        onInfo: (bytes) => this.#metadataReceived(bytes),
        onLiar: (session) => this.#peers.ban(session, "It sent metadata that does not fit the info-hash."),
      },
      isMetainfo(source),
    );
    this.#peers = new TorrentPeers({
      clock: parts.clock,
      random: parts.random,
      log: parts.log,
      ourPeerId: parts.peerId,
      downloadLimits: this.#downloadLimits,
      host: this,
      doors: () => this.#doors,
      active: () => this.#running,
      connect: (owner, endpoint, door) => parts.connect(owner, endpoint, door),
      onGone: (session) => this.#gone(session),
    });
    options.signal?.addEventListener("abort", () => void this.#stop(options.signal?.reason), { once: true });
  }

  get doors(): readonly Door[] {
    return this.#doors;
  }

  /** Null until the metadata is known. */
  get info(): Info | null {
    return this.#info;
  }

  get pieceLayers(): ReadonlyMap<string, Buffer> {
    return this.#pieceLayers;
  }

  get phase(): TorrentPhase {
    return this.#phase;
  }

  /** Called by the session, once. */
  start(): void {
    if (this.#options.signal?.aborted === true) {
      void this.#stop(this.#options.signal.reason);
      return;
    }
    const { source } = this.#options;
    if (isMetainfo(source)) {
      this.#infoKnown(source);
    } else {
      this.#announceAll();
    }
    const door = this.#doors[0];
    if (door !== undefined) this.#peers.found(this.#options.peers ?? [], door.infoHash);
  }

  addPeer(endpoint: Endpoint): void {
    const door = this.#doors[0];
    if (door !== undefined) this.#peers.found([endpoint], door.infoHash);
  }

  /** Goes on after a warning about the disk. */
  retry(): void {
    this.#running?.driver.retryWrites();
  }

  stats(): TorrentStats {
    return statsOf({
      phase: this.#phase,
      info: this.#info,
      running: this.#running,
      checkedBytes: this.#checkedBytes,
      peers: this.#peers,
      seconds: this.#seconds,
      now: this.#parts.clock.now(),
    });
  }

  /** Tells the trackers, closes the connections, flushes the resume journal. `completed` is rejected if it was pending. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(new EngineError("engine.stopped", "The torrent was stopped."));
  }

  tick(now: number): void {
    this.#metadata.tick();
    this.#hashes?.tick();
    this.#openIfReady(now);
    this.#running?.tick(now);
    this.#peers.tick(now);
    if (!this.isPrivate) for (const session of this.#peers.sessions) this.#pex.tick(session, this.#peers.sessions, now);
    const isShort = this.#phase === "downloading" && this.#peers.sessions.size < PEERS_WANTED;
    if (isShort && now - this.#askedForPeersAt > 5_000) {
      this.#askedForPeersAt = now;
      for (const loop of this.#announces) loop.wantPeers();
    }
  }

  // SessionHost

  get clock(): SessionParts["clock"] {
    return this.#parts.clock;
  }

  get clientName(): string {
    return this.#parts.clientName;
  }

  get listenPort(): number {
    return this.#parts.listen.port;
  }

  get isPrivate(): boolean {
    return this.#info?.private ?? false;
  }

  get isComplete(): boolean {
    return this.#running?.swarm.isComplete ?? false;
  }

  metadataSize(session: PeerSession): number | null {
    return this.#infoBytesFor(session)?.length ?? null;
  }

  extensionHandshake(session: PeerSession, message: ExtensionHandshake): void {
    if (message.listenPort !== null) this.#peers.listensAt(session, message.listenPort);
    this.#metadata.offer(session);
    this.#offerHashes(session);
  }

  metadataMessage(session: PeerSession, payload: Buffer): void {
    this.#metadata.received(session, payload);
  }

  peerExchange(session: PeerSession, payload: Buffer): void {
    const infoHash = session.connection.infoHash;
    const { added } = parsePeerExchange(payload);
    if (infoHash !== null)
      this.#peers.found(
        added.map(({ endpoint }) => endpoint),
        infoHash,
      );
  }

  hashRequest(session: PeerSession, request: HashRequest): void {
    this.#hashes?.serve(session, request).catch((error: unknown) => this.emit("warning", error));
  }

  hashes(session: PeerSession, request: HashRequest, hashes: Buffer): void {
    this.#hashes?.received(session, request, hashes);
  }

  hashReject(session: PeerSession, request: HashRequest): void {
    this.#hashes?.rejected(session, request);
  }

  /** An inbound connection named one of our doors. */
  admit(connection: PeerConnection): ConnectionOwner | null {
    return this.#peers.admit(connection) ? this.#peers : null;
  }

  // Life cycle

  #metadataReceived(bytes: Buffer): void {
    try {
      const info = parseInfo(bytes);
      this.#doors = doorsOf(info, null);
      this.#infoKnown(info);
      this.#announceAll();
    } catch (error) {
      this.#fail(error);
    }
  }

  #infoKnown(info: Info): void {
    this.#info = info;
    this.#metadataAt = this.#parts.clock.now();
    if (info.infoHashV2 !== null) {
      this.#hashes = new HashExchange({
        clock: this.#parts.clock,
        info,
        pieceLayers: this.#pieceLayers,
        leavesOf: (piece) => (this.#running?.swarm.have.has(piece) === true ? this.#running.store.leaves(piece) : null),
        onComplete: () => this.#openIfReady(this.#parts.clock.now()),
        onLiar: (session) => this.#peers.ban(session, "It sent hashes that do not lead to the file's root."),
      });
      for (const session of this.#peers.sessions) this.#offerHashes(session);
    }
    this.emit("metadata", info);
    this.#openIfReady(this.#metadataAt);
  }

  /** A v2 torrent waits for its piece layers; a hybrid one goes by SHA-1 where nobody can send them soon. */
  #openIfReady(now: number): void {
    const info = this.#info;
    if (info === null || this.#isOpening || this.#abort.signal.aborted) return;
    const waited = now - this.#metadataAt > (this.#hashes?.hasSources === true ? HASH_REQUEST_TIMEOUT_MS : 1_000);
    if (this.#hashes?.isComplete === false && !(info.version === "hybrid" && waited)) return;
    this.#isOpening = true;
    this.#setPhase("checking");
    this.#open(info).catch((error: unknown) => this.#fail(error));
  }

  async #open(info: Info): Promise<void> {
    const { pool, workers, log } = this.#parts;
    const { directory, mode, path, verify = mode === "seed" ? "full" : "resume" } = this.#options;
    const store = await PieceStore.open({
      info,
      pieceHash: pieceHash(info, this.#pieceLayers, { sha1Suffices: info.version === "hybrid" }),
      directory,
      path,
      mode,
      verify,
      pool,
      workers,
      log,
      signal: this.#abort.signal,
      onProgress: ({ doneBytes }) => (this.#checkedBytes = doneBytes),
    });
    if (this.#abort.signal.aborted) {
      await store[Symbol.asyncDispose]();
      return;
    }
    this.#run(info, store);
  }

  #run(info: Info, store: PieceStore): void {
    const { source, webSeeds = [], mode, superSeed = false } = this.#options;
    const running = new RunningTorrent({
      parts: this.#parts,
      info,
      store,
      superSeed,
      uploadLimit: this.#uploadLimit,
      downloadLimits: this.#downloadLimits,
      webSeeds: [...new Set([...source.webSeeds, ...webSeeds])],
      onVerified: () => this.#verified(),
      onWriteError: (error) => this.emit("warning", error),
      onReadError: (error) => this.#fail(error),
      onInconsistent: (piece) => this.#fail(inconsistent(piece)),
      onDisconnect: (peer, reason) => this.#disconnect(peer, reason),
    });
    if (mode === "seed" && !running.swarm.isComplete) {
      running.close();
      void store[Symbol.asyncDispose]();
      const missing = running.swarm.have.pieceCount - running.swarm.have.count;
      const message = `${missing} of ${running.swarm.have.pieceCount} pieces of "${store.path}" do not match the torrent.`;
      this.#fail(new EngineError("engine.incomplete-seed", `${message} Run "upswarm verify" to see which files.`));
      return;
    }
    this.#running = running;
    this.#setPhase(running.swarm.isComplete ? "seeding" : "downloading");
    for (const session of this.#peers.sessions) {
      session.activate(running);
      if (!running.swarm.isSuperSeeding) session.tellPieces(running.swarm.have);
    }
    this.#announceAll();
    this.#ready.resolve(info);
    if (running.swarm.isComplete) this.#finish(running);
  }

  #verified(): void {
    const running = this.#running;
    if (running === null) return;
    this.#lastVerifiedAt = this.#parts.clock.now();
    this.emit("piece", { haveBytes: running.swarm.haveBytes, totalBytes: running.swarm.layout.lengthBytes });
    if (running.swarm.isComplete) this.#finish(running);
  }

  #finish(running: RunningTorrent): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    const wasComplete = running.store.complete;
    const finished = wasComplete ? Promise.resolve() : running.store.finish();
    finished.then(
      () => {
        this.#setPhase("seeding");
        if (!wasComplete) for (const loop of this.#announces) loop.completed();
        this.#completed.resolve({ path: running.store.path });
        this.emit("complete", { path: running.store.path });
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#phase === "failed" || this.#phase === "stopped") return;
    this.#parts.log.write("error", "torrent.failed", { reason: messageOf(error) });
    this.#setPhase("failed");
    this.#ready.reject(error);
    this.#completed.reject(error);
    this.emit("failed", error);
    this.#running?.driver.close();
    this.#peers.close();
  }

  #stopping: Promise<void> | null = null;

  #stop(reason: unknown): Promise<void> {
    this.#stopping ??= this.#stopNow(reason);
    return this.#stopping;
  }

  async #stopNow(reason: unknown): Promise<void> {
    this.#abort.abort(reason);
    this.#setPhase("stopped");
    this.#ready.reject(reason);
    this.#completed.reject(reason);
    const told = Promise.all(this.#announces.map((loop) => loop.stop()));
    this.#peers.close();
    this.#running?.close();
    await this.#running?.store[Symbol.asyncDispose]();
    await told;
    this.#onStopped();
  }

  #setPhase(phase: TorrentPhase): void {
    if (this.#phase === phase || (this.#phase === "failed" && phase !== "stopped")) return;
    this.#phase = phase;
    this.emit("phase", phase);
  }

  #announceAll(): void {
    const announced = this.#announces.length;
    const { source, trackers = [] } = this.#options;
    const tiers = isMetainfo(source) ? source.trackers : source.trackers.map((url) => [url]);
    for (const door of this.#doors.slice(announced)) {
      const loop = new AnnounceLoop({
        tiers: new TrackerTiers([...tiers, ...trackers.map((url) => [url])], this.#parts.random),
        client: this.#parts.trackers,
        clock: this.#parts.clock,
        log: this.#parts.log,
        describe: () => this.#describe(door),
        onPeers: (peers) => this.#peers.found(peers, door.infoHash),
      });
      this.#announces.push(loop);
      loop.start();
    }
  }

  #describe(door: Door): Omit<AnnounceRequest, "event"> {
    const { bytes, haveBytes, totalBytes } = this.stats();
    return {
      infoHash: door.infoHash,
      peerId: this.#parts.peerId,
      port: this.#parts.listen.port,
      uploaded: bytes.uploaded,
      downloaded: bytes.sitePeers + bytes.otherPeers + bytes.webSeeds,
      left: this.#running === null ? null : totalBytes - haveBytes,
      numWant: null,
      key: Number.parseInt(this.#parts.peerId.slice(-8), 16),
    };
  }

  #infoBytesFor(session: PeerSession): Buffer | null {
    return this.#doors.find((door) => door.infoHash === session.connection.infoHash)?.infoBytes ?? null;
  }

  /** Hashes are asked for on v2 connections only: clients that came by a v1 hash do not expect such requests. */
  #offerHashes(session: PeerSession): void {
    const door = this.#doors.find((one) => one.infoHash === session.connection.infoHash);
    const isOurs = session.connection.remotePeerId?.startsWith(this.#parts.peerId.slice(0, 6)) === true;
    const speaksV2 = session.connection.remoteFlags?.v2 === true;
    if (door?.kind === "v2" || (isOurs && speaksV2)) this.#hashes?.offer(session);
  }

  #gone(session: PeerSession): void {
    this.#metadata.gone(session);
    this.#hashes?.gone(session);
  }

  #disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    const session = [...this.#peers.sessions].find((one) => one.peer === peer);
    if (session === undefined) return;
    if (reason === "bad-data") this.#peers.ban(session, "It sent data that failed its hash.");
    else session.connection.close("Both ends have everything.");
  }

  /** A download by web seeds alone begins with the torrent's running. */
  get #seconds(): number | null {
    const begin = this.#peers.firstConnectedAt ?? this.#running?.startedAt ?? null;
    if (begin === null || this.#lastVerifiedAt === null) return null;
    return Math.max(0, this.#lastVerifiedAt - begin) / 1_000;
  }
}

function isMetainfo(source: TorrentOptions["source"]): source is Metainfo {
  return "infoBytes" in source;
}

function inconsistent(piece: number): EngineError {
  const message = `Piece ${piece} fits one half of the hybrid torrent and not the other: the torrent was made wrongly.`;
  return new EngineError("engine.inconsistent-torrent", `${message} Ask its publisher for a correct one.`);
}
