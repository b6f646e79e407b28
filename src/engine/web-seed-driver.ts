// Fills a download from web seeds (BEP 19): runs of adjoining pieces, several MiB at a time, fetched by ranges. Each web
// seed is a peer of the swarm that has everything. It is used where peers deliver next to nothing: the origin's bytes
// are the dear ones. A web seed that sends wrong bytes is not asked again.

import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Log, PieceIndex, Random } from "../core/index.ts";
import {
  CodedError,
  messageOf,
  RATE_RECHECK_MS,
  WEB_SEED_RANGE_BYTES,
  WEB_SEED_SLOW_AFTER_MS,
  WEB_SEED_SLOW_RATE,
} from "../core/index.ts";
import type { Info, Segment } from "../metainfo/index.ts";
import { NetError, WebSeedBackoff, webSeedFileUrl } from "../net/index.ts";
import type { RateLimitChain, WebSeedClient } from "../net/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";
import type { ActiveTorrent } from "./peer-session.ts";
import { RunSink } from "./run-sink.ts";

export interface WebSeedDriverDeps {
  readonly url: string;
  readonly info: Info;
  readonly client: WebSeedClient;
  readonly active: ActiveTorrent;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: RateLimitChain;
  /** True where peers deliver, so that web seeds are spared. */
  readonly peersDeliver: (now: number) => boolean;
}

interface Run {
  readonly first: PieceIndex;
  readonly count: number;
}

export class WebSeedDriver {
  readonly #deps: WebSeedDriverDeps;
  readonly #backoff: WebSeedBackoff;
  readonly #abort = new AbortController();
  #peer: SwarmPeer | null = null;
  /** Of the run that is being fetched. */
  #run: AbortController | null = null;
  /** It may be asked, and nothing is left that nobody fetches. */
  #isIdle = false;
  #isSlow = false;
  /** What came in the time that is being measured. */
  #windowBytes = 0;
  #windowAt = 0;

  constructor(deps: WebSeedDriverDeps) {
    this.#deps = deps;
    this.#backoff = new WebSeedBackoff(deps.random);
  }

  get peer(): SwarmPeer | null {
    return this.#peer;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** It has claimed pieces and sends next to nothing: who drips would hold them for ever. */
  get isSlow(): boolean {
    return this.#run !== null && this.#isSlow;
  }

  tick(now: number): void {
    const { active, peersDeliver } = this.#deps;
    this.#isIdle = false;
    if (this.#run !== null) this.#measure(now);
    if (this.#run !== null || active.swarm.isComplete || this.#abort.signal.aborted || !this.#backoff.mayAsk(now))
      return;
    if (peersDeliver(now)) return;
    if (this.#peer === null) {
      this.#peer = active.swarm.addPeer({ source: "webSeeds", fast: true, now });
      active.swarm.peerPieces(this.#peer, "all", now);
    }
    void this.#work(this.#peer);
  }

  /** Ends its run, so that another one may fetch those pieces; it is asked again after a wait. */
  giveWay(): void {
    this.#run?.abort(new NetError("net.timeout", "It sends too slowly.", { retryable: true }));
  }

  /** It sent bytes that failed their hash. */
  discard(): void {
    this.#backoff.discard();
    this.close();
  }

  close(): void {
    this.#abort.abort();
    if (this.#peer !== null) this.#deps.active.swarm.removePeer(this.#peer, this.#deps.clock.now());
    this.#peer = null;
  }

  async #work(peer: SwarmPeer): Promise<void> {
    const { active, info, clock, log, url } = this.#deps;
    const countMax = Math.max(1, Math.floor(WEB_SEED_RANGE_BYTES / info.layout.pieceLengthBytes));
    const run = active.swarm.claimRun(peer, countMax, clock.now());
    this.#isIdle = run === null;
    if (run === null) return;
    this.#run = new AbortController();
    this.#isSlow = false;
    this.#windowBytes = 0;
    this.#windowAt = clock.now();
    try {
      await this.#fetchRun(peer, run);
      this.#backoff.succeeded();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (!(error instanceof CodedError)) throw error;
      log.write("info", "web-seed.failed", { url, reason: messageOf(error) });
      this.#backoff.failed(clock.now(), error instanceof NetError ? error : { retryable: true, retryAfterMs: null });
    } finally {
      this.#run = null;
      if (!peer.closed) active.swarm.releaseRun(peer, clock.now());
    }
    // While nobody else delivers, the next run begins at once. A seed that will never be asked again is no source.
    if (this.#backoff.mayAsk(Number.MAX_VALUE)) this.tick(clock.now());
    else this.close();
  }

  /** What our own rate limits hold up is not slow. */
  #measure(now: number): void {
    if (now - this.#windowAt < WEB_SEED_SLOW_AFTER_MS) return;
    const slowBytes = (WEB_SEED_SLOW_RATE * (now - this.#windowAt)) / 1_000;
    this.#isSlow = this.#windowBytes < slowBytes && this.#deps.limits.waitMs(1, now) === 0;
    this.#windowBytes = 0;
    this.#windowAt = now;
  }

  /** Adjoining pieces within one file become one request; a piece that spans files takes one for each. */
  async #fetchRun(peer: SwarmPeer, run: Run): Promise<void> {
    const { layout } = this.#deps.info;
    for (let index = 0; index < run.count;) {
      const segments = layout.segments((run.first + index) as PieceIndex);
      const fileIndex = segments.length === 1 ? segments[0]?.fileIndex : undefined;
      let end = index + 1;
      while (fileIndex !== undefined && end < run.count && this.#isWithin(run.first + end, fileIndex)) end++;
      const pieces = Array.from({ length: end - index }, (_, at) => (run.first + index + at) as PieceIndex);
      const sink = new RunSink(this.#deps.active, peer, this.#deps.clock, pieces);
      try {
        for (const segment of segments) {
          const lengthBytes = pieces.length > 1 ? this.#lengthOf(pieces) : segment.lengthBytes;
          sink.padTo(segment.pieceOffset);
          await this.#fetch(sink, { ...segment, lengthBytes });
        }
      } finally {
        sink.abandon();
      }
      index = end;
    }
  }

  async #fetch(sink: RunSink, segment: Segment): Promise<void> {
    const { client, info, url } = this.#deps;
    const file = info.layout.files[segment.fileIndex];
    if (file === undefined) return;
    await client.fetchRange({
      url: webSeedFileUrl(url, { name: info.name, isFolder: info.layout.isFolder, path: file.path }),
      start: segment.fileOffset,
      lengthBytes: segment.lengthBytes,
      fileLengthBytes: file.lengthBytes,
      signal: this.#run === null ? this.#abort.signal : AbortSignal.any([this.#abort.signal, this.#run.signal]),
      onData: (bytes) => this.#take(sink, bytes),
    });
  }

  #take(sink: RunSink, bytes: Buffer): void | Promise<void> {
    const { limits, clock } = this.#deps;
    sink.write(bytes);
    this.#windowBytes += bytes.length;
    if (!limits.isLimited) return;
    limits.charge(bytes.length, clock.now());
    if (limits.waitMs(1, clock.now()) > 0) return this.#untilPaid();
  }

  /** Reads no more until what came is paid for; looks again now and then, since the limit may change. */
  async #untilPaid(): Promise<void> {
    const { limits, clock } = this.#deps;
    const { signal } = this.#abort;
    for (let waitMs = 1; waitMs > 0 && !signal.aborted; waitMs = limits.waitMs(1, clock.now())) {
      await sleep(Math.min(waitMs, RATE_RECHECK_MS), undefined, { signal }).catch(() => {});
    }
  }

  /** True where the piece lies in that file alone. */
  #isWithin(piece: number, fileIndex: number): boolean {
    const segments = this.#deps.info.layout.segments(piece as PieceIndex);
    return segments.length === 1 && segments[0]?.fileIndex === fileIndex;
  }

  #lengthOf(pieces: readonly PieceIndex[]): number {
    return pieces.reduce((sum, piece) => sum + this.#deps.info.layout.pieceLength(piece), 0);
  }
}
