// One peer as the swarm sees it: what it has, who chokes whom, what is owed in either direction. A plain record that the
// parts of this folder mutate; it knows no socket. The engine keeps one beside each connection (or web seed).

import { REQQ_DEFAULT_BLOCKS, SUGGESTIONS_MAX } from "../core/index.ts";
import { Bitfield } from "./bitfield.ts";
import type { SwarmEffects } from "./effects.ts";
import type { PartialPiece } from "./partial-piece.ts";
import { Rate } from "./rate.ts";
import { RequestQueue } from "./request-queue.ts";
import { RequestWindow } from "./request-window.ts";
import type { Account } from "./unanswered.ts";
import { UploadQueue } from "./upload-queue.ts";

/** Where bytes come from, as they are accounted for (ARCHITECTURE, invariant 2). */
export type ByteSource = "sitePeers" | "otherPeers" | "webSeeds";

export interface SwarmPeerOptions {
  readonly pieceCount: number;
  readonly source: ByteSource;
  /** Both ends speak the fast extension (BEP 6): a choke is followed by explicit rejects. */
  readonly fast: boolean;
  readonly now: number;
}

export class SwarmPeer {
  /** Changes once, where the peer says what site it is on. */
  source: ByteSource;
  readonly fast: boolean;
  readonly have: Bitfield;
  readonly connectedAt: number;
  /** Of the path to it, at most; 0 where that was not measured. */
  roundTripMs = 0;

  amInterested: boolean = false;
  amChoking = true;
  peerInterested = false;
  peerChoking = true;
  /** Says that it will not download anything more (BEP 21), or has every piece. */
  uploadOnly = false;
  /** Requests that the peer is willing to queue (`reqq`, BEP 10). */
  reqq: number = REQQ_DEFAULT_BLOCKS;
  /** It owed blocks for too long. */
  snubbed = false;
  /** It is gone, or is being disconnected: nothing more is asked of it. */
  closed = false;
  /** It delivered since it last took over a piece from another peer: silent ones would pass it on for ever. */
  mayTakeOver = true;
  /** It rejected the last that it was asked, and is asked nothing before `restsUntil`. */
  rejecting = false;
  restsUntil: number = -Infinity;

  /** Pieces that it wants us to take (BEP 6), the latest SUGGESTIONS_MAX. */
  readonly suggested: Set<number> = new Set<number>();
  /** Outside of our site, with nothing that is ours to fetch: not searched again before. See SiteShare. */
  fruitlessUntil: number = -Infinity;
  /** Pieces that the peer has and we lack. See PieceCensus. */
  interesting = 0;
  /** Of those, the pieces that nobody has begun. */
  startable = 0;
  /** The peer came with everything and counts as one seed instead of piece by piece. */
  isCountedAsSeed = false;
  /** Our requests, outstanding. */
  readonly requests: RequestQueue = new RequestQueue();
  readonly window: RequestWindow;
  /** The partial piece that blocks are taken from next. */
  current: PartialPiece | null = null;
  /** Partial pieces that are this peer's to finish. */
  readonly owned: Set<PartialPiece> = new Set<PartialPiece>();
  lastBlockAt: number;
  /** From when on its silence counts: its last block, or when what it owed was last taken back. */
  quietSince: number;

  /** The peer's requests that wait to be served. */
  readonly uploads: UploadQueue = new UploadQueue();
  lastServedAt: number = -Infinity;
  /** The piece of the block that was served last, and how much of it since the turn began. */
  servingPiece = -1;
  servingBytes = 0;
  /** What it was sent and has not answered for; null where it was never sent anything. */
  account: Account | null = null;

  /** It brings us far less than the best do. See Upload. */
  isSlow = false;
  readonly downRate: Rate;
  readonly upRate: Rate;

  constructor(options: SwarmPeerOptions) {
    this.source = options.source;
    this.fast = options.fast;
    this.have = new Bitfield(options.pieceCount);
    this.connectedAt = options.now;
    this.lastBlockAt = options.now;
    this.quietSince = options.now;
    this.window = new RequestWindow(options.now);
    this.downRate = new Rate(options.now);
    this.upRate = new Rate(options.now);
  }

  /** It wants us to take the piece. */
  suggest(piece: number): void {
    this.suggested.add(piece);
    const [oldest] = this.suggested;
    if (this.suggested.size > SUGGESTIONS_MAX && oldest !== undefined) this.suggested.delete(oldest);
    this.fruitlessUntil = -Infinity;
  }

  get isSeed(): boolean {
    return this.have.isFull;
  }
}

/** Tells the peer whether it has something that we lack, where that has changed. */
export function tellInterest(peer: SwarmPeer, effects: Pick<SwarmEffects, "sendInterested">): void {
  const interested = peer.interesting > 0;
  if (peer.amInterested === interested || peer.closed) return;
  peer.amInterested = interested;
  effects.sendInterested(peer, interested);
}

/** True where the peer answers requests, as far as one can tell. */
export function delivers(peer: SwarmPeer): boolean {
  if (peer.closed) return false;
  return peer.source === "webSeeds" || (!peer.peerChoking && !peer.snubbed && !peer.rejecting && peer.reqq > 0);
}

/** True where somebody but `except` has the piece and delivers. */
export function isDelivered(peers: ReadonlySet<SwarmPeer>, piece: number, except: SwarmPeer | null): boolean {
  for (const peer of peers) {
    if (peer !== except && peer.have.has(piece) && delivers(peer)) return true;
  }
  return false;
}
