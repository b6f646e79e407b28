// Where the bytes of one connection's blocks go: straight into the memory of their piece. Invariants: a block that was
// begun holds a reference to its piece's memory until it ends; and of two connections that send the same block the
// later one takes it over, since the earlier one may have stalled in the middle of it for good.

import type { Clock } from "../core/index.ts";
import type { PieceBuffer } from "../storage/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";
import type { ActiveTorrent } from "./peer-session.ts";
import type { BlockHolder } from "./swarm-driver.ts";

const NO_TARGET = Buffer.alloc(0);

export class BlockIntake implements BlockHolder {
  target: Buffer = NO_TARGET;
  targetOffset = 0;
  readonly #clock: Clock;
  /** Tells the connection's reader to skip what is left of the block. */
  readonly #skipRest: () => void;
  #buffer: PieceBuffer | null = null;
  #active: ActiveTorrent | null = null;
  #peer: SwarmPeer | null = null;
  #piece = 0;
  #begin = 0;
  #lengthBytes = 0;

  constructor(clock: Clock, skipRest: () => void) {
    this.#clock = clock;
    this.#skipRest = skipRest;
  }

  /** True where the block is wanted; `target` and `targetOffset` then say where its bytes go. */
  start(active: ActiveTorrent, peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    const { swarm, driver } = active;
    const buffer = driver.bufferOf(piece);
    if (buffer === undefined || !swarm.acceptsBlock(peer, piece, begin, lengthBytes)) {
      swarm.blockDiscarded(peer, piece, begin, lengthBytes, this.#clock.now());
      return false;
    }
    driver.takeOverBlock(piece, begin);
    buffer.retain();
    this.#buffer = buffer;
    this.#active = active;
    this.#peer = peer;
    this.#piece = piece;
    this.#begin = begin;
    this.#lengthBytes = lengthBytes;
    this.target = buffer.bytes;
    this.targetOffset = begin;
    return true;
  }

  /** The block is in memory whole. */
  end(): void {
    const { swarm, driver } = this.#active ?? {};
    const buffer = this.#buffer;
    const peer = this.#peer;
    this.abandon();
    if (swarm === undefined || driver === undefined || peer === null) return;
    const now = this.#clock.now();
    // The piece may have been given up and begun anew in other memory while the block came.
    if (driver.bufferOf(this.#piece) === buffer)
      swarm.blockReceived(peer, this.#piece, this.#begin, this.#lengthBytes, now);
    else swarm.blockDiscarded(peer, this.#piece, this.#begin, this.#lengthBytes, now);
  }

  /** The read is over and the block is not. */
  pause(): void {
    if (this.#buffer !== null) this.#active?.driver.blockPaused(this.#piece, this.#begin, this);
  }

  loseBlock(): void {
    const { swarm } = this.#active ?? {};
    const peer = this.#peer;
    this.#skipRest();
    this.abandon();
    if (peer !== null) swarm?.blockDiscarded(peer, this.#piece, this.#begin, this.#lengthBytes, this.#clock.now());
  }

  /** Gives up the block that is under way, if any. */
  abandon(): void {
    if (this.#buffer === null) return;
    this.#active?.driver.blockEnded(this.#piece, this.#begin, this);
    this.#buffer.release();
    this.#buffer = null;
    this.#active = null;
    this.#peer = null;
    this.target = NO_TARGET;
  }
}
