// Where the bytes of one connection's blocks go: straight into the memory of their piece. Invariants: a block that was
// begun holds a reference to its piece's memory until it ends; and of two connections that send the same block the
// later one takes it over, since the earlier one may have stalled in the middle of it for good.

import { BLOCK_LENGTH_BYTES, UNWANTED_BLOCKS_MAX_BYTES } from "../core/index.ts";
import type { Clock } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import type { PieceBuffer } from "../storage/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";
import { WireError } from "../wire/index.ts";
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
  #wantedBytes = 0;
  #unwantedBytes = 0;

  constructor(clock: Clock, skipRest: () => void) {
    this.#clock = clock;
    this.#skipRest = skipRest;
  }

  /**
   * True where the block is wanted; `target` and `targetOffset` then say where its bytes go.
   * @throws WireError where it is none that anybody asks for, or one too many that nobody waits for: asked again it would
   *   come again, as fast as the link allows
   */
  start(active: ActiveTorrent, peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    const { swarm, driver } = active;
    if (!isBlock(swarm.layout, piece, begin, lengthBytes)) {
      throw new WireError("wire.length", `The peer sent ${lengthBytes} bytes at ${begin} of piece ${piece}: no block.`);
    }
    const buffer = driver.bufferOf(piece);
    if (buffer === undefined || !swarm.acceptsBlock(peer, piece, begin, lengthBytes)) {
      swarm.blockDiscarded(peer, piece, begin, lengthBytes, this.#clock.now());
      this.#unwantedBytes += lengthBytes;
      if (this.#unwantedBytes <= UNWANTED_BLOCKS_MAX_BYTES + this.#wantedBytes) return false;
      throw new WireError("wire.order", "The peer sent too many blocks that it was not asked for.");
    }
    driver.takeOverBlock(piece, begin);
    buffer.retain();
    this.#buffer = buffer;
    this.#active = active;
    this.#peer = peer;
    this.#piece = piece;
    this.#begin = begin;
    this.#lengthBytes = lengthBytes;
    this.#wantedBytes += lengthBytes;
    this.target = buffer.bytes;
    this.targetOffset = begin;
    return true;
  }

  /** The block is in memory whole. `now` is when the read began that brought the rest of it. */
  end(now: number): void {
    const { swarm, driver } = this.#active ?? {};
    const buffer = this.#buffer;
    const peer = this.#peer;
    this.abandon();
    if (swarm === undefined || driver === undefined || peer === null) return;
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

/** We ask for whole blocks alone, so nothing else is an answer. */
function isBlock(layout: Layout, index: number, begin: number, lengthBytes: number): boolean {
  const piece = layout.pieceIndex(index);
  const block = begin / BLOCK_LENGTH_BYTES;
  if (piece === null || !Number.isInteger(block) || block >= layout.blockCount(piece)) return false;
  return layout.blockLength(piece, block) === lengthBytes;
}
