// What to ask of whom. Invariants: a block is asked of one peer at a time, except in the end game (at most
// END_GAME_COPIES_MAX); requests outstanding at a peer never exceed its window or its reqq; a piece that is under way
// belongs to one peer while that one delivers (whole-piece preference: pieces become whole, and so useful to others, one
// after the other), and is shared only when there is nothing new to begin.

import type { Layout } from "../metainfo/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import {
  BLOCK_LENGTH_BYTES,
  END_GAME_AFTER_MS,
  END_GAME_COPIES_MAX,
  REQUEST_WINDOW_MAX_BLOCKS,
  SNUB_AFTER_MS,
} from "../core/index.ts";
import type { SwarmEffects } from "./effects.ts";
import { PartialPiece } from "./partial-piece.ts";
import type { SwarmPeer } from "./peer.ts";
import type { RarestOrder } from "./rarest-order.ts";

/** Blocks asked for twice that may be outstanding at one peer: enough to keep it busy, few enough to waste little. */
const END_GAME_QUEUE_BLOCKS = 4;

export interface DownloadDeps {
  /** The connected peers. */
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly layout: Layout;
  readonly order: RarestOrder;
  readonly random: Random;
  readonly effects: SwarmEffects;
  /** Pieces to fetch from one peer alone, because they failed their hash before. */
  readonly isSuspect: (piece: number) => boolean;
}

export class Download {
  readonly #deps: DownloadDeps;
  readonly #partials = new Map<number, PartialPiece>();
  /** Partial pieces with free blocks and no owner. */
  readonly #orphans = new Set<PartialPiece>();
  #freeBlocks = 0;

  constructor(deps: DownloadDeps) {
    this.#deps = deps;
  }

  partial(piece: number): PartialPiece | undefined {
    return this.#partials.get(piece);
  }

  get partialCount(): number {
    return this.#partials.size;
  }

  /** True where every missing block was asked of somebody: what remains is to wait, or to ask twice. */
  get isEndGame(): boolean {
    return this.#deps.order.wanted === 0 && this.#freeBlocks === 0 && this.#partials.size > 0;
  }

  /** Sends requests until the peer's window is full or nothing is left to ask of it. */
  fill(peer: SwarmPeer, now: number): void {
    if (peer.peerChoking || !peer.amInterested || peer.closed || peer.source === "webSeeds") return;
    const { layout, effects } = this.#deps;
    const max = Math.min(peer.reqq, REQUEST_WINDOW_MAX_BLOCKS);
    const pieceBlocks = Math.ceil(layout.pieceLengthBytes / BLOCK_LENGTH_BYTES);
    const size = peer.snubbed ? 1 : peer.window.size(now, pieceBlocks, max);
    // Refilled in batches: a quarter of a deep window at once costs one write instead of hundreds.
    if (peer.requests.length > size - Math.max(1, size >> 2)) return;
    while (peer.requests.length < size) {
      const partial = this.#partialFor(peer);
      const block = partial === null ? -1 : partial.takeFree();
      if (partial === null || block < 0) break;
      this.#freeBlocks--;
      if (partial.freeCount === 0) this.#orphans.delete(partial);
      this.#request(peer, partial, block, now, effects);
    }
    if (this.isEndGame) this.#fillEndGame(peer, now);
  }

  /** True where the peer owes us this very block. */
  isOutstanding(peer: SwarmPeer, piece: number, block: number): boolean {
    return peer.requests.sentAt(piece, block) >= 0;
  }

  /** The block is in memory. True where the piece is full with it. */
  blockReceived(peer: SwarmPeer, piece: number, block: number, lengthBytes: number, now: number): boolean {
    const sentAt = peer.requests.sentAt(piece, block);
    if (sentAt >= 0) {
      peer.window.blockReceived(lengthBytes, now - sentAt, now);
      peer.requests.remove(piece, block);
    }
    peer.lastBlockAt = now;
    peer.snubbed = false;
    const partial = this.#partials.get(piece);
    if (partial === undefined || partial.isReceived(block)) return false;
    const copies = partial.pending(block);
    const free = partial.freeCount;
    partial.received(block, peer);
    this.#freeBlocks += partial.freeCount - free;
    if (copies > 1) this.#cancelCopies(peer, partial, block);
    if (!partial.isFull) return false;
    this.#disown(partial);
    return true;
  }

  /** A request ended without its block: rejected, choked away or timed out. */
  giveBack(peer: SwarmPeer, piece: number, block: number): void {
    if (!peer.requests.remove(piece, block)) return;
    this.#returnBlock(piece, block);
  }

  /** All that the peer owes goes back; with `close` its pieces lose their owner for good. */
  giveBackAll(peer: SwarmPeer): void {
    peer.requests.drain((piece, block) => this.#returnBlock(piece, block));
    for (const partial of peer.owned) {
      partial.owner = null;
      if (partial.freeCount > 0) this.#orphans.add(partial);
      if (partial.receivedCount === 0 && partial.freeCount === partial.blockCount) this.#abandon(partial);
    }
    peer.owned.clear();
    peer.current = null;
  }

  /** The full piece was checked, or its memory lost: it is no longer under way. */
  close(piece: number): PartialPiece | undefined {
    const partial = this.#partials.get(piece);
    if (partial === undefined) return undefined;
    this.#freeBlocks -= partial.freeCount;
    this.#partials.delete(piece);
    this.#orphans.delete(partial);
    this.#disown(partial);
    return partial;
  }

  /** Begins a run of pieces for a web seed, all blocks asked for at once. The pieces that could be begun, in order. */
  claimRun(peer: SwarmPeer, first: PieceIndex, countMax: number, now: number): number {
    let count = 0;
    for (; count < countMax; count++) {
      const piece = this.#deps.layout.pieceIndex(first + count);
      if (piece === null || !this.#deps.order.isWanted(piece)) break;
      const partial = this.#begin(piece, peer);
      if (partial === null) break;
      for (let block = partial.takeFree(); block >= 0; block = partial.takeFree()) {
        this.#freeBlocks--;
        peer.requests.push(partial.piece, block, now);
      }
    }
    return count;
  }

  /** Peers that have owed blocks for too long are snubbed: what they owe is asked of others. */
  tick(now: number): void {
    for (const peer of this.#deps.peers) {
      if (peer.source === "webSeeds" || peer.requests.length === 0) continue;
      const silentMs = now - Math.max(peer.lastBlockAt, peer.requests.oldestSentAt);
      if (silentMs > SNUB_AFTER_MS) {
        peer.snubbed = true;
        peer.lastBlockAt = now;
        this.giveBackAll(peer);
      }
    }
  }

  #request(peer: SwarmPeer, partial: PartialPiece, block: number, now: number, effects: SwarmEffects): void {
    peer.requests.push(partial.piece, block, now);
    const piece = partial.piece as PieceIndex;
    effects.sendRequest(peer, partial.piece, block * BLOCK_LENGTH_BYTES, this.#deps.layout.blockLength(piece, block));
  }

  #partialFor(peer: SwarmPeer): PartialPiece | null {
    const current = peer.current;
    if (current !== null && current.freeCount > 0 && this.#partials.get(current.piece) === current) return current;
    for (const partial of peer.owned) {
      if (partial.freeCount > 0) return (peer.current = partial);
    }
    for (const orphan of this.#orphans) {
      if (!peer.have.has(orphan.piece)) continue;
      this.#adopt(orphan, peer);
      return (peer.current = orphan);
    }
    const piece = this.#deps.order.pick(this.#deps.random, (candidate) => peer.have.has(candidate));
    // Without memory for a new piece the ones under way are the only work there is.
    const begun = piece >= 0 ? this.#begin(piece, peer) : null;
    return (peer.current = begun ?? this.#shared(peer));
  }

  /** Somebody else's piece with free blocks: better than idling, worse than a piece of one's own. */
  #shared(peer: SwarmPeer): PartialPiece | null {
    if (this.#freeBlocks === 0) return null;
    for (const partial of this.#partials.values()) {
      if (partial.freeCount > 0 && !partial.exclusive && peer.have.has(partial.piece)) return partial;
    }
    return null;
  }

  #begin(piece: number, peer: SwarmPeer): PartialPiece | null {
    const { layout, order, effects, isSuspect } = this.#deps;
    if (!effects.openPiece(piece)) return null;
    order.remove(piece);
    const partial = new PartialPiece(piece, layout.blockCount(piece as PieceIndex), isSuspect(piece));
    this.#partials.set(piece, partial);
    this.#freeBlocks += partial.freeCount;
    this.#adopt(partial, peer);
    return partial;
  }

  #adopt(partial: PartialPiece, peer: SwarmPeer): void {
    partial.owner = peer;
    peer.owned.add(partial);
    this.#orphans.delete(partial);
  }

  #disown(partial: PartialPiece): void {
    partial.owner?.owned.delete(partial);
    partial.owner = null;
  }

  #returnBlock(piece: number, block: number): void {
    const partial = this.#partials.get(piece);
    if (partial === undefined) return;
    const before = partial.freeCount;
    partial.giveBack(block);
    this.#freeBlocks += partial.freeCount - before;
    if (partial.owner === null && partial.freeCount > 0) this.#orphans.add(partial);
  }

  /** Nothing of the piece is here and nobody owes any of it: it is as good as never begun. */
  #abandon(partial: PartialPiece): void {
    this.close(partial.piece);
    this.#deps.order.restore(partial.piece);
    this.#deps.effects.dropPiece(partial.piece);
  }

  #fillEndGame(peer: SwarmPeer, now: number): void {
    // A peer whose own answers take long gains nothing by asking twice: it waits its own delay first.
    const delayMs = peer.window.delayMs;
    const patienceMs = Math.max(END_GAME_AFTER_MS, delayMs === Infinity ? 0 : 2 * delayMs);
    for (const partial of this.#partials.values()) {
      if (partial.isFull || partial.exclusive || !peer.have.has(partial.piece)) continue;
      if (partial.owner !== null && now - partial.owner.requests.oldestSentAt < patienceMs) continue;
      for (let block = 0; block < partial.blockCount; block++) {
        if (peer.requests.length >= END_GAME_QUEUE_BLOCKS) return;
        const pending = partial.pending(block);
        if (partial.isReceived(block) || pending === 0 || pending >= END_GAME_COPIES_MAX) continue;
        if (peer.requests.sentAt(partial.piece, block) >= 0) continue;
        partial.takePending(block);
        this.#request(peer, partial, block, now, this.#deps.effects);
      }
    }
  }

  #cancelCopies(sender: SwarmPeer, partial: PartialPiece, block: number): void {
    for (const peer of this.#deps.peers) {
      if (peer === sender || !this.isOutstanding(peer, partial.piece, block)) continue;
      // The request is no longer counted; a block that is on its way all the same counts as a duplicate.
      peer.requests.remove(partial.piece, block);
      partial.giveBack(block);
      const lengthBytes = this.#deps.layout.blockLength(partial.piece as PieceIndex, block);
      this.#deps.effects.sendCancel(peer, partial.piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
    }
  }
}
