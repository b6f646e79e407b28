// Whom to serve next. Invariant: an uploader finishes one piece for one peer before it begins another one, since a piece
// is of use to others only when it is whole; and it begins with the piece that the fewest have, which is new to the
// largest number (DESIGN, "What makes a crowd fast"). Nobody waits longer than STARVED_MS for a turn.

import type { Layout } from "../metainfo/index.ts";
import type { SwarmEffects } from "./effects.ts";
import type { SwarmPeer } from "./peer.ts";
import type { RarestOrder } from "./rarest-order.ts";

const STARVED_MS = 3_000;

export interface UploadDeps {
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly layout: Layout;
  readonly order: RarestOrder;
  readonly effects: SwarmEffects;
}

export class Upload {
  readonly #deps: UploadDeps;
  #turnPeer: SwarmPeer | null = null;
  #turnPiece = -1;

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /**
   * The peer whose oldest request is to be served now, or null. `canSend` says whether a peer's connection takes more
   * (and its piece is in memory). The caller serves the head of `peer.uploads` and then calls `served`.
   */
  next(now: number, canSend: (peer: SwarmPeer) => boolean): SwarmPeer | null {
    const turn = this.#turnPeer;
    if (turn !== null && !turn.closed && turn.uploads.headPiece === this.#turnPiece && canSend(turn)) return turn;
    let best: SwarmPeer | null = null;
    for (const peer of this.#deps.peers) {
      if (peer.uploads.length === 0 || !canSend(peer)) continue;
      if (best === null || this.#before(peer, best, now)) best = peer;
    }
    this.#turnPeer = best;
    this.#turnPiece = best?.uploads.headPiece ?? -1;
    return best;
  }

  /** The oldest request of the peer was handed to its connection. */
  served(peer: SwarmPeer, now: number): void {
    peer.upRate.add(peer.uploads.headLengthBytes, now);
    peer.lastServedAt = now;
    peer.uploads.shift();
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

  choke(peer: SwarmPeer, choked: boolean): void {
    if (peer.amChoking === choked) return;
    peer.amChoking = choked;
    this.#deps.effects.sendChoke(peer, choked);
    if (!choked) return;
    peer.uploads.drain((request) => {
      if (peer.fast) this.#deps.effects.sendReject(peer, request.piece, request.begin, request.lengthBytes);
    });
  }

  #before(a: SwarmPeer, b: SwarmPeer, now: number): boolean {
    const aStarved = now - Math.max(a.lastServedAt, a.connectedAt) > STARVED_MS;
    const bStarved = now - Math.max(b.lastServedAt, b.connectedAt) > STARVED_MS;
    if (aStarved !== bStarved) return aStarved;
    const { order } = this.#deps;
    const rarer = order.availability(a.uploads.headPiece) - order.availability(b.uploads.headPiece);
    if (rarer !== 0 && !aStarved) return rarer < 0;
    return a.lastServedAt < b.lastServedAt;
  }
}
