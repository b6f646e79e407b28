// Whom to serve next. Invariant: an uploader finishes one piece for one peer before it begins another one, since a piece
// is of use to others only when it is whole; and it begins with the piece that the fewest have, which is new to the
// largest number (docs/decisions/0007-crowd.md), for whoever passes on most. A turn ends after a piece's length, whatever the peer asks for, and
// every FAIR_TURNS-th turn goes to whoever has waited longest: so nobody starves, neither by rarity nor by greed.

import type { Layout } from "../metainfo/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import type { SwarmEffects } from "./effects.ts";
import type { SwarmPeer } from "./peer.ts";
import type { RarestOrder } from "./rarest-order.ts";
import type { SuperSeed } from "./super-seed.ts";
import { UploadBudget } from "./upload-budget.ts";

const FAIR_TURNS = 8;
/**
 * Every so manieth turn waiting alone decides. In the other fair turns those that are far behind come first, which brings a crowd
 * with uneven uplinks home 4 % sooner; but a greedy peer that never says what it has is far behind for ever.
 */
const WAITING_TURNS = 4 * FAIR_TURNS;
/** A peer that brings us less than this share of what the best one does passes on little. */
const SLOW_SHARE = 0.25;
/** Who has less than this share of what another has is far behind it. */
const BEHIND_SHARE = 0.9;
/**
 * Who is so many pieces and this share behind the others' mean comes before rarity: whoever gets the rare pieces first asks for
 * common ones afterwards, is served last, and would never catch up where downlinks are no faster than uplinks.
 */
const LATE_PIECES = 3;
const LATE_SHARE = 0.01;
/** After everybody else. */
const PROBATION_RANK = Number.MAX_SAFE_INTEGER;
const FIRST_TURNS = 65_536;

/** What decides who is next: rarity; being far behind, or waiting; waiting alone. */
type Turn = "usual" | "fair" | "waiting";

export interface UploadDeps {
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly layout: Layout;
  readonly order: RarestOrder;
  readonly random: Random;
  readonly effects: Pick<SwarmEffects, "sendChoke" | "sendReject">;
  readonly superSeed: SuperSeed | null;
}

export class Upload {
  /** What is on its way to all peers together. */
  readonly budget: UploadBudget = new UploadBudget();
  readonly #deps: UploadDeps;
  #turnPeer: SwarmPeer | null = null;
  #turns = 0;
  /** Pieces of the peers that take part and are not complete, on average. */
  #meanPieces = 0;

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /**
   * Peers that were never served take their turns in an order of our own: machines that all served a crowd in the order of
   * its arrival would send everything to the same few first, and leave the rest without anything to pass on.
   */
  join(peer: SwarmPeer): void {
    peer.lastServedAt = -1 - this.#deps.random.int(FIRST_TURNS);
  }

  /**
   * The peer whose oldest request is to be served now, or null. `canSend` says whether a peer's connection takes more
   * (and its piece is in memory). The caller serves the head of `peer.uploads` and then calls `served`.
   */
  next(canSend: (peer: SwarmPeer) => boolean): SwarmPeer | null {
    const turn = this.#turnPeer;
    if (turn !== null && !turn.closed && this.#isMidPiece(turn) && canSend(turn)) return turn;
    const kind = turnOf(this.#turns);
    let best: SwarmPeer | null = null;
    let bestRank = Infinity;
    const room = this.budget.room();
    const { unanswered } = this.budget;
    const { isOneAtMost } = unanswered;
    for (const peer of this.#deps.peers) {
      if (peer.uploads.length === 0 || peer.closed) continue;
      const rank = this.#rank(peer, kind);
      // A piece that was begun goes on.
      const mayBegin = isOneAtMost || (unanswered.answers(peer) ? room.answering : room.others);
      if (rank >= 0 && !mayBegin) continue;
      if (rank > bestRank || (rank === bestRank && best !== null && !isBefore(peer, best, kind))) continue;
      if (!canSend(peer)) continue;
      best = peer;
      bestRank = rank;
    }
    this.#turnPeer = best;
    return best;
  }

  tick(now: number): void {
    let received = 0;
    let best = 0;
    let sum = 0;
    let count = 0;
    for (const peer of this.#deps.peers) {
      received += peer.downRate.at(now);
      best = Math.max(best, peer.downRate.total);
      if (peer.isSeed || peer.have.count === 0) continue;
      sum += peer.have.count;
      count++;
    }
    this.budget.tick(now, received);
    this.#meanPieces = sum / Math.max(1, count);
    for (const peer of this.#deps.peers) peer.isSlow = peer.downRate.total < best * SLOW_SHARE;
  }

  /** The oldest requests of the peer, `lengthBytes` together, were handed to its connection: one, or a run. */
  served(peer: SwarmPeer, now: number, lengthBytes: number = peer.uploads.headLengthBytes): void {
    const { headPiece } = peer.uploads;
    if (!this.#isMidPiece(peer)) {
      this.#turns++;
      peer.servingPiece = headPiece;
      peer.servingBytes = 0;
    }
    this.budget.served(peer, headPiece, lengthBytes, now);
    peer.servingBytes += lengthBytes;
    peer.upRate.add(lengthBytes, now);
    peer.lastServedAt = now;
    peer.uploads.shiftRun(lengthBytes);
  }

  /** A request came. False where it is refused (and was rejected, where the peer understands that). */
  requestReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number, has: boolean): boolean {
    const isValid = has && !peer.amChoking && this.#deps.layout.isValidRequest(piece, begin, lengthBytes);
    if (isValid && peer.uploads.push(piece, begin, lengthBytes)) return true;
    if (peer.fast) this.#deps.effects.sendReject(peer, piece, begin, lengthBytes);
    return false;
  }

  /** With the fast extension a cancel is answered by a reject or by the block (BEP 6). */
  cancelReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    if (!peer.uploads.remove(piece, begin, lengthBytes)) return;
    if (peer.fast) this.#deps.effects.sendReject(peer, piece, begin, lengthBytes);
  }

  /** Requests for the piece will not be served. */
  withdraw(piece: number): void {
    for (const peer of this.#deps.peers) {
      peer.uploads.takeOut(piece, ({ begin, lengthBytes }) => {
        if (peer.fast) this.#deps.effects.sendReject(peer, piece, begin, lengthBytes);
      });
    }
  }

  choke(peer: SwarmPeer, choked: boolean): void {
    if (peer.amChoking === choked) return;
    peer.amChoking = choked;
    this.#deps.effects.sendChoke(peer, choked);
    if (!choked) return;
    peer.uploads.drain((request) => {
      if (peer.fast) this.#deps.effects.sendReject(peer, request.piece, request.begin, request.lengthBytes);
    });
  }

  #isMidPiece(peer: SwarmPeer): boolean {
    return isMidPiece(peer, this.#deps.layout);
  }

  /** Only who answers can be late: who says that it has nothing, and takes all the same, is no newcomer for ever. */
  #isLate(peer: SwarmPeer): boolean {
    const lateBelow = this.#meanPieces * (1 - LATE_SHARE) - LATE_PIECES;
    return peer.have.count < lateBelow && !peer.isSlow && this.budget.unanswered.answers(peer);
  }

  /** The lower the sooner; among equals whoever was served the longest ago. */
  #rank(peer: SwarmPeer, turn: Turn): number {
    // A piece that was begun and held up by its connection comes before a new one.
    if (this.#isMidPiece(peer)) return -1;
    if (turn === "waiting") return 0;
    // Who has yet to show that it answers gets one piece, and then what the others leave.
    if (this.budget.unanswered.isOnProbation(peer)) return PROBATION_RANK;
    if (turn === "fair") return 0;
    const { headPiece } = peer.uploads;
    if (this.#isLate(peer)) return this.#deps.superSeed?.unspread(peer) ?? 0;
    const copies = this.#deps.order.availability(headPiece) + this.budget.unanswered.copies(headPiece);
    // Who passes on little waits until the piece was given to somebody who passes on more.
    return copies + Number(peer.isSlow) + (this.#deps.superSeed?.unspread(peer) ?? 0);
  }
}

/**
 * Bytes of the peer's oldest requests that may be served in one go: a run within a piece, until there are `bytesMax` or the
 * turn ends, where it would end block by block.
 */
export function uploadRunBytes(peer: SwarmPeer, layout: Layout, bytesMax: number): number {
  const pieceBytes = layout.pieceLength(peer.uploads.headPiece as PieceIndex);
  const left = isMidPiece(peer, layout) ? pieceBytes - peer.servingBytes : pieceBytes;
  return peer.uploads.runBytes(Math.min(bytesMax, left));
}

function isMidPiece({ servingPiece, servingBytes, uploads }: SwarmPeer, layout: Layout): boolean {
  if (servingPiece < 0 || uploads.headPiece !== servingPiece) return false;
  return servingBytes < layout.pieceLength(servingPiece as PieceIndex);
}

function turnOf(turns: number): Turn {
  if (turns % WAITING_TURNS === WAITING_TURNS - 1) return "waiting";
  return turns % FAIR_TURNS === FAIR_TURNS - 1 ? "fair" : "usual";
}

/** Among equals: who is far behind, since it may never catch up where downlinks are thin too; then who has waited longest. */
function isBefore(one: SwarmPeer, other: SwarmPeer, turn: Turn): boolean {
  if (one.source === other.source && turn !== "waiting") {
    if (one.have.count < other.have.count * BEHIND_SHARE) return true;
    if (other.have.count < one.have.count * BEHIND_SHARE) return false;
  }
  return one.lastServedAt < other.lastServedAt;
}
