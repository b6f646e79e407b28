// Which piece a peer is to send blocks of next. The order of preference: the piece it sends already, a piece of its own,
// one that nobody finishes, a new one (the rarest), and only then to help with somebody else's: pieces become whole, and
// so useful to others, one after the other.

import type { Layout } from "../metainfo/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import type { SwarmEffects } from "./effects.ts";
import { PartialPiece } from "./partial-piece.ts";
import type { PartialPieces } from "./partial-pieces.ts";
import { isDelivered } from "./peer.ts";
import type { SwarmPeer } from "./peer.ts";
import type { PieceCensus } from "./piece-census.ts";
import type { SiteShare } from "./site-share.ts";

export interface PiecePickerDeps {
  /** The connected peers. */
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly layout: Layout;
  readonly census: PieceCensus;
  readonly site: SiteShare;
  readonly random: Random;
  readonly effects: Pick<SwarmEffects, "openPiece">;
  /** Pieces to fetch from one peer alone, because they failed their hash before. */
  readonly isSuspect: (piece: number) => boolean;
}

export class PiecePicker {
  readonly #deps: PiecePickerDeps;
  readonly #partials: PartialPieces;
  /** A piece was refused memory; whoever reads it sets it back. */
  isShortOfMemory = false;

  constructor(deps: PiecePickerDeps, partials: PartialPieces) {
    this.#deps = deps;
    this.#partials = partials;
  }

  /** A piece under way, or begun now, with free blocks that are this peer's to send; null where there is none. */
  next(peer: SwarmPeer): PartialPiece | null {
    const { census, site, random } = this.#deps;
    const own = this.#partials.freeBlocks > 0 ? this.#ownOrOrphan(peer) : null;
    if (own !== null) return (peer.current = own);
    const piece = census.pick(peer, random, (candidate) => site.mayFetch(peer, candidate));
    // Without memory for a new piece the ones under way are the only work there is.
    const begun = piece >= 0 && this.#mayOwn(peer, piece) ? this.#begin(piece, peer) : null;
    return (peer.current = begun ?? this.#shared(peer));
  }

  /**
   * For a web seed, which likes long ranges: up to `countMax` adjoining pieces, begun now; where there is nothing left to
   * begin, one that nobody finishes.
   */
  nextRun(peer: SwarmPeer, countMax: number): PartialPiece[] {
    const { census, site, random } = this.#deps;
    const mayFetch = (piece: number): boolean => site.mayFetch(peer, piece);
    const run: PartialPiece[] = [];
    for (let piece = census.pick(peer, random, mayFetch); run.length < countMax; piece++) {
      const isNew = piece >= 0 && peer.have.has(piece) && census.order.isWanted(piece) && mayFetch(piece);
      const partial = isNew ? this.#begin(piece, peer) : null;
      if (partial === null) break;
      run.push(partial);
    }
    const orphan = run.length === 0 ? this.#orphan(peer) : null;
    return orphan === null ? run : [orphan];
  }

  #ownOrOrphan(peer: SwarmPeer): PartialPiece | null {
    const { current } = peer;
    if (current !== null && this.#partials.get(current.piece) === current && this.#maySend(peer, current))
      return current;
    for (const partial of peer.owned) if (this.#maySend(peer, partial)) return partial;
    return this.#orphan(peer);
  }

  #orphan(peer: SwarmPeer): PartialPiece | null {
    for (const orphan of this.#partials.orphans) {
      if (orphan.leaving === peer || !peer.have.has(orphan.piece) || !this.#mayOwn(peer, orphan.piece)) continue;
      this.#partials.adopt(orphan, peer);
      return orphan;
    }
    return null;
  }

  /** A snubbed peer would only hold up what others can finish. */
  #mayOwn(peer: SwarmPeer, piece: number): boolean {
    if (!this.#deps.site.mayFetch(peer, piece)) return false;
    return !peer.snubbed || !isDelivered(this.#deps.peers, piece, peer);
  }

  /** Somebody else's piece with free blocks: better than idling, worse than a piece of one's own. */
  #shared(peer: SwarmPeer): PartialPiece | null {
    if (this.#partials.freeBlocks === 0) return null;
    for (const partial of this.#partials.values()) if (this.#maySend(peer, partial)) return partial;
    return null;
  }

  #begin(piece: number, peer: SwarmPeer): PartialPiece | null {
    const { layout, census, effects, isSuspect } = this.#deps;
    if (!effects.openPiece(piece)) {
      this.isShortOfMemory = true;
      return null;
    }
    census.begin(piece);
    const partial = new PartialPiece(piece, layout.blockCount(piece as PieceIndex), isSuspect(piece));
    this.#partials.add(partial, peer);
    return partial;
  }

  /** True where the piece has free blocks that the peer may be asked for. */
  #maySend(peer: SwarmPeer, partial: PartialPiece): boolean {
    if (partial.freeCount === 0 || !peer.have.has(partial.piece)) return false;
    if (partial.owner === peer) return true;
    // Who is being left is not asked again before it has answered: what it owes is forgotten then (take-over.ts).
    return partial.leaving !== peer && !partial.exclusive && this.#deps.site.mayFetch(peer, partial.piece);
  }
}
