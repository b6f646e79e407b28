// One torrent's swarm as pure state: events and times go in, effects come out. The engine drives it with sockets and
// disks, the simulation with virtual links. One owner calls it; effects never call back.
//
// Invariant: `have` holds only pieces whose hash was checked; every byte that arrives is counted once, under one name.

import type { Layout } from "../metainfo/index.ts";
import type { PieceIndex, Random } from "../core/index.ts";
import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import { Accounts } from "./accounts.ts";
import { Bitfield } from "./bitfield.ts";
import { CHOKE_ROUND_MS, chokeRound } from "./choker.ts";
import type { ChokingPolicy } from "./choker.ts";
import { Download } from "./download.ts";
import type { SwarmEffects } from "./effects.ts";
import { SwarmPeer } from "./peer.ts";
import type { ByteSource } from "./peer.ts";
import { RarestOrder } from "./rarest-order.ts";
import { SuperSeed } from "./super-seed.ts";
import { Suspects } from "./suspects.ts";
import { Upload } from "./upload.ts";

const SILENT_MEANS_NOTHING_MS = 500;

export interface SwarmOptions {
  readonly layout: Layout;
  /** Pieces that are verified already, in BEP 3's bit order. */
  readonly have: Uint8Array;
  readonly choking: ChokingPolicy;
  /** Hand every piece out once before any twice; only for a seed. */
  readonly superSeed: boolean;
  readonly random: Random;
  readonly effects: SwarmEffects;
}

export class Swarm {
  readonly layout: Layout;
  readonly have: Bitfield;
  readonly peers: Set<SwarmPeer> = new Set<SwarmPeer>();
  readonly accounts: Accounts = new Accounts();
  /** Payload bytes of the verified pieces. */
  haveBytes: number = 0;
  readonly #effects: SwarmEffects;
  readonly #random: Random;
  readonly #order: RarestOrder;
  readonly #download: Download;
  readonly #upload: Upload;
  readonly #suspects = new Suspects();
  readonly #superSeed: SuperSeed | null;
  readonly #choking: ChokingPolicy;
  #chokeRounds = 0;
  #chokedAt = -Infinity;
  #optimistic: SwarmPeer | null = null;

  constructor(options: SwarmOptions) {
    this.layout = options.layout;
    this.#effects = options.effects;
    this.#random = options.random;
    this.#choking = options.choking;
    this.have = new Bitfield(options.layout.pieceCount, options.have);
    this.#order = new RarestOrder(options.layout.pieceCount);
    for (let piece = 0; piece < options.layout.pieceCount; piece++) {
      if (!this.have.has(piece)) continue;
      this.#order.remove(piece);
      this.haveBytes += options.layout.pieceLength(piece as PieceIndex);
    }
    const parts = { peers: this.peers, layout: this.layout, order: this.#order, random: this.#random };
    this.#download = new Download({
      ...parts,
      effects: this.#effects,
      isSuspect: (piece) => this.#suspects.has(piece),
    });
    this.#upload = new Upload({ ...parts, effects: this.#effects });
    this.#superSeed =
      options.superSeed && this.have.isFull ? new SuperSeed({ ...parts, effects: this.#effects }) : null;
  }

  get isComplete(): boolean {
    return this.have.isFull;
  }

  /** True where this seed pretends to have nothing and reveals pieces one by one. */
  get isSuperSeeding(): boolean {
    return this.#superSeed !== null;
  }

  availability(piece: number): number {
    return this.#order.availability(piece);
  }

  // Peers come and go

  addPeer(options: { source: ByteSource; fast: boolean; now: number }): SwarmPeer {
    const peer = new SwarmPeer({ ...options, pieceCount: this.layout.pieceCount });
    this.peers.add(peer);
    return peer;
  }

  removePeer(peer: SwarmPeer, now: number): void {
    if (!this.peers.delete(peer)) return;
    peer.closed = true;
    this.#download.giveBackAll(peer);
    peer.uploads.drain(() => {});
    this.#forgetPieces(peer);
    this.#superSeed?.leave(peer);
    if (this.#optimistic === peer) this.#optimistic = null;
    this.#fillAll(now);
  }

  // What a peer says

  /** The whole set at once: bitfield, have all, have none. Replaces what was known. */
  peerPieces(peer: SwarmPeer, pieces: Uint8Array | "all" | "none", now: number): void {
    this.#forgetPieces(peer);
    if (pieces === "all") {
      peer.have.addAll();
      this.#order.seedCount++;
    } else if (pieces !== "none") {
      const told = new Bitfield(this.layout.pieceCount, pieces);
      if (told.isFull) {
        this.peerPieces(peer, "all", now);
        return;
      }
      for (let piece = 0; piece < this.layout.pieceCount; piece++) {
        if (told.has(piece) && peer.have.add(piece)) this.#order.increment(piece);
      }
    }
    peer.interesting = this.#countInteresting(peer);
    this.#updateInterest(peer);
    this.#superSeed?.join(peer, now);
    this.#download.fill(peer, now);
    this.#closeIfUseless(peer);
  }

  peerHave(peer: SwarmPeer, piece: number, now: number): void {
    if (!peer.have.add(piece)) return;
    if (peer.have.isFull) {
      // From here on it counts as a seed.
      for (let other = 0; other < this.layout.pieceCount; other++) if (other !== piece) this.#order.decrement(other);
      this.#order.seedCount++;
    } else {
      this.#order.increment(piece);
    }
    this.#superSeed?.join(peer, now);
    this.#superSeed?.peerHave(peer, piece, now);
    if (!this.have.has(piece)) {
      peer.interesting++;
      this.#updateInterest(peer);
      this.#download.fill(peer, now);
    }
    this.#closeIfUseless(peer);
  }

  /** lt_donthave (BEP 54) */
  peerDontHave(peer: SwarmPeer, piece: number): void {
    if (!peer.have.has(piece)) return;
    if (peer.have.isFull) {
      this.#order.seedCount--;
      for (let other = 0; other < this.layout.pieceCount; other++) this.#order.increment(other);
    }
    peer.have.delete(piece);
    this.#order.decrement(piece);
    if (this.have.has(piece)) return;
    peer.interesting--;
    this.#updateInterest(peer);
  }

  peerChoking(peer: SwarmPeer, choking: boolean, now: number): void {
    peer.peerChoking = choking;
    // Without the fast extension a choke ends every request; with it each is rejected by name.
    if (choking && !peer.fast) this.#download.giveBackAll(peer);
    if (!choking) this.#download.fill(peer, now);
  }

  peerInterested(peer: SwarmPeer, interested: boolean, now: number): void {
    peer.peerInterested = interested;
    if (!interested) return;
    if (this.#choking === "cooperative") this.#upload.choke(peer, false);
    else if (this.#chokedAt === -Infinity || this.peers.size <= 4) this.#rechoke(now);
  }

  peerUploadOnly(peer: SwarmPeer, uploadOnly: boolean): void {
    peer.uploadOnly = uploadOnly;
    this.#closeIfUseless(peer);
  }

  requestReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    const has = this.have.has(piece) && (this.#superSeed === null || this.#superSeed.isOffered(peer, piece));
    return this.#upload.requestReceived(peer, piece, begin, lengthBytes, has);
  }

  cancelReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    this.#upload.cancelReceived(peer, piece, begin, lengthBytes);
  }

  /** The peer will not serve this request of ours (BEP 6). */
  rejectReceived(peer: SwarmPeer, piece: number, begin: number, now: number): void {
    this.#download.giveBack(peer, piece, Math.floor(begin / BLOCK_LENGTH_BYTES));
    // A peer that rejects what it was asked is not asked again in the same breath: that would be a busy loop.
    for (const other of this.peers) if (other !== peer) this.#download.fill(other, now);
  }

  // Blocks come in

  /** True where the block is one that this peer owes us and that is still missing: its bytes have a place in memory. */
  acceptsBlock(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    if (begin % BLOCK_LENGTH_BYTES !== 0) return false;
    const partial = this.#download.partial(piece);
    const block = begin / BLOCK_LENGTH_BYTES;
    if (partial === undefined || block >= partial.blockCount || partial.isReceived(block)) return false;
    if (!this.#download.isOutstanding(peer, piece, block)) return false;
    return this.layout.blockLength(piece as PieceIndex, block) === lengthBytes;
  }

  /** The block stands in memory. */
  blockReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number, now: number): void {
    peer.downRate.add(lengthBytes, now);
    const block = begin / BLOCK_LENGTH_BYTES;
    if (this.#download.blockReceived(peer, piece, block, lengthBytes, now)) this.#effects.checkPiece(piece);
    this.#download.fill(peer, now);
  }

  /** Bytes of a block that nobody waited for came and were thrown away. */
  blockDiscarded(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number, now: number): void {
    this.accounts.duplicate += lengthBytes;
    peer.downRate.add(lengthBytes, now);
    if (begin % BLOCK_LENGTH_BYTES === 0) this.#download.giveBack(peer, piece, begin / BLOCK_LENGTH_BYTES);
    this.#download.fill(peer, now);
  }

  /** True where pieceVerified wants the digests of the piece's blocks, since it failed its hash before. */
  isSuspect(piece: number): boolean {
    return this.#suspects.has(piece);
  }

  /** The piece is good and on disk. `digests`: SHA-256 of each block, where isSuspect. */
  pieceVerified(piece: number, now: number, digests?: Uint8Array): void {
    const partial = this.#download.close(piece);
    partial?.senders.forEach((sender, block) => {
      if (sender !== null) this.accounts.received(sender, this.layout.blockLength(piece as PieceIndex, block));
    });
    if (digests !== undefined) this.resolveSuspects(piece, digests);
    if (this.have.add(piece)) this.haveBytes += this.layout.pieceLength(piece as PieceIndex);
    for (const peer of this.peers) {
      if (peer.have.has(piece)) {
        peer.interesting--;
        this.#updateInterest(peer);
      }
      this.#effects.sendHave(peer, piece);
    }
    // A finished piece freed its memory: others may have waited for it.
    this.#fillAll(now);
    if (this.isComplete) for (const peer of this.peers) this.#closeIfUseless(peer);
  }

  /** The piece failed its hash. `digests`: SHA-256 of each block as received. */
  pieceFailed(piece: number, digests: Uint8Array, now: number): void {
    const partial = this.#download.close(piece);
    if (partial === undefined) return;
    this.accounts.hashFailed += this.layout.pieceLength(piece as PieceIndex);
    const liar = this.#suspects.failed(piece, partial.senders, digests);
    this.#order.restore(piece);
    if (liar !== null) this.#effects.disconnect(liar, "bad-data");
    this.#fillAll(now);
  }

  /** The true digests of a suspect piece's blocks are known: whoever sent other bytes is disconnected. */
  resolveSuspects(piece: number, digests: Uint8Array): void {
    for (const liar of this.#suspects.resolve(piece, digests)) this.#effects.disconnect(liar, "bad-data");
  }

  /** The piece could not be written: it is fetched again later. */
  pieceLost(piece: number): void {
    if (this.#download.close(piece) !== undefined) this.#order.restore(piece);
  }

  // Blocks go out

  /** The peer whose oldest request is to be served now. See Upload. */
  nextUpload(now: number, canSend: (peer: SwarmPeer) => boolean): SwarmPeer | null {
    return this.#upload.next(now, canSend);
  }

  /** The oldest request of the peer was handed to its connection. */
  uploadServed(peer: SwarmPeer, now: number): void {
    const piece = peer.uploads.headPiece;
    const lengthBytes = peer.uploads.headLengthBytes;
    this.accounts.uploaded += lengthBytes;
    this.#upload.served(peer, now);
    this.#superSeed?.blockServed(peer, piece, lengthBytes, now);
  }

  // Web seeds

  /** Begins a run of up to `countMax` adjoining pieces for a web seed: the first and how many, or null. */
  claimRun(peer: SwarmPeer, countMax: number, now: number): { first: PieceIndex; count: number } | null {
    const picked = this.#order.pick(this.#random, (piece) => peer.have.has(piece));
    const first = picked < 0 ? null : this.layout.pieceIndex(picked);
    const count = first === null ? 0 : this.#download.claimRun(peer, first, countMax, now);
    return first === null || count === 0 ? null : { first, count };
  }

  /** The web seed will not deliver what it claimed. */
  releaseRun(peer: SwarmPeer, now: number): void {
    this.#download.giveBackAll(peer);
    this.#fillAll(now);
  }

  // Time passes

  /** Memory is free again, or what held requests back is over. */
  resume(now: number): void {
    if (!this.isComplete) this.#fillAll(now);
  }

  tick(now: number): void {
    this.#download.tick(now);
    if (this.#superSeed !== null) {
      // A peer that has nothing need not say so.
      for (const peer of this.peers)
        if (now - peer.connectedAt > SILENT_MEANS_NOTHING_MS) this.#superSeed.join(peer, now);
      this.#superSeed.tick(now);
    }
    if (now - this.#chokedAt >= CHOKE_ROUND_MS) this.#rechoke(now);
    if (!this.isComplete) this.#fillAll(now);
  }

  #rechoke(now: number): void {
    this.#chokedAt = now;
    const { unchoked, optimistic } = chokeRound({
      policy: this.#choking,
      peers: this.peers,
      isSeeding: this.isComplete,
      random: this.#random,
      now,
      round: this.#chokeRounds++,
      optimistic: this.#optimistic,
    });
    this.#optimistic = optimistic;
    for (const peer of this.peers) this.#upload.choke(peer, !unchoked.has(peer));
  }

  #fillAll(now: number): void {
    for (const peer of this.peers) this.#download.fill(peer, now);
  }

  #forgetPieces(peer: SwarmPeer): void {
    if (peer.have.isFull) this.#order.seedCount--;
    else if (peer.have.count > 0) {
      for (let piece = 0; piece < this.layout.pieceCount; piece++) {
        if (peer.have.has(piece)) this.#order.decrement(piece);
      }
    }
    peer.interesting = 0;
    if (!peer.closed) peer.have.clear();
  }

  #countInteresting(peer: SwarmPeer): number {
    let count = 0;
    for (let piece = 0; piece < this.layout.pieceCount; piece++) {
      if (peer.have.has(piece) && !this.have.has(piece)) count++;
    }
    return count;
  }

  #updateInterest(peer: SwarmPeer): void {
    const interested = peer.interesting > 0;
    if (peer.amInterested === interested || peer.closed) return;
    peer.amInterested = interested;
    this.#effects.sendInterested(peer, interested);
  }

  #closeIfUseless(peer: SwarmPeer): void {
    if (peer.closed || !this.isComplete) return;
    if (peer.isSeed || peer.uploadOnly) this.#effects.disconnect(peer, "both-complete");
  }
}
