// Fills a download from web seeds (BEP 19): runs of adjoining pieces, several MiB at a time, fetched by ranges. Each web
// seed is a peer of the swarm that has everything. It is used where peers deliver nothing: the origin's bytes are the
// dear ones. A web seed that sends wrong bytes is not asked again.

import type { Clock, Log, PieceIndex, Random } from "../core/index.ts";
import { BLOCK_LENGTH_BYTES, CodedError, messageOf, WEB_SEED_AFTER_MS, WEB_SEED_RANGE_BYTES } from "../core/index.ts";
import type { Info, Segment } from "../metainfo/index.ts";
import { NetError, WebSeedBackoff, webSeedFileUrl } from "../net/index.ts";
import type { WebSeedClient } from "../net/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";
import type { ActiveTorrent } from "./peer-session.ts";

export interface WebSeedDriverDeps {
  readonly url: string;
  readonly info: Info;
  readonly client: WebSeedClient;
  readonly active: ActiveTorrent;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Books downloaded bytes and tells how long to wait before more are read, in ms. */
  readonly throttle: (bytes: number) => number;
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
  #isBusy = false;
  #startedAt: number;

  constructor(deps: WebSeedDriverDeps) {
    this.#deps = deps;
    this.#backoff = new WebSeedBackoff(deps.random);
    this.#startedAt = deps.clock.now();
  }

  get peer(): SwarmPeer | null {
    return this.#peer;
  }

  /** `peersLastBlockAt`: when peers last delivered a block. */
  tick(now: number, peersLastBlockAt: number): void {
    const { active } = this.#deps;
    const idleMs = now - Math.max(peersLastBlockAt, this.#startedAt);
    if (this.#isBusy || active.swarm.isComplete || this.#abort.signal.aborted) return;
    if (idleMs < WEB_SEED_AFTER_MS || !this.#backoff.mayAsk(now)) return;
    if (this.#peer === null) {
      this.#peer = active.swarm.addPeer({ source: "webSeeds", fast: true, now });
      active.swarm.peerPieces(this.#peer, "all", now);
    }
    void this.#work(this.#peer);
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
    if (run === null) return;
    this.#isBusy = true;
    try {
      await this.#fetchRun(peer, run);
      this.#backoff.succeeded();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (!(error instanceof CodedError)) throw error;
      log.write("info", "web-seed.failed", { url, reason: messageOf(error) });
      this.#backoff.failed(clock.now(), error instanceof NetError ? error : { retryable: true, retryAfterMs: null });
    } finally {
      this.#isBusy = false;
      if (!peer.closed) active.swarm.releaseRun(peer, clock.now());
    }
    // While it works and nobody else delivers, the next run begins at once.
    if (!this.#abort.signal.aborted) this.tick(clock.now(), -Infinity);
  }

  /** Adjoining pieces within one file become one request; a piece that spans files takes one for each. */
  async #fetchRun(peer: SwarmPeer, run: Run): Promise<void> {
    const { layout } = this.#deps.info;
    for (let index = 0; index < run.count;) {
      const segments = layout.segments((run.first + index) as PieceIndex);
      const fileIndex = segments.length === 1 ? segments[0]?.fileIndex : undefined;
      let end = index + 1;
      while (fileIndex !== undefined && end < run.count && this.#isWithin(run.first + end, fileIndex)) end++;
      const sink = new RunSink(this.#deps.active, peer, this.#deps.clock);
      for (let at = index; at < end; at++) sink.expect((run.first + at) as PieceIndex);
      try {
        for (const segment of segments) {
          const lengthBytes = end - index > 1 ? this.#lengthOf(run.first + index, end - index) : segment.lengthBytes;
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
      signal: this.#abort.signal,
      onData: (bytes) => this.#take(sink, bytes),
    });
  }

  #take(sink: RunSink, bytes: Buffer): void | Promise<void> {
    sink.write(bytes);
    const waitMs = this.#deps.throttle(bytes.length);
    if (waitMs > 0) return new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** True where the piece lies in that file alone. */
  #isWithin(piece: number, fileIndex: number): boolean {
    const segments = this.#deps.info.layout.segments(piece as PieceIndex);
    return segments.length === 1 && segments[0]?.fileIndex === fileIndex;
  }

  #lengthOf(first: number, count: number): number {
    let bytes = 0;
    for (let at = 0; at < count; at++) bytes += this.#deps.info.layout.pieceLength((first + at) as PieceIndex);
    return bytes;
  }
}

/** Lays a stream of bytes into the memory of the pieces that it covers, block by block. */
class RunSink {
  readonly #active: ActiveTorrent;
  readonly #peer: SwarmPeer;
  readonly #clock: Clock;
  readonly #pieces: PieceIndex[] = [];
  #offset = 0;
  #isWanted = false;

  constructor(active: ActiveTorrent, peer: SwarmPeer, clock: Clock) {
    this.#active = active;
    this.#peer = peer;
    this.#clock = clock;
  }

  expect(piece: PieceIndex): void {
    this.#pieces.push(piece);
  }

  /** Zeros up to `pieceOffset`: padding between two files of a piece, which no web seed has. */
  padTo(pieceOffset: number): void {
    if (pieceOffset > this.#offset) this.write(Buffer.alloc(pieceOffset - this.#offset));
  }

  write(bytes: Buffer): void {
    const { swarm, driver } = this.#active;
    for (let at = 0; at < bytes.length;) {
      const piece = this.#pieces[0];
      if (piece === undefined || this.#peer.closed) return;
      const block = Math.floor(this.#offset / BLOCK_LENGTH_BYTES);
      const begin = block * BLOCK_LENGTH_BYTES;
      const lengthBytes = swarm.layout.blockLength(piece, block);
      if (this.#offset === begin) this.#beginBlock(piece, begin, lengthBytes);
      const count = Math.min(bytes.length - at, begin + lengthBytes - this.#offset);
      if (this.#isWanted) driver.bufferOf(piece)?.bytes.set(bytes.subarray(at, at + count), this.#offset);
      at += count;
      this.#offset += count;
      if (this.#offset === begin + lengthBytes) this.#endBlock(piece, begin, lengthBytes);
      if (this.#offset === swarm.layout.pieceLength(piece)) {
        this.#pieces.shift();
        this.#offset = 0;
      }
    }
  }

  /** The stream ended early: a block in the middle of which it stopped is free for others. */
  abandon(): void {
    const piece = this.#pieces[0];
    if (piece === undefined || !this.#isWanted) return;
    this.#active.driver.blockEnded(piece, this.#offset - (this.#offset % BLOCK_LENGTH_BYTES));
  }

  #beginBlock(piece: PieceIndex, begin: number, lengthBytes: number): void {
    const { swarm, driver } = this.#active;
    const hasMemory = driver.bufferOf(piece) !== undefined && driver.beginBlock(piece, begin);
    this.#isWanted = hasMemory && swarm.acceptsBlock(this.#peer, piece, begin, lengthBytes);
    if (this.#isWanted) driver.blockPaused(piece, begin);
  }

  #endBlock(piece: PieceIndex, begin: number, lengthBytes: number): void {
    const { swarm, driver } = this.#active;
    const now = this.#clock.now();
    if (this.#isWanted) {
      driver.blockEnded(piece, begin);
      swarm.blockReceived(this.#peer, piece, begin, lengthBytes, now);
    } else {
      swarm.blockDiscarded(this.#peer, piece, begin, lengthBytes, now);
    }
    this.#isWanted = false;
  }
}
