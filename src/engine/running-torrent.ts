// The parts of a torrent that runs: swarm, driver, upload cache and pump, web seeds, over one piece store. Made when the
// metadata is known and the files are checked; closed as a whole.

import type { Clock, Log, Random } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { RateLimitChain } from "../net/index.ts";
import type { RateLimiter } from "../net/index.ts";
import type { PieceStore } from "../storage/index.ts";
import { Swarm } from "../swarm/index.ts";
import type { DisconnectReason, SwarmPeer } from "../swarm/index.ts";
import { PieceCache } from "./piece-cache.ts";
import type { SessionParts } from "./session.ts";
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
  readonly onVerified: () => void;
  readonly onWriteError: (error: unknown) => void;
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
  /** When anything of use last came from a peer. */
  #peersLastBlockAt: number;

  constructor(deps: RunningTorrentDeps) {
    const { parts, info, store } = deps;
    const { clock, random, log }: { clock: Clock; random: Random; log: Log } = parts;
    const { layout } = info;
    this.store = store;
    this.#clock = clock;
    this.startedAt = this.#peersLastBlockAt = clock.now();
    this.#cache = new PieceCache({
      pool: parts.pool,
      store,
      lengthOf: (piece) => layout.pieceLength(piece),
      onLoaded: () => this.pump.run(),
      onReadError: (_piece, error) => deps.onReadError(error),
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
    this.#webSeeds = deps.webSeeds.map(
      (url) =>
        new WebSeedDriver({
          url,
          info,
          client: parts.webSeeds,
          active: this,
          clock,
          random,
          log,
          throttle: throttleBy(deps),
        }),
    );
    this.#stopListening = parts.pool.onAvailable(() => this.#memoryFreed());
  }

  tick(now: number): void {
    for (const peer of this.swarm.peers) {
      if (peer.source !== "webSeeds" && peer.downRate.total > 0) {
        this.#peersLastBlockAt = Math.max(this.#peersLastBlockAt, peer.lastBlockAt);
      }
    }
    for (const webSeed of this.#webSeeds) webSeed.tick(now, this.#peersLastBlockAt);
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

  #memoryFreed(): void {
    if (!this.driver.isStarved) return;
    this.driver.isStarved = false;
    setImmediate(() => this.swarm.resume(this.#clock.now()));
  }

  #disconnect(peer: SwarmPeer, reason: DisconnectReason, deps: RunningTorrentDeps): void {
    const webSeed = this.#webSeeds.find((one) => one.peer === peer);
    if (webSeed === undefined) deps.onDisconnect(peer, reason);
    else if (reason === "bad-data") webSeed.discard();
  }
}

function throttleBy(deps: RunningTorrentDeps): (bytes: number) => number {
  return (bytes) => {
    const now = deps.parts.clock.now();
    deps.downloadLimits.charge(bytes, now);
    return deps.downloadLimits.waitMs(1, now);
  };
}
