// The parts of a torrent that runs: swarm, driver, upload cache and pump, web seeds, over one piece store. Made when the
// metadata is known and the files are checked; closed as a whole.

import { CodedError, WEB_SEED_AFTER_MS, WEB_SEED_PEERS_RATE_MIN, WEB_SEED_RATE_AFTER_MS } from "../core/index.ts";
import type { Clock, Log, PieceIndex, Random } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { RateLimitChain } from "../net/index.ts";
import type { RateLimiter } from "../net/index.ts";
import type { PieceStore } from "../storage/index.ts";
import { memberKey, Swarm } from "../swarm/index.ts";
import type { DisconnectReason, SwarmPeer } from "../swarm/index.ts";
import { PieceCache } from "./piece-cache.ts";
import type { SessionParts } from "./session-parts.ts";
import { SwarmDriver } from "./swarm-driver.ts";
import { UploadPump } from "./upload-pump.ts";
import { WebSeedDriver } from "./web-seed-driver.ts";

export interface RunningTorrentDeps {
  readonly parts: SessionParts;
  readonly info: Info;
  readonly store: PieceStore;
  readonly superSeed: boolean;
  readonly uploadLimit: RateLimiter;
  readonly downloadLimits: RateLimitChain;
  readonly webSeeds: readonly string[];
  /** False where nobody is known or could be named: web seeds then need not wait for them. */
  readonly expectsPeers: () => boolean;
  readonly onVerified: () => void;
  readonly onWriteError: (error: unknown) => void;
  /** The swarm lost these pieces: they are on disk no longer, or differ from what was checked. */
  readonly onUnreadable: (pieces: readonly number[], error: unknown) => void;
  /** A piece could not be read just now; it will be tried again. */
  readonly onReadError: (error: unknown) => void;
  readonly onInconsistent: (piece: number) => void;
  readonly onDisconnect: (peer: SwarmPeer, reason: DisconnectReason) => void;
}

export class RunningTorrent {
  readonly swarm: Swarm;
  readonly driver: SwarmDriver;
  readonly pump: UploadPump;
  readonly store: PieceStore;
  readonly startedAt: number;
  readonly #cache: PieceCache;
  readonly #webSeeds: WebSeedDriver[];
  readonly #stopListening: () => void;
  readonly #clock: Clock;

  constructor(deps: RunningTorrentDeps) {
    const { parts, info, store } = deps;
    const { clock, random, log }: { clock: Clock; random: Random; log: Log } = parts;
    const { layout } = info;
    this.store = store;
    this.#clock = clock;
    this.startedAt = clock.now();
    this.#cache = new PieceCache({
      pool: parts.pool,
      store,
      lengthOf: (piece) => layout.pieceLength(piece),
      onLoaded: () => this.pump.runSoon(),
      clock,
      onReadError: (piece, error) => this.#readFailed(piece, error, deps),
    });
    this.driver = new SwarmDriver({
      layout,
      store,
      cache: this.#cache,
      clock,
      log,
      onVerified: deps.onVerified,
      onWriteError: deps.onWriteError,
      onInconsistent: deps.onInconsistent,
      onDisconnect: (peer, reason) => this.#disconnect(peer, reason, deps),
    });
    this.swarm = new Swarm({
      layout,
      have: store.have(),
      choking: parts.choking,
      superSeed: deps.superSeed,
      random,
      effects: this.driver,
      siteKey: memberKey(parts.peerId),
    });
    this.swarm.accounts.local = store.localBytes;
    this.driver.attach(this.swarm);
    this.pump = new UploadPump({
      swarm: this.swarm,
      cache: this.#cache,
      clock,
      connectionOf: (peer) => this.driver.connectionOf(peer),
      limits: new RateLimitChain([parts.upload, deps.uploadLimit]),
      remoteLimit: parts.remoteUpload,
    });
    this.#webSeeds = deps.webSeeds.map((url) => this.#webSeed(url, deps));
    this.#stopListening = parts.pool.onAvailable(() => this.#memoryFreed());
  }

  tick(now: number): void {
    for (const webSeed of this.#webSeeds) webSeed.tick(now);
    if (this.#webSeeds.some((one) => one.isIdle)) this.#webSeeds.find((one) => one.isSlow)?.giveWay();
    this.swarm.tick(now);
    this.pump.run();
  }

  close(): void {
    this.#stopListening();
    for (const webSeed of this.#webSeeds) webSeed.close();
    this.pump.close();
    this.driver.close();
    this.#cache.clear();
  }

  #webSeed(url: string, { parts, info, downloadLimits, expectsPeers }: RunningTorrentDeps): WebSeedDriver {
    const { clock, random, log, webSeeds: client } = parts;
    const peersDeliver = (now: number): boolean => this.#peersDeliver(now, expectsPeers);
    return new WebSeedDriver({
      url,
      info,
      client,
      active: this,
      clock,
      random,
      log,
      limits: downloadLimits,
      peersDeliver,
    });
  }

  /** Nothing for a while, or after a start so little that a person would wait for it, counts as not delivering. */
  #peersDeliver(now: number, expectsPeers: () => boolean): boolean {
    if (!expectsPeers()) return false;
    let lastBlockAt = this.startedAt;
    let rate = 0;
    for (const peer of this.swarm.peers) {
      if (peer.source === "webSeeds" || peer.downRate.total === 0) continue;
      lastBlockAt = Math.max(lastBlockAt, peer.lastBlockAt);
      rate += peer.downRate.at(now);
    }
    if (now - lastBlockAt > WEB_SEED_AFTER_MS) return false;
    return rate >= WEB_SEED_PEERS_RATE_MIN || now - this.startedAt < WEB_SEED_RATE_AFTER_MS;
  }

  /** What cannot be read for a lasting reason is withdrawn: the piece, or where it lies in one file all of that file. */
  #readFailed(piece: PieceIndex, error: unknown, deps: RunningTorrentDeps): void {
    if (error instanceof CodedError && error.retryable) {
      deps.onReadError(error);
      return;
    }
    const { layout } = this.swarm;
    const segments = layout.segments(piece);
    const [segment] = segments;
    const { first, end } =
      segment !== undefined && segments.length === 1
        ? layout.filePieces(segment.fileIndex)
        : { first: piece, end: piece + 1 };
    const lost: number[] = [];
    for (let each: number = first; each < end; each++) if (this.swarm.pieceUnreadable(each)) lost.push(each);
    // Reads of the same file that were under way have nothing to add.
    if (lost.length > 0) deps.onUnreadable(lost, error);
  }

  #memoryFreed(): void {
    setImmediate(() => {
      if (this.driver.isStarved) {
        this.driver.isStarved = false;
        this.swarm.resume(this.#clock.now());
      }
      this.pump.run();
    });
  }

  #disconnect(peer: SwarmPeer, reason: DisconnectReason, deps: RunningTorrentDeps): void {
    const webSeed = this.#webSeeds.find((one) => one.peer === peer);
    if (webSeed === undefined) deps.onDisconnect(peer, reason);
    else if (reason === "bad-data") webSeed.discard();
  }
}
