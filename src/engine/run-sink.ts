// Lays a web seed's stream of bytes into the memory of the pieces that it covers, block by block. It keeps to the same
// rules as a connection: see BlockHolder. Invariant: it holds a reference to the memory of the block that it is in.

import type { Clock, PieceIndex } from "../core/index.ts";
import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";
import { BlockIntake } from "./block-intake.ts";
import type { ActiveTorrent } from "./peer-session.ts";

export class RunSink {
  readonly #active: ActiveTorrent;
  readonly #peer: SwarmPeer;
  readonly #clock: Clock;
  readonly #intake: BlockIntake;
  readonly #pieces: PieceIndex[];
  /** In the first of #pieces. */
  #offset = 0;
  #isWanted = false;

  /** `pieces`: those that the stream covers, in order, whole. */
  constructor(active: ActiveTorrent, peer: SwarmPeer, clock: Clock, pieces: readonly PieceIndex[]) {
    this.#active = active;
    this.#peer = peer;
    this.#clock = clock;
    this.#pieces = [...pieces];
    this.#intake = new BlockIntake(clock, () => (this.#isWanted = false));
  }

  /** Zeros up to `pieceOffset`: padding between two files of a piece, which no web seed has. */
  padTo(pieceOffset: number): void {
    if (pieceOffset > this.#offset) this.write(Buffer.alloc(pieceOffset - this.#offset));
  }

  /** The next bytes of the stream. */
  write(bytes: Buffer): void {
    const { layout } = this.#active.swarm;
    for (let at = 0; at < bytes.length;) {
      const piece = this.#pieces[0];
      if (piece === undefined || this.#peer.closed) return;
      const block = Math.floor(this.#offset / BLOCK_LENGTH_BYTES);
      const begin = block * BLOCK_LENGTH_BYTES;
      const end = begin + layout.blockLength(piece, block);
      if (this.#offset === begin) {
        this.#isWanted = this.#intake.start(this.#active, this.#peer, piece, begin, end - begin);
      }
      const count = Math.min(bytes.length - at, end - this.#offset);
      // Buffer.copy: TypedArray.set into shared memory is twenty times as slow.
      if (this.#isWanted) bytes.copy(this.#intake.target, this.#offset, at, at + count);
      at += count;
      this.#offset += count;
      if (this.#offset === end && this.#isWanted) this.#intake.end(this.#clock.now());
      if (this.#offset === end) this.#isWanted = false;
      if (this.#offset === layout.pieceLength(piece)) {
        this.#pieces.shift();
        this.#offset = 0;
      }
    }
    this.#intake.pause();
  }

  /** The stream is over, perhaps in the middle of a block: that one is free for others. */
  abandon(): void {
    this.#isWanted = false;
    this.#intake.abandon();
  }
}
