// Serves the requests that the swarm chooses, as fast as the rate limits, the peers' connections and the disk allow. It
// runs until something holds it up and is woken when that is over. Decisions stay late: a connection is given no more
// than about QUEUE_MS of its rate, since what is queued can no longer be reordered.

import type { Clock, PieceIndex } from "../core/index.ts";
import {
  CONNECTION_QUEUE_MAX_BYTES,
  CONNECTION_QUEUE_MIN_BYTES,
  READ_AHEAD_BYTES,
  READ_AHEAD_PIECES_MAX,
  UPLOAD_BURST_MS,
} from "../core/index.ts";
import type { RateLimitChain, RateLimiter } from "../net/index.ts";
import { uploadRunBytes } from "../swarm/index.ts";
import type { Swarm, SwarmPeer } from "../swarm/index.ts";
import type { PeerConnection } from "./peer-connection.ts";
import type { PieceCache } from "./piece-cache.ts";

const QUEUE_MS = 50;

export interface UploadPumpDeps {
  readonly swarm: Swarm;
  readonly cache: PieceCache;
  readonly clock: Clock;
  readonly connectionOf: (peer: SwarmPeer) => PeerConnection | undefined;
  readonly limits: RateLimitChain;
  /** Holds for peers outside of this machine's own network, besides `limits`. */
  readonly remoteLimit: RateLimiter;
}

export class UploadPump {
  readonly #deps: UploadPumpDeps;
  readonly #touched = new Set<PeerConnection>();
  #timer: NodeJS.Timeout | undefined;
  #isWaiting = false;
  #isRunDue = false;
  #isClosed = false;
  #now = 0;

  constructor(deps: UploadPumpDeps) {
    this.#deps = deps;
  }

  run(): void {
    // While the uplink is used up only the timer goes on; the class timer holds nobody else up.
    if (this.#isClosed || this.#isWaiting) return;
    const { swarm, cache, clock, connectionOf, limits } = this.#deps;
    this.#now = clock.now();
    for (;;) {
      const peer = swarm.nextUpload(this.#canSend);
      const connection = peer === null ? undefined : connectionOf(peer);
      if (peer === null || connection === undefined) break;
      const { headPiece, headBegin } = peer.uploads;
      const buffer = cache.get(headPiece);
      if (buffer === undefined) break;
      const lengthBytes = uploadRunBytes(peer, swarm.layout, this.#runBytesMax(peer, connection));
      if (!limits.tryTake(lengthBytes, this.#now)) {
        clearTimeout(this.#timer);
        this.#isWaiting = true;
        this.#wakeIn(limits.waitMs(lengthBytes, this.#now));
        break;
      }
      if (peer.source === "otherPeers") this.#deps.remoteLimit.charge(lengthBytes, this.#now);
      cache.use(headPiece);
      connection.queueRun(buffer, headPiece, headBegin, lengthBytes, this.#now);
      this.#touched.add(connection);
      swarm.uploadServed(peer, this.#now, lengthBytes);
      if (peer.uploads.headPiece !== headPiece) this.#readAhead(peer);
    }
    for (const connection of this.#touched) connection.flush();
    this.#touched.clear();
  }

  /** As `run`, once for all who ask in this turn: pieces that came into memory together leave in one write. */
  runSoon(): void {
    if (this.#isRunDue) return;
    this.#isRunDue = true;
    queueMicrotask(() => {
      this.#isRunDue = false;
      this.run();
    });
  }

  /** A rate was changed: what waits for the old one need not wait any more. */
  limitsChanged(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWaiting = false;
    this.run();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #wakeIn(waitMs: number): void {
    if (waitMs === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#isWaiting = false;
        this.run();
      },
      Math.max(waitMs, UPLOAD_BURST_MS),
    );
  }

  /** The connection takes more and the piece is in memory; where it is not, it is being read when this returns. */
  readonly #canSend = (peer: SwarmPeer): boolean => {
    const connection = this.#deps.connectionOf(peer);
    if (connection === undefined || !this.#allowsClass(peer)) return false;
    if (this.#roomBytes(peer, connection) <= 0) return false;
    const piece = peer.uploads.headPiece;
    if (this.#deps.cache.get(piece) !== undefined) return true;
    this.#readAhead(peer);
    return false;
  };

  #roomBytes(peer: SwarmPeer, connection: PeerConnection): number {
    const queueMax = Math.min(
      CONNECTION_QUEUE_MAX_BYTES,
      Math.max(CONNECTION_QUEUE_MIN_BYTES, (peer.upRate.at(this.#now) * QUEUE_MS) / 1_000),
    );
    return queueMax - connection.queuedBytes;
  }

  /** Under a rate limit block by block: a run would wait for as much as it is long. */
  #runBytesMax(peer: SwarmPeer, connection: PeerConnection): number {
    const { limits, remoteLimit } = this.#deps;
    const isLimited = limits.isLimited || (peer.source === "otherPeers" && remoteLimit.bytesPerSecond !== null);
    return isLimited ? 0 : this.#roomBytes(peer, connection);
  }

  /** False, and a wake-up set, where the peer's class has used up its rate. */
  #allowsClass(peer: SwarmPeer): boolean {
    const { remoteLimit } = this.#deps;
    const lengthBytes = peer.uploads.headLengthBytes;
    if (peer.source !== "otherPeers" || remoteLimit.allows(lengthBytes, this.#now)) return true;
    if (this.#timer === undefined) this.#wakeIn(remoteLimit.waitMs(lengthBytes, this.#now));
    return false;
  }

  /**
   * Begins to read the pieces that the peer's queue needs next: not one by one, but several at once when the first half of
   * what was read ahead is used up, since each errand to the I/O threads costs more than it carries.
   */
  #readAhead(peer: SwarmPeer): void {
    const { cache, swarm } = this.#deps;
    const count = Math.min(READ_AHEAD_PIECES_MAX, Math.ceil(READ_AHEAD_BYTES / swarm.layout.pieceLengthBytes) + 1);
    const pieces = peer.uploads.nextPieces(count) as PieceIndex[];
    const [head] = pieces;
    const middle = pieces[pieces.length >> 1];
    if (head === undefined || middle === undefined || (cache.isAtHand(head) && cache.isAtHand(middle))) return;
    for (const piece of pieces) if (!cache.load(piece)) return;
  }
}
