// The life of a torrent, from its metadata to its last upload. The public handle is torrent.ts.
//
//   metadata ──▶ checking ──▶ downloading ──▶ seeding        (failed, stopped: from anywhere, and for good)
//
// Invariants: `completed` is resolved only when every piece was verified and the artifact stands under its final name;
// a torrent that failed or was stopped gives back all that it held and leaves its session.

import { CONNECTIONS_SOUGHT, HASH_REQUEST_TIMEOUT_MS, LAYERS_WITHOUT_SOURCE_MS, messageOf } from "../core/index.ts";
import { parseInfo } from "../metainfo/index.ts";
import type { Info } from "../metainfo/index.ts";
import { RateLimitChain, RateLimiter } from "../net/index.ts";
import { StorageError } from "../storage/index.ts";
import type { HashingProgress, PieceStore } from "../storage/index.ts";
import { doorsOf, isMetainfo, magnetDoors } from "./doors.ts";
import type { Door } from "./doors.ts";
import { inconsistentTorrent } from "./engine-error.ts";
import { openStore } from "./open-store.ts";
import type { TorrentOptions, TorrentPhase, TorrentStats } from "./options.ts";
import { RunningTorrent } from "./running-torrent.ts";
import type { SessionParts } from "./session-parts.ts";
import { TorrentAnnounces } from "./torrent-announces.ts";
import type { TorrentEvents } from "./torrent-events.ts";
import { TorrentExtensions } from "./torrent-extensions.ts";
import { TorrentPeers } from "./torrent-peers.ts";
import { statsOf } from "./torrent-stats.ts";

export interface TorrentLifeDeps {
  readonly parts: SessionParts;
  readonly options: TorrentOptions;
  readonly emit: <Name extends keyof TorrentEvents>(name: Name, value: TorrentEvents[Name]) => void;
  /** It holds nothing any more. */
  readonly onGone: () => void;
}

export class TorrentLife {
  readonly ready: PromiseWithResolvers<Info> = Promise.withResolvers<Info>();
  readonly completed: PromiseWithResolvers<{ readonly path: string }> = Promise.withResolvers();
  readonly peers: TorrentPeers;
  readonly pieceLayers: Map<string, Buffer>;
  readonly uploadLimit: RateLimiter;
  readonly downloadLimit: RateLimiter;
  doors: readonly Door[];
  info: Info | null = null;
  phase: TorrentPhase = "metadata";
  readonly #deps: TorrentLifeDeps;
  readonly #abort = new AbortController();
  readonly #announces: TorrentAnnounces;
  readonly #extensions: TorrentExtensions;
  #running: RunningTorrent | null = null;
  #checkedBytes = 0;
  #metadataAt = 0;
  #lastVerifiedAt: number | null = null;
  #opening: Promise<void> | null = null;
  #isFinishing = false;
  #closed: Promise<void> | null = null;

  /** @throws RangeError for a rate that is none */
  constructor(deps: TorrentLifeDeps) {
    this.#deps = deps;
    const { parts, options } = deps;
    const { source } = options;
    // A caller may listen to events only; then nobody awaits these.
    this.ready.promise.catch(() => {});
    this.completed.promise.catch(() => {});
    this.uploadLimit = new RateLimiter(options.maxUploadRate ?? null);
    this.downloadLimit = new RateLimiter(options.maxDownloadRate ?? null);
    this.pieceLayers = new Map(isMetainfo(source) ? source.pieceLayers : null);
    this.doors = isMetainfo(source) ? doorsOf(source, options.twin ?? null) : magnetDoors(source);
    this.#extensions = new TorrentExtensions({
      parts,
      source,
      pieceLayers: this.pieceLayers,
      doors: () => this.doors,
      info: () => this.info,
      running: () => this.#running,
      peers: () => this.peers,
      onInfoBytes: (bytes) => this.#metadataReceived(bytes),
      onLayers: () => this.#openIfReady(parts.clock.now()),
      onWarning: (error) => this.#deps.emit("warning", error),
    });
    this.peers = new TorrentPeers({
      parts,
      downloadLimits: new RateLimitChain([parts.download, this.downloadLimit]),
      host: this.#extensions,
      doors: () => this.doors,
      active: () => this.#running,
      onGone: (session) => this.#extensions.gone(session),
    });
    this.#announces = new TorrentAnnounces({
      parts,
      options,
      stats: () => this.stats(),
      onPeers: (peers, infoHash) => this.peers.found(peers, infoHash),
    });
  }

  /** The figures as of now. */
  stats(): TorrentStats {
    return statsOf({
      phase: this.phase,
      info: this.info,
      running: this.#running,
      checkedBytes: this.#checkedBytes,
      peers: this.peers,
      lastVerifiedAt: this.#lastVerifiedAt,
      now: this.#deps.parts.clock.now(),
    });
  }

  /** See Torrent. */
  retry(): void {
    const running = this.#running;
    if (running === null || this.#closed !== null) return;
    running.driver.retryWrites();
    if (running.swarm.isComplete) this.#finish(running);
  }

  /** Once, after the caller has the torrent's handle in its session. */
  start(): void {
    const { source, signal, peers = [] } = this.#deps.options;
    if (signal?.aborted === true) {
      this.#aborted();
      return;
    }
    signal?.addEventListener("abort", this.#aborted, { once: true });
    this.peers.found(peers, null);
    if (isMetainfo(source)) {
      this.#infoKnown(source);
      return;
    }
    this.#announces.announce(this.doors);
    for (const { host, port } of source.peers) void this.peers.foundByName(host, port);
  }

  tick(now: number): void {
    if (this.#closed !== null) return;
    this.#extensions.tick(now);
    this.#openIfReady(now);
    this.#running?.tick(now);
    this.peers.tick(now);
    if (this.phase === "downloading" && this.peers.sessions.size < CONNECTIONS_SOUGHT) this.#announces.wantPeers(now);
  }

  uploadLimitsChanged(): void {
    this.#running?.pump.limitsChanged();
  }

  #metadataReceived(bytes: Buffer): void {
    try {
      const info = parseInfo(bytes);
      this.doors = doorsOf(info, null);
      this.#infoKnown(info);
      this.#announces.announce(this.doors);
    } catch (error) {
      this.#fail(error);
    }
  }

  #infoKnown(info: Info): void {
    this.info = info;
    this.#metadataAt = this.#deps.parts.clock.now();
    this.#extensions.infoKnown(info);
    this.#deps.emit("metadata", info);
    this.#openIfReady(this.#metadataAt);
  }

  /** A v2 torrent waits for its piece layers; a hybrid one goes by SHA-1 where nobody sends them soon. */
  #openIfReady(now: number): void {
    const info = this.info;
    if (info === null || this.#opening !== null || this.#closed !== null) return;
    const { layers } = this.#extensions;
    const patienceMs = layers === "asked" ? HASH_REQUEST_TIMEOUT_MS : LAYERS_WITHOUT_SOURCE_MS;
    const hasWaited = now - this.#metadataAt > patienceMs;
    if (layers !== "complete" && !(info.version === "hybrid" && hasWaited)) return;
    this.#setPhase("checking");
    this.#opening = this.#open(info).catch((error: unknown) => this.#fail(error));
  }

  async #open(info: Info): Promise<void> {
    const { parts, options } = this.#deps;
    const { pieceLayers } = this;
    const onProgress = ({ doneBytes }: HashingProgress): void => void (this.#checkedBytes = doneBytes);
    const store = await openStore({ parts, options, info, pieceLayers, onProgress, signal: this.#abort.signal });
    if (this.#closed === null) this.#run(info, store);
    else await store[Symbol.asyncDispose]();
  }

  #run(info: Info, store: PieceStore): void {
    const { source, webSeeds = [], superSeed = false } = this.#deps.options;
    const running = new RunningTorrent({
      parts: this.#deps.parts,
      info,
      store,
      superSeed,
      uploadLimit: this.uploadLimit,
      downloadLimits: this.peers.downloadLimits,
      webSeeds: [...new Set([...source.webSeeds, ...webSeeds])],
      expectsPeers: () => this.peers.list.size > 0 || this.#announces.hasTrackers,
      onVerified: () => this.#verified(),
      onWriteError: (error) => this.#deps.emit("warning", error),
      onReadError: (error) => this.#deps.emit("warning", error),
      onUnreadable: (pieces, error) => this.#unreadable(pieces, error),
      onInconsistent: (piece) => this.#fail(inconsistentTorrent(piece)),
      onDisconnect: (peer, reason) => this.peers.disconnect(peer, reason),
    });
    this.#running = running;
    this.#setPhase(store.complete ? "seeding" : "downloading");
    this.peers.activate(running);
    this.#announces.announce(this.doors);
    this.ready.resolve(info);
    if (running.swarm.isComplete) this.#finish(running);
  }

  #verified(): void {
    const running = this.#running;
    if (running === null) return;
    this.#lastVerifiedAt = this.#deps.parts.clock.now();
    this.#deps.emit("piece", { haveBytes: running.swarm.haveBytes, totalBytes: running.swarm.layout.lengthBytes });
    if (running.swarm.isComplete) this.#finish(running);
  }

  #finish(running: RunningTorrent): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    const { store } = running;
    const wasComplete = store.complete;
    store.finish().then(
      () => {
        this.completed.resolve({ path: store.path });
        if (this.#closed !== null) return;
        this.#setPhase("seeding");
        if (!wasComplete) this.#announces.completed();
        this.#deps.emit("complete", { path: store.path });
      },
      (error: unknown) => {
        this.#isFinishing = false;
        // Everything is on disk under another name: room can be made, and `retry` goes on from here.
        if (error instanceof StorageError) this.#deps.emit("warning", error);
        else this.#fail(error);
      },
    );
  }

  /** Pieces that we had cannot be read any more: they are no longer offered, the others are. */
  #unreadable(pieces: readonly number[], error: unknown): void {
    const running = this.#running;
    if (running === null || this.#closed !== null) return;
    this.peers.tellDontHave(pieces);
    this.#deps.parts.log.write("warn", "files.changed", { pieces: pieces.length, reason: messageOf(error) });
    this.#deps.emit("warning", error);
    if (running.swarm.have.count === 0) this.#fail(error);
  }

  readonly #aborted = (): void => {
    void this.end("stopped", this.#deps.options.signal?.reason);
  };

  #fail(error: unknown): void {
    if (this.#closed !== null) return;
    this.#deps.parts.log.write("error", "torrent.failed", { reason: messageOf(error) });
    void this.end("failed", error);
    this.#deps.emit("failed", error);
  }

  /** The end, for whichever reason came first. Never rejects. */
  end(phase: "failed" | "stopped", reason: unknown): Promise<void> {
    if (this.#closed === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#closed = promise;
      this.#setPhase(phase);
      this.ready.reject(reason);
      if (!this.#isFinishing) this.completed.reject(reason);
      void this.#giveBack(reason).finally(resolve);
    }
    return this.#closed;
  }

  async #giveBack(reason: unknown): Promise<void> {
    this.#deps.options.signal?.removeEventListener("abort", this.#aborted);
    this.#abort.abort(reason);
    const told = this.#announces.stop();
    this.peers.close();
    this.#running?.close();
    await this.#opening;
    try {
      await this.#running?.store[Symbol.asyncDispose]();
    } catch (error) {
      this.#deps.parts.log.write("error", "torrent.close-failed", { reason: messageOf(error) });
    }
    this.completed.reject(reason);
    await told;
    this.#deps.onGone();
  }

  #setPhase(phase: TorrentPhase): void {
    if (this.phase === phase || (this.#closed !== null && phase !== "failed" && phase !== "stopped")) return;
    this.phase = phase;
    this.#deps.emit("phase", phase);
  }
}
