// Our requests, from the asking to the block or to its taking back; which piece is asked for is the PiecePicker's choice.
// Invariants: a block is asked of one peer at a time, except in the end game; requests outstanding at a peer never exceed
// its window or its reqq when one is sent; a peer that stops delivering (choking, snubbed, rejecting, gone) owns no
// piece, so that nothing waits for it.

import type { PieceIndex } from "../core/index.ts";
import {
  BLOCK_LENGTH_BYTES,
  END_GAME_QUEUE_BLOCKS,
  REJECTED_REST_MS,
  REQUEST_LOST_AFTER_MS,
  REQUEST_WINDOW_MAX_BLOCKS,
  SITE_SEARCH_AGAIN_MS,
  SNUB_AFTER_MS,
} from "../core/index.ts";
import type { Accounts } from "./accounts.ts";
import type { SwarmEffects } from "./effects.ts";
import { endGameBlocks } from "./end-game.ts";
import type { PartialPiece } from "./partial-piece.ts";
import { PartialPieces } from "./partial-pieces.ts";
import { isDelivered } from "./peer.ts";
import type { SwarmPeer } from "./peer.ts";
import { PiecePicker } from "./piece-picker.ts";
import type { PiecePickerDeps } from "./piece-picker.ts";
import { TakeOvers } from "./take-over.ts";

/** How many blocks the usual delay is averaged over, about. */
const USUAL_BLOCKS = 64;

export interface DownloadDeps extends PiecePickerDeps {
  readonly effects: Pick<SwarmEffects, "openPiece" | "dropPiece" | "sendRequest" | "sendCancel">;
  readonly accounts: Accounts;
}

export class Download {
  readonly partials: PartialPieces = new PartialPieces();
  readonly #deps: DownloadDeps;
  readonly #pieceBlocks: number;
  readonly #picker: PiecePicker;
  readonly takeOvers: TakeOvers;
  /** From a request to its block, of all peers, lately. */
  #usualDelayMs = 0;

  constructor(deps: DownloadDeps) {
    this.#deps = deps;
    this.#picker = new PiecePicker(deps, this.partials);
    const [cancel, returned] = [this.#cancel.bind(this), this.#returned.bind(this)];
    const fill = (peer: SwarmPeer, now: number): void => this.fill(peer, now, false);
    this.takeOvers = new TakeOvers({ partials: this.partials, site: deps.site, cancel, returned, fill });
    this.#pieceBlocks = Math.ceil(deps.layout.pieceLengthBytes / BLOCK_LENGTH_BYTES);
  }

  /** True where every missing block was asked of somebody: what remains is to wait, or to ask twice. */
  get isEndGame(): boolean {
    return this.partials.freeBlocks === 0 && this.#deps.census.order.wanted === 0 && this.partials.size > 0;
  }

  /** True where a piece was refused memory since the last tick. */
  get isShortOfMemory(): boolean {
    return this.#picker.isShortOfMemory;
  }

  /** Sends requests until the peer's window is full or nothing is left to ask of it. `inBatches`: unless that is nearly so. */
  fill(peer: SwarmPeer, now: number, inBatches = true): void {
    if (peer.peerChoking || !peer.amInterested || peer.closed || peer.source === "webSeeds") return;
    const isEndGame = this.isEndGame;
    const isIdle = peer.requests.length === 0;
    if (peer.startable === 0 && this.partials.freeBlocks === 0 && !isEndGame && !isIdle) return;
    if (now < peer.restsUntil || now < peer.fruitlessUntil) return;
    const max = Math.min(peer.reqq, REQUEST_WINDOW_MAX_BLOCKS);
    const size = Math.min(max, peer.snubbed ? 1 : peer.window.size(now, this.#pieceBlocks, max, peer.roundTripMs));
    // Refilled in batches: many requests at once cost one write instead of hundreds, and half of a shallow window half of
    // the writes.
    if (inBatches && peer.requests.length > size - peer.window.batch(size)) return;
    while (peer.requests.length < size) {
      const partial = this.#picker.next(peer) ?? this.takeOvers.begin(peer, now, this.#usualDelayMs);
      if (partial === null) {
        if (this.#deps.site.isOutside(peer)) peer.fruitlessUntil = now + SITE_SEARCH_AGAIN_MS;
        break;
      }
      this.#request(peer, partial, this.partials.takeFree(partial), now);
    }
    peer.window.filled(peer.requests.length, size);
    if (!this.isEndGame) return;
    const endGameMax = Math.min(size, END_GAME_QUEUE_BLOCKS) - peer.requests.length;
    endGameBlocks(this.partials, this.#deps.site, peer, endGameMax, now, this.#usualDelayMs, (partial, block) => {
      partial.takePending(block, now);
      this.#request(peer, partial, block, now);
    });
  }

  /** Fills every peer. Silent ones come last, and take turns: what is scarce must not go to the same one again. */
  fillAll(now: number): void {
    const silent: SwarmPeer[] = [];
    for (const peer of this.#deps.peers) {
      if (peer.snubbed) silent.push(peer);
      else this.fill(peer, now);
    }
    silent.sort((a, b) => a.quietSince - b.quietSince);
    for (const peer of silent) this.fill(peer, now);
  }

  /**
   * The block is in memory. `full`: the piece has every block with it; `unneeded`: it was here already, or its piece is
   * no longer under way.
   */
  blockReceived(
    peer: SwarmPeer,
    piece: number,
    block: number,
    lengthBytes: number,
    now: number,
  ): "unneeded" | "kept" | "full" {
    const sentAt = peer.requests.take(piece, block);
    if (sentAt >= 0) {
      // A block counts from the beginning of its read: one that was guessed came before it was asked for.
      const delayMs = Math.max(0, now - sentAt);
      peer.window.blockReceived(lengthBytes, delayMs, now, peer.requests.oldestSentAt);
      this.#usualDelayMs += (delayMs - this.#usualDelayMs) / USUAL_BLOCKS;
    }
    peer.lastBlockAt = peer.quietSince = now;
    peer.snubbed = false;
    peer.rejecting = false;
    peer.mayTakeOver = true;
    const partial = this.partials.get(piece);
    if (partial === undefined || partial.isReceived(block)) return "unneeded";
    this.partials.received(partial, block, peer, sentAt >= 0);
    if (partial.pending(block) > 0) this.#cancelCopies(partial, block);
    if (!partial.isFull) return "kept";
    this.takeOvers.full(partial, peer);
    this.partials.disown(partial);
    return "full";
  }

  /** True where the peer owes us this very block and it is still missing. */
  accepts(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    const block = begin / BLOCK_LENGTH_BYTES;
    if (!Number.isInteger(block) || peer.requests.sentAt(piece, block) < 0) return false;
    if (this.partials.get(piece)?.isReceived(block) !== false) return false;
    return this.#deps.layout.blockLength(piece as PieceIndex, block) === lengthBytes;
  }

  /** A request ended without its block. False where it was not outstanding. */
  giveBack(peer: SwarmPeer, piece: number, block: number): boolean {
    if (peer.requests.take(piece, block) < 0) return false;
    this.#returned(piece, block);
    return true;
  }

  /** The peer will not serve the request. False where it was not outstanding, or nothing is left to do about it. */
  rejected(peer: SwarmPeer, piece: number, block: number, now: number): boolean {
    const partial = this.partials.get(piece);
    if (!this.giveBack(peer, piece, block)) return false;
    // It does what it was told: whoever took the piece over goes on with it.
    if (partial?.leaving === peer && partial.owner !== peer) {
      this.takeOvers.rejected(partial, now);
      return partial.owner === null;
    }
    if (partial?.owner === peer) this.#release(partial);
    // Asked again in the same breath it would reject again: a busy loop. A choking peer is asked nothing anyhow.
    if (!peer.peerChoking) {
      peer.rejecting = true;
      peer.restsUntil = now + REJECTED_REST_MS;
    }
    return true;
  }

  /** Nothing waits for this peer any more: others may finish what it had begun. What it owes it may still send. */
  disownAll(peer: SwarmPeer): void {
    peer.current = null;
    for (const partial of peer.owned) this.#release(partial);
  }

  /** All that the peer owes goes back; nothing waits for it any more. */
  giveBackAll(peer: SwarmPeer): void {
    peer.requests.retain((piece, block) => {
      this.#returned(piece, block);
      return false;
    });
    this.disownAll(peer);
  }

  /** The full piece was checked: it is no longer under way. */
  close(piece: number): PartialPiece | undefined {
    const partial = this.partials.get(piece);
    if (partial !== undefined) this.partials.delete(partial);
    return partial;
  }

  /** Claims pieces for a web seed, all their free blocks asked for at once: how many, from which on. */
  claimRun(peer: SwarmPeer, countMax: number, now: number): { first: PieceIndex; count: number } | null {
    const run = this.#picker.nextRun(peer, countMax);
    for (const partial of run) {
      for (let block = this.partials.takeFree(partial); block >= 0; block = this.partials.takeFree(partial)) {
        peer.requests.push(partial.piece, block, now);
      }
    }
    const first = run[0];
    return first === undefined ? null : { first: first.piece as PieceIndex, count: run.length };
  }

  /** Peers that have owed blocks for too long are snubbed; what nobody can finish makes room where memory is short. */
  tick(now: number): void {
    for (const peer of this.#deps.peers) {
      if (peer.source === "webSeeds" || peer.requests.length === 0) continue;
      const silentMs = now - Math.max(peer.quietSince, peer.requests.oldestSentAt);
      if (silentMs > SNUB_AFTER_MS) {
        peer.snubbed = true;
        peer.quietSince = now;
        this.disownAll(peer);
        // Without anybody else to ask it keeps its place in the peer's queue.
        this.#takeBack(peer, (piece) => isDelivered(this.#deps.peers, piece, peer));
      }
      if (now - peer.requests.oldestSentAt > REQUEST_LOST_AFTER_MS) {
        this.#takeBack(peer, (_piece, sentAt) => now - sentAt > REQUEST_LOST_AFTER_MS);
      }
    }
    this.takeOvers.tick(now);
    if (this.#picker.isShortOfMemory) this.#dropStuck(now);
    this.#picker.isShortOfMemory = false;
  }

  #request(peer: SwarmPeer, partial: PartialPiece, block: number, now: number): void {
    const { effects, layout } = this.#deps;
    peer.requests.push(partial.piece, block, now);
    if (partial.owner === peer) partial.requestedAt = Math.min(partial.requestedAt, now);
    const lengthBytes = layout.blockLength(partial.piece as PieceIndex, block);
    effects.sendRequest(peer, partial.piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
  }

  /** A request ended without its block: the block is free again, unless somebody else was asked as well. */
  #returned(piece: number, block: number): void {
    const partial = this.partials.get(piece);
    if (partial === undefined) return;
    this.partials.giveBack(partial, block);
    if (partial.owner === null && partial.isUntouched) this.#abandon(partial);
  }

  #release(partial: PartialPiece): void {
    this.partials.disown(partial);
    if (partial.isUntouched) this.#abandon(partial);
  }

  /** The piece is as good as never begun. What came of it is lost. */
  #abandon(partial: PartialPiece): void {
    const { accounts, census, effects, layout } = this.#deps;
    for (let block = 0; block < partial.blockCount; block++) {
      if (partial.isReceived(block)) accounts.duplicate += layout.blockLength(partial.piece as PieceIndex, block);
    }
    this.partials.delete(partial);
    census.restore(partial.piece);
    effects.dropPiece(partial.piece);
  }

  /** Cancels the peer's requests for which `isEnded` holds. */
  #takeBack(peer: SwarmPeer, isEnded: (piece: number, sentAt: number) => boolean): void {
    peer.requests.retain((piece, block, sentAt) => {
      if (!isEnded(piece, sentAt)) return true;
      this.#cancel(peer, piece, block);
      this.#returned(piece, block);
      return false;
    });
  }

  /** A block that was asked for twice came: whoever still owes it need not send it. */
  #cancelCopies(partial: PartialPiece, block: number): void {
    for (const peer of this.#deps.peers) {
      if (peer.requests.take(partial.piece, block) < 0) continue;
      this.partials.giveBack(partial, block);
      // A block that is on its way all the same counts as a duplicate.
      this.#cancel(peer, partial.piece, block);
    }
  }

  #cancel(peer: SwarmPeer, piece: number, block: number): void {
    if (peer.source === "webSeeds") return;
    const lengthBytes = this.#deps.layout.blockLength(piece as PieceIndex, block);
    this.#deps.effects.sendCancel(peer, piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
  }

  /** Memory is short: of the pieces under way that nobody delivers, the one of which the least is here goes. */
  #dropStuck(now: number): void {
    let least: PartialPiece | null = null;
    for (const partial of this.partials.values()) {
      if (partial.isFull || (least !== null && partial.receivedCount >= least.receivedCount)) continue;
      const { owner } = partial;
      if (owner !== null && !owner.snubbed && owner.requests.length > 0) continue;
      if (!isDelivered(this.#deps.peers, partial.piece, null)) least = partial;
    }
    if (least === null) return;
    const { piece } = least;
    for (const peer of this.#deps.peers) {
      const owed = peer.requests.length;
      this.#takeBack(peer, (other) => other === piece);
      if (peer.requests.length < owed) peer.quietSince = now;
    }
    // Giving the last block back may have abandoned it already.
    if (this.partials.get(piece) === least) this.#abandon(least);
  }
}
