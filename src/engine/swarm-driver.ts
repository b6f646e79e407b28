// Performs what the swarm decides: requests on connections, pieces in memory, hashes and writes in storage. Owns the
// memory of pieces under way. Invariant: bytes of a connection go only into the buffer of a piece that is still under
// way; a block has one writer at a time, the one that began it last; a piece that is full is not written to any more,
// so what was hashed is what is stored.

import { hash } from "node:crypto";
import { BLOCK_LENGTH_BYTES, HAVE_DELAY_MS, HAVE_INTERVAL_MS, messageOf } from "../core/index.ts";
import type { Clock, Log, PieceIndex } from "../core/index.ts";
import type { Layout } from "../metainfo/index.ts";
import type { PieceBuffer, PieceStore } from "../storage/index.ts";
import { BLOCK_DIGEST_BYTES } from "../swarm/index.ts";
import type { DisconnectReason, Swarm, SwarmEffects, SwarmPeer } from "../swarm/index.ts";
import { encodeBare, encodeCancel, encodeHave, encodeReject, encodeSuggest } from "../wire/index.ts";
import type { PeerConnection } from "./peer-connection.ts";
import type { PieceCache } from "./piece-cache.ts";

export interface SwarmDriverDeps {
  readonly layout: Layout;
  readonly store: PieceStore;
  readonly cache: PieceCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly onVerified: (piece: number) => void;
  /** A piece could not be written. It is kept in memory until `retryWrites`. */
  readonly onWriteError: (error: unknown) => void;
  /** A piece fits one half of a hybrid torrent and not the other: the torrent itself is wrong. */
  readonly onInconsistent: (piece: number) => void;
  readonly onDisconnect: (peer: SwarmPeer, reason: DisconnectReason) => void;
}

/** Who is in the middle of a block. */
export interface BlockHolder {
  /** Somebody else writes the block from here on. */
  loseBlock(): void;
}

export class SwarmDriver implements SwarmEffects {
  readonly #deps: SwarmDriverDeps;
  readonly #connections = new Map<SwarmPeer, PeerConnection>();
  readonly #buffers = new Map<number, PieceBuffer>();
  /** Pieces whose write failed, in memory. */
  readonly #unwritten = new Set<number>();
  /** Blocks that a connection has received in part, and by whom: piece × 2^16 + block. */
  readonly #receiving = new Map<number, BlockHolder>();
  #swarm: Swarm | null = null;
  #haveTimer: NodeJS.Timeout | undefined;
  #havesSentAt = -Infinity;
  #isClosed = false;
  /** A piece was refused memory since the last time some became free. */
  isStarved = false;

  constructor(deps: SwarmDriverDeps) {
    this.#deps = deps;
  }

  /** The swarm whose effects these are; set once, right after both were made. */
  attach(swarm: Swarm): void {
    this.#swarm = swarm;
  }

  link(peer: SwarmPeer, connection: PeerConnection): void {
    this.#connections.set(peer, connection);
  }

  unlink(peer: SwarmPeer): void {
    this.#connections.delete(peer);
  }

  connectionOf(peer: SwarmPeer): PeerConnection | undefined {
    return this.#connections.get(peer);
  }

  /** The memory of a piece under way. */
  bufferOf(piece: number): PieceBuffer | undefined {
    return this.#buffers.get(piece);
  }

  /** Another connection begins to write the block: whoever holds it in part loses it. */
  takeOverBlock(piece: number, begin: number): void {
    if (this.#receiving.size > 0) this.#receiving.get(blockKey(piece, begin))?.loseBlock();
  }

  /** `holder` has the block in part across reads, until `blockEnded`. */
  blockPaused(piece: number, begin: number, holder: BlockHolder): void {
    this.#receiving.set(blockKey(piece, begin), holder);
  }

  blockEnded(piece: number, begin: number, holder: BlockHolder): void {
    if (this.#receiving.size === 0) return;
    const key = blockKey(piece, begin);
    if (this.#receiving.get(key) === holder) this.#receiving.delete(key);
  }

  /** Tries the failed writes again: room was made, or the disk is back. */
  retryWrites(): void {
    const pieces = [...this.#unwritten];
    this.#unwritten.clear();
    for (const piece of pieces) this.checkPiece(piece);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#haveTimer);
    for (const buffer of this.#buffers.values()) buffer.release();
    this.#buffers.clear();
  }

  // SwarmEffects

  sendInterested(peer: SwarmPeer, interested: boolean): void {
    this.#connections.get(peer)?.send(encodeBare(interested ? "interested" : "notInterested"));
  }

  sendChoke(peer: SwarmPeer, choked: boolean): void {
    this.#connections.get(peer)?.send(encodeBare(choked ? "choke" : "unchoke"));
  }

  sendRequest(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    this.#connections.get(peer)?.sendRequest(piece, begin, lengthBytes);
  }

  sendCancel(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    this.#connections.get(peer)?.send(encodeCancel(piece, begin, lengthBytes));
  }

  sendReject(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    this.#connections.get(peer)?.send(encodeReject(piece, begin, lengthBytes));
  }

  sendHave(peer: SwarmPeer, piece: number): void {
    const connection = this.#connections.get(peer);
    // What a super-seed offers is all that the peer may ask for: it would wait for nothing.
    if (this.#swarm?.isSuperSeeding === true) {
      connection?.send(encodeHave(piece));
      return;
    }
    connection?.sendSoon(encodeHave(piece));
    if (this.#haveTimer !== undefined) return;
    const waitMs = Math.max(HAVE_DELAY_MS, this.#havesSentAt + HAVE_INTERVAL_MS - this.#deps.clock.now());
    this.#haveTimer = setTimeout(() => {
      this.#haveTimer = undefined;
      this.#havesSentAt = this.#deps.clock.now();
      for (const each of this.#connections.values()) each.flush();
    }, waitMs);
  }

  sendSuggest(peer: SwarmPeer, piece: number): void {
    this.#connections.get(peer)?.sendSoon(encodeSuggest(piece));
  }

  openPiece(piece: number): boolean {
    // After a failed write more data would only pile up in memory.
    if (this.#isClosed || this.#unwritten.size > 0) return false;
    const buffer = this.#deps.cache.acquire(this.#deps.layout.pieceLength(piece as PieceIndex));
    if (buffer === null) {
      this.isStarved = true;
      return false;
    }
    this.#buffers.set(piece, buffer);
    return true;
  }

  dropPiece(piece: number): void {
    this.#buffers.get(piece)?.release();
    this.#buffers.delete(piece);
  }

  checkPiece(piece: number): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    buffer.retain();
    this.#deps.store
      .writePiece(piece as PieceIndex, buffer)
      .then(
        (outcome) => {
          if (this.#isClosed) return;
          if (outcome.ok) this.#verified(piece, buffer);
          else this.#failed(piece, buffer, outcome);
        },
        (error: unknown) => this.#writeFailed(piece, error),
      )
      .finally(() => buffer.release());
  }

  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    // Not at once: the swarm is in the middle of a decision.
    queueMicrotask(() => this.#deps.onDisconnect(peer, reason));
  }

  #verified(piece: number, buffer: PieceBuffer): void {
    const swarm = this.#swarm;
    if (swarm === null) return;
    this.#deps.cache.put(piece, buffer);
    this.dropPiece(piece);
    const digests = swarm.isSuspect(piece) ? blockDigests(buffer.bytes) : undefined;
    swarm.pieceVerified(piece, this.#deps.clock.now(), digests);
    this.#deps.onVerified(piece);
  }

  #failed(piece: number, buffer: PieceBuffer, outcome: { leaves: Buffer | null; inconsistent?: boolean }): void {
    if (outcome.inconsistent === true) this.#deps.onInconsistent(piece);
    const digests = outcome.leaves ?? blockDigests(buffer.bytes);
    this.#deps.log.write("warn", "piece.hash-failed", { piece });
    this.dropPiece(piece);
    this.#swarm?.pieceFailed(piece, digests, this.#deps.clock.now());
  }

  #writeFailed(piece: number, error: unknown): void {
    if (this.#isClosed) return;
    this.#unwritten.add(piece);
    this.#deps.log.write("error", "piece.write-failed", { piece, reason: messageOf(error) });
    this.#deps.onWriteError(error);
  }
}

function blockKey(piece: number, begin: number): number {
  return piece * 65_536 + Math.floor(begin / BLOCK_LENGTH_BYTES);
}

/** SHA-256 of each block: the leaves of the piece's Merkle tree, also where the torrent has none (v1). */
function blockDigests(bytes: Buffer): Buffer {
  const count = Math.ceil(bytes.length / BLOCK_LENGTH_BYTES);
  const digests = Buffer.alloc(count * BLOCK_DIGEST_BYTES);
  for (let block = 0; block < count; block++) {
    const part = bytes.subarray(block * BLOCK_LENGTH_BYTES, (block + 1) * BLOCK_LENGTH_BYTES);
    hash("sha256", part, "buffer").copy(digests, block * BLOCK_DIGEST_BYTES);
  }
  return digests;
}
