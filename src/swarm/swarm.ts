// One torrent's swarm as pure state: events and times go in, effects come out. The engine drives it with sockets and
// disks, the simulation with virtual links. One owner calls it; effects never call back. PieceCensus knows the peers'
// pieces, Download what we ask, Upload what we serve; this class turns one event into what each of them is to do.
//
// Invariant: `have` holds only pieces whose hash was checked; every byte that arrives is counted once, under one name.

import type { Layout } from "../metainfo/index.ts";
import { BLOCK_LENGTH_BYTES, type PieceIndex } from "../core/index.ts";
import { Accounts } from "./accounts.ts";
import { type Audited, auditSwarm } from "./audit.ts";
import { Bitfield } from "./bitfield.ts";
import { Choker } from "./choker.ts";
import { Download } from "./download.ts";
import { Dismissal } from "./dismissal.ts";
import type { SwarmEffects } from "./effects.ts";
import { HaveNews } from "./have-news.ts";
import { type ByteSource, SwarmPeer, tellInterest } from "./peer.ts";
import { PieceCensus } from "./piece-census.ts";
import { SiteShare } from "./site-share.ts";
import { SuperSeed } from "./super-seed.ts";
import { Suspects } from "./suspects.ts";
import type { SwarmOptions } from "./swarm-options.ts";
import { Upload } from "./upload.ts";

export class Swarm {
  readonly layout: Layout;
  readonly have: Bitfield;
  readonly peers: Set<SwarmPeer> = new Set<SwarmPeer>();
  readonly accounts: Accounts = new Accounts();
  /** Payload bytes of the verified pieces. */
  haveBytes: number = 0;
  readonly #effects: SwarmEffects;
  readonly #census: PieceCensus;
  readonly #site: SiteShare;
  readonly #news: HaveNews;
  readonly #download: Download;
  readonly #upload: Upload;
  readonly #choker: Choker;
  readonly #suspects = new Suspects();
  readonly #dismissal: Dismissal;
  readonly #superSeed: SuperSeed | null;

  constructor(options: SwarmOptions) {
    const { layout, effects, random } = options;
    this.layout = layout;
    this.#effects = effects;
    this.have = new Bitfield(layout.pieceCount, options.have);
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (this.have.has(piece)) this.haveBytes += layout.pieceLength(piece as PieceIndex);
    }
    const { have, peers, accounts } = this;
    const census = (this.#census = new PieceCensus(have, peers));
    const site = (this.#site = new SiteShare({ key: options.siteKey ?? 0, have, peers }));
    this.#news = new HaveNews({ peers, site, effects });
    const isSuspect = this.isSuspect.bind(this);
    this.#download = new Download({ peers, layout, census, site, random, effects, accounts, isSuspect });
    const isSuperSeed = options.superSeed && have.isFull;
    const superSeed = (this.#superSeed = isSuperSeed ? new SuperSeed({ layout, random, effects }) : null);
    const upload = (this.#upload = new Upload({ peers, layout, order: census.order, random, effects, superSeed }));
    this.#choker = new Choker({ policy: options.choking, peers, random, choke: upload.choke.bind(upload) });
    this.#dismissal = new Dismissal({ peers, have, effects, isSuperSeeding: this.isSuperSeeding });
  }

  get isComplete(): boolean {
    return this.have.isFull;
  }

  /** True where this seed pretends to have nothing and reveals pieces one by one. */
  get isSuperSeeding(): boolean {
    return this.#superSeed !== null;
  }

  // Peers come and go

  addPeer(options: { source: ByteSource; fast: boolean; now: number }): SwarmPeer {
    const peer = new SwarmPeer({ ...options, pieceCount: this.layout.pieceCount });
    this.#upload.join(peer);
    this.peers.add(peer);
    return peer;
  }

  /** The peer is on our site or not; `key`: it shares the site's link by the same rules, and is ranked by this. */
  peerSite(peer: SwarmPeer, source: ByteSource, key: number | null, now: number): void {
    peer.source = source;
    if (key !== null && source === "sitePeers") this.#site.join(peer, key, now);
    else this.#site.leave(peer);
    this.resume(now);
  }

  removePeer(peer: SwarmPeer, now: number): void {
    if (!this.peers.delete(peer)) return;
    peer.closed = true;
    this.#download.giveBackAll(peer);
    peer.uploads.drain(() => {});
    this.#superSeed?.leave(peer);
    this.#upload.budget.unanswered.left(peer);
    this.#site.leave(peer);
    this.#census.forget(peer);
    this.#choker.left(peer);
    this.resume(now);
  }

  // What a peer says

  /** The whole set at once: bitfield, have all, have none. Replaces what was known. */
  peerPieces(peer: SwarmPeer, pieces: Uint8Array | "all" | "none", now: number): void {
    const shown = this.#superSeed?.leave(peer);
    this.#census.told(peer, pieces);
    this.#superSeed?.join(peer, now, shown);
    tellInterest(peer, this.#effects);
    this.#download.fill(peer, now);
    this.#dismissal.ifUseless(peer);
  }

  peerHave(peer: SwarmPeer, piece: number, now: number): void {
    if (this.layout.pieceIndex(piece) === null || peer.have.has(piece)) return;
    this.#superSeed?.join(peer, now);
    this.#site.gained(peer, piece, now);
    this.#census.gained(peer, piece);
    if (this.#site.mayFetch(peer, piece)) peer.fruitlessUntil = now;
    this.#superSeed?.peerHave(peer, piece, now);
    this.#upload.budget.peerHave(peer, piece, now);
    if (!this.have.has(piece)) {
      tellInterest(peer, this.#effects);
      this.#download.fill(peer, now);
    }
    this.#dismissal.ifUseless(peer);
  }

  /** lt_donthave (BEP 54). Its requests for the piece stand until it rejects them or is snubbed. */
  peerDontHave(peer: SwarmPeer, piece: number): void {
    if (!this.#census.lost(peer, piece)) return;
    this.#superSeed?.peerDontHave(peer, piece);
    this.#download.disownAll(peer);
    tellInterest(peer, this.#effects);
  }

  peerChoking(peer: SwarmPeer, choking: boolean, now: number): void {
    peer.peerChoking = choking;
    if (!choking) return this.#download.fill(peer, now);
    // Without the fast extension a choke ends every request; with it each is rejected by name.
    if (peer.fast) this.#download.disownAll(peer);
    else this.#download.giveBackAll(peer);
    this.resume(now);
  }

  peerInterested(peer: SwarmPeer, interested: boolean): void {
    peer.peerInterested = interested;
    if (interested) this.#choker.interested(peer);
  }

  /** The piece is for us rather than for others (BEP 6). */
  suggestReceived(peer: SwarmPeer, piece: number, now: number): void {
    if (this.layout.pieceIndex(piece) === null) return;
    peer.suggest(piece);
    this.#download.fill(peer, now);
  }

  peerUploadOnly(peer: SwarmPeer, uploadOnly: boolean): void {
    peer.uploadOnly = uploadOnly;
    this.#dismissal.ifUseless(peer);
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
    if (this.#download.rejected(peer, piece, Math.floor(begin / BLOCK_LENGTH_BYTES), now)) this.resume(now);
  }

  // Blocks come in

  /** True where the block is one that this peer owes us and that is still missing: its bytes have a place in memory. */
  acceptsBlock(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): boolean {
    return this.#download.accepts(peer, piece, begin, lengthBytes);
  }

  /** The block stands in memory: acceptsBlock held when its bytes began to come, and nobody else wrote to it since. */
  blockReceived(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number, now: number): void {
    peer.downRate.add(lengthBytes, now);
    const outcome = this.#download.blockReceived(peer, piece, begin / BLOCK_LENGTH_BYTES, lengthBytes, now);
    if (outcome === "unneeded") this.accounts.duplicate += lengthBytes;
    if (outcome === "full") this.#effects.checkPiece(piece);
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
    if (!this.#census.verified(piece)) return;
    if (partial !== undefined) this.accounts.verified(partial, this.layout);
    const liars = digests === undefined ? [] : this.#suspects.resolve(piece, digests);
    for (const liar of liars) this.#dismissal.disconnect(liar, "bad-data");
    this.haveBytes += this.layout.pieceLength(piece as PieceIndex);
    for (const peer of this.peers) tellInterest(peer, this.#effects);
    this.#news.verified(piece, partial, now);
    // A finished piece freed its memory: others may have waited for it.
    if (this.#download.isShortOfMemory) this.resume(now);
    if (this.isComplete) for (const peer of this.peers) this.#dismissal.ifUseless(peer);
  }

  /** The piece failed its hash. `digests`: SHA-256 of each block as received. */
  pieceFailed(piece: number, digests: Uint8Array, now: number): void {
    const partial = this.#download.close(piece);
    if (partial === undefined) return;
    this.accounts.hashFailed += this.layout.pieceLength(piece as PieceIndex);
    const liar = this.#suspects.failed(piece, partial.senders, digests);
    if (liar !== null) this.#dismissal.disconnect(liar, "bad-data");
    this.#census.restore(piece);
    this.resume(now);
  }

  /** A piece that we had cannot be read any more: neither offered nor wanted from here on. False where we had it not. */
  pieceUnreadable(piece: number): boolean {
    if (!this.#census.withdraw(piece)) return false;
    this.haveBytes -= this.layout.pieceLength(piece as PieceIndex);
    this.#superSeed?.withdraw(piece);
    this.#upload.withdraw(piece);
    this.#news.withdraw(piece);
    return true;
  }

  // Blocks go out

  /** The peer whose oldest request is to be served now. See Upload. */
  nextUpload(canSend: (peer: SwarmPeer) => boolean): SwarmPeer | null {
    return this.#upload.next(canSend);
  }

  /** Uploads that had to wait for what is on its way may go on. */
  get uploadsMayGoOn(): boolean {
    return this.#upload.budget.isFreeAgain;
  }

  /** The oldest requests of the peer, `lengthBytes` together, were handed to its connection. */
  uploadServed(peer: SwarmPeer, now: number, lengthBytes: number = peer.uploads.headLengthBytes): void {
    const { headPiece } = peer.uploads;
    this.accounts.uploaded += lengthBytes;
    this.#upload.served(peer, now, lengthBytes);
    this.#superSeed?.blockServed(peer, headPiece, lengthBytes, now);
  }

  // Web seeds

  /** Claims up to `countMax` adjoining pieces for a web seed: the first and how many, or null. See Download. */
  claimRun(peer: SwarmPeer, countMax: number, now: number): { first: PieceIndex; count: number } | null {
    return this.#download.claimRun(peer, countMax, now);
  }

  /** The web seed will not deliver what it claimed. */
  releaseRun(peer: SwarmPeer, now: number): void {
    this.#download.giveBackAll(peer);
    this.resume(now);
  }

  // Time passes

  /** Asks whoever may be asked: memory is free again, or what held requests back is over. */
  resume(now: number): void {
    if (!this.isComplete) this.#download.fillAll(now);
  }

  tick(now: number): void {
    this.#site.tick(now);
    this.#news.tick(now);
    this.#download.tick(now);
    this.#superSeed?.tick(this.peers, now);
    this.#upload.tick(now);
    this.#choker.tick(now, this.isComplete);
    this.resume(now);
  }

  /** For tests. @throws AssertionError where the books do not agree with each other */
  audit(): void {
    auditSwarm(this.have, this.peers, this.#census, this.#download);
    const { unanswered } = this.#upload.budget;
    const parts: readonly (Audited | null)[] = [unanswered, this.#superSeed, this.#site, this.#suspects, this.#news];
    for (const part of parts) part?.audit(this.peers, this.have);
  }
}
