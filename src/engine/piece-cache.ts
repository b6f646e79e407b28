// Whole pieces in memory for uploading: those just received (no re-read of what is at hand) and those read ahead for
// waiting requests. Bounded by the buffer pool: where that is spent the largest cache of the session gives up its least
// recently used piece, and all of them do before anybody is refused memory.

import type { Clock, PieceIndex } from "../core/index.ts";
import { CodedError, PIECE_CACHE_BYTES, PIECE_READ_RETRY_MS, PIECE_READS_MAX } from "../core/index.ts";
import type { BufferHolder, BufferPool, PieceBuffer, PieceStore } from "../storage/index.ts";

export interface PieceCacheDeps {
  readonly pool: BufferPool;
  readonly store: PieceStore;
  readonly lengthOf: (piece: PieceIndex) => number;
  readonly onLoaded: () => void;
  readonly clock: Clock;
  /** Where the error is retryable, the piece is read again after a while if it is still asked for. */
  readonly onReadError: (piece: PieceIndex, error: unknown) => void;
}

export class PieceCache implements BufferHolder {
  readonly #deps: PieceCacheDeps;
  readonly #leavePool: () => void;
  /** In order of use, the oldest first. */
  readonly #pieces = new Map<number, PieceBuffer>();
  readonly #reading = new Set<number>();
  /** Pieces that could not be read for a passing reason, and when to try again. */
  readonly #retryAt = new Map<number, number>();
  #usedLast = -1;
  #bytes = 0;
  #isClosed = false;

  constructor(deps: PieceCacheDeps) {
    this.#deps = deps;
    this.#leavePool = deps.pool.addHolder(this);
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  get(piece: number): PieceBuffer | undefined {
    return this.#pieces.get(piece);
  }

  /** The piece is in memory or on its way there. */
  isAtHand(piece: number): boolean {
    return this.#pieces.has(piece) || this.#reading.has(piece);
  }

  /** Marks the piece as used now. A piece is served block after block: only the first of a row moves it. */
  use(piece: number): void {
    if (piece === this.#usedLast) return;
    this.#usedLast = piece;
    const buffer = this.#pieces.get(piece);
    if (buffer === undefined) return;
    this.#pieces.delete(piece);
    this.#pieces.set(piece, buffer);
  }

  /** Keeps a verified piece that is in memory anyway. */
  put(piece: number, buffer: PieceBuffer): void {
    if (this.#isClosed || this.#pieces.has(piece)) return;
    buffer.retain();
    this.#pieces.set(piece, buffer);
    this.#bytes += buffer.bytes.length;
    while (this.#bytes > PIECE_CACHE_BYTES && this.#pieces.size > 1) this.giveUpOne();
  }

  /** Reads the piece from disk unless it is here or on its way. False where there is no memory for it now. */
  load(piece: PieceIndex): boolean {
    if (this.#isClosed || this.isAtHand(piece)) return true;
    if (this.#reading.size >= PIECE_READS_MAX || this.#deps.clock.now() < (this.#retryAt.get(piece) ?? 0)) return false;
    const buffer = this.acquire(this.#deps.lengthOf(piece));
    if (buffer === null) return false;
    this.#reading.add(piece);
    this.#deps.store.readPiece(piece, buffer).then(
      () => {
        this.#reading.delete(piece);
        this.#retryAt.delete(piece);
        this.put(piece, buffer);
        buffer.release();
        this.#deps.onLoaded();
      },
      (error: unknown) => {
        this.#reading.delete(piece);
        buffer.release();
        if (this.#isClosed) return;
        if (error instanceof CodedError && error.retryable) {
          this.#retryAt.set(piece, this.#deps.clock.now() + PIECE_READ_RETRY_MS);
        }
        this.#deps.onReadError(piece, error);
      },
    );
    return true;
  }

  /** Memory from the pool, for which caches give up pieces where need be: this one's, or another torrent's. */
  acquire(lengthBytes: number): PieceBuffer | null {
    for (;;) {
      const buffer = this.#deps.pool.acquire(lengthBytes);
      if (buffer !== null || !this.#deps.pool.reclaim()) return buffer;
    }
  }

  clear(): void {
    this.#isClosed = true;
    this.#leavePool();
    while (this.giveUpOne());
  }

  /** The least recently used piece. */
  giveUpOne(): boolean {
    const oldest = this.#pieces.entries().next().value;
    if (oldest === undefined) return false;
    const [piece, buffer] = oldest;
    this.#pieces.delete(piece);
    this.#bytes -= buffer.bytes.length;
    buffer.release();
    return true;
  }
}
