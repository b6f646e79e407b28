// What one peer says, turned into events of the swarm. Before the torrent is ready (its metadata is being fetched, or its
// files are being checked) what the peer says about itself is remembered and told to the swarm when it is.

import type { Clock } from "../core/index.ts";
import { EARLY_HAVES_MAX, UPLOAD_QUEUE_MAX_BLOCKS } from "../core/index.ts";
import type { PieceBuffer } from "../storage/index.ts";
import { Bitfield } from "../swarm/index.ts";
import type { ByteSource, Swarm, SwarmPeer } from "../swarm/index.ts";
import {
  encodeBare,
  encodeBitfield,
  encodeExtensionHandshake,
  encodeHave,
  EXTENSION_HANDSHAKE_ID,
  LOCAL_EXTENSION_IDS,
  parseDontHave,
  parseExtensionHandshake,
  parseUploadOnly,
  WireError,
} from "../wire/index.ts";
import type { ExtensionHandshake, ExtensionName, HashRequest } from "../wire/index.ts";
import type { PeerConnection, PeerMessages } from "./peer-connection.ts";
import type { SwarmDriver } from "./swarm-driver.ts";
import type { UploadPump } from "./upload-pump.ts";

/** The torrent's running parts, once there are any. */
export interface ActiveTorrent {
  readonly swarm: Swarm;
  readonly driver: SwarmDriver;
  readonly pump: UploadPump;
}

/** What a session needs of its torrent. */
export interface SessionHost {
  readonly clock: Clock;
  readonly clientName: string;
  readonly listenPort: number;
  readonly isPrivate: boolean;
  readonly isComplete: boolean;
  /** Bytes of the info dictionary behind the peer's door; null where it is not known. */
  metadataSize(session: PeerSession): number | null;
  extensionHandshake(session: PeerSession, message: ExtensionHandshake): void;
  metadataMessage(session: PeerSession, payload: Buffer): void;
  peerExchange(session: PeerSession, payload: Buffer): void;
  hashRequest(session: PeerSession, request: HashRequest): void;
  hashes(session: PeerSession, request: HashRequest, hashes: Buffer): void;
  hashReject(session: PeerSession, request: HashRequest): void;
}

const NO_TARGET = Buffer.alloc(0);

export class PeerSession implements PeerMessages {
  readonly connection: PeerConnection;
  readonly source: ByteSource;
  readonly #host: SessionHost;
  #active: ActiveTorrent | null = null;
  #peer: SwarmPeer | null = null;
  /** The peer's ids for the extensions that it speaks. */
  readonly extensionIds: Partial<Record<ExtensionName, number>> = {};
  metadataSize: number | null = null;

  // Before the torrent is ready
  #earlyPieces: Buffer | "all" | "none" | null = null;
  #earlyHaves: number[] = [];
  #earlyChoking = true;
  #earlyInterested = false;
  #earlyUploadOnly = false;
  #reqq: number | null = null;

  // BlockSink
  pieceTarget: Buffer = NO_TARGET;
  pieceTargetOffset = 0;
  #blockBuffer: PieceBuffer | null = null;
  #blockPiece = 0;
  #blockBegin = 0;

  constructor(host: SessionHost, connection: PeerConnection, source: ByteSource) {
    this.#host = host;
    this.connection = connection;
    this.source = source;
  }

  get peer(): SwarmPeer | null {
    return this.#peer;
  }

  get pieceCount(): number | null {
    return this.#active?.swarm.layout.pieceCount ?? null;
  }

  get speaksFast(): boolean {
    return this.connection.remoteFlags?.fast ?? false;
  }

  /** Says hello: what we have, and the extensions. `active` is null before the torrent is ready. */
  start(active: ActiveTorrent | null): void {
    if (active !== null) {
      this.#sendPieces(active.swarm);
    } else if (this.speaksFast) {
      this.connection.send(encodeBare("haveNone"));
    }
    if (this.connection.remoteFlags?.extension === true) this.#sendExtensionHandshake();
    if (active !== null) this.activate(active);
  }

  /** The torrent is ready: the swarm learns of the peer, with all that it has said so far. */
  activate(active: ActiveTorrent): void {
    if (this.#peer !== null) return;
    const now = this.#host.clock.now();
    const { swarm, driver } = active;
    const wasEarly = this.#earlyPieces !== null || this.#earlyHaves.length > 0;
    this.connection.reader?.setPieceCount(swarm.layout.pieceCount);
    this.#active = active;
    const peer = swarm.addPeer({ source: this.source, fast: this.speaksFast, now });
    this.#peer = peer;
    driver.link(peer, this.connection);
    if (this.#reqq !== null) peer.reqq = this.#reqq;
    if (!wasEarly && this.#earlyChoking && !this.#earlyInterested) return;
    peer.peerChoking = this.#earlyChoking;
    this.#tellPieces(this.#earlyPieces ?? "none", now);
    for (const piece of this.#earlyHaves) this.have(piece);
    if (this.#earlyInterested) swarm.peerInterested(peer, true, now);
    if (this.#earlyUploadOnly) swarm.peerUploadOnly(peer, true);
    this.#earlyHaves = [];
  }

  /** The torrent became ready after the hello: what we have is told piece by piece. */
  tellPieces(have: Bitfield): void {
    for (let piece = 0; piece < have.pieceCount; piece++) {
      if (have.has(piece)) this.connection.send(encodeHave(piece));
    }
  }

  close(): void {
    this.#endBlock();
    const active = this.#active;
    if (active === null || this.#peer === null) return;
    active.swarm.removePeer(this.#peer, this.#host.clock.now());
    active.driver.unlink(this.#peer);
    this.#peer = null;
  }

  // PeerMessages

  batchEnd(): void {
    // A block that continues in the next read keeps others out of its memory.
    if (this.#blockBuffer !== null) this.#active?.driver.blockPaused(this.#blockPiece, this.#blockBegin);
    if (this.#peer !== null && this.#peer.uploads.length > 0) this.#active?.pump.run();
  }

  drained(): void {
    this.#active?.pump.run();
  }

  // WireHandler

  keepAlive(): void {}

  choke(): void {
    this.#earlyChoking = true;
    this.#tell((swarm, peer, now) => swarm.peerChoking(peer, true, now));
  }

  unchoke(): void {
    this.#earlyChoking = false;
    this.#tell((swarm, peer, now) => swarm.peerChoking(peer, false, now));
  }

  interested(): void {
    this.#earlyInterested = true;
    this.#tell((swarm, peer, now) => swarm.peerInterested(peer, true, now));
  }

  notInterested(): void {
    this.#earlyInterested = false;
    this.#tell((swarm, peer, now) => swarm.peerInterested(peer, false, now));
  }

  have(index: number): void {
    const swarm = this.#active?.swarm;
    if (swarm === undefined || this.#peer === null) {
      if (this.#earlyHaves.length < EARLY_HAVES_MAX) this.#earlyHaves.push(index);
      return;
    }
    if (swarm.layout.pieceIndex(index) === null) throw outside("have", index);
    swarm.peerHave(this.#peer, index, this.#host.clock.now());
  }

  bitfield(bytes: Buffer): void {
    this.#pieces(bytes);
  }

  haveAll(): void {
    this.#pieces("all");
  }

  haveNone(): void {
    this.#pieces("none");
  }

  request(index: number, begin: number, length: number): void {
    if (this.#peer === null) return;
    this.#active?.swarm.requestReceived(this.#peer, index, begin, length);
  }

  cancel(index: number, begin: number, length: number): void {
    this.#tell((swarm, peer) => swarm.cancelReceived(peer, index, begin, length));
  }

  reject(index: number, begin: number): void {
    this.#tell((swarm, peer, now) => swarm.rejectReceived(peer, index, begin, now));
  }

  suggest(): void {}
  allowedFast(): void {}
  dhtPort(): void {}

  pieceStart(index: number, begin: number, length: number): boolean {
    const { driver, swarm } = this.#active ?? {};
    if (driver === undefined || swarm === undefined || this.#peer === null) return false;
    const buffer = driver.bufferOf(index);
    const accepted =
      buffer !== undefined && swarm.acceptsBlock(this.#peer, index, begin, length) && driver.beginBlock(index, begin);
    if (!accepted) {
      swarm.blockDiscarded(this.#peer, index, begin, length, this.#host.clock.now());
      return false;
    }
    buffer.retain();
    this.#blockBuffer = buffer;
    this.#blockPiece = index;
    this.#blockBegin = begin;
    this.pieceTarget = buffer.bytes;
    this.pieceTargetOffset = begin;
    return true;
  }

  pieceEnd(index: number, begin: number, length: number): void {
    const buffer = this.#blockBuffer;
    this.#endBlock();
    const { driver, swarm } = this.#active ?? {};
    if (driver === undefined || swarm === undefined || this.#peer === null) return;
    const now = this.#host.clock.now();
    // The piece may have been given up and begun anew in other memory while the block came.
    if (driver.bufferOf(index) === buffer) swarm.blockReceived(this.#peer, index, begin, length, now);
    else swarm.blockDiscarded(this.#peer, index, begin, length, now);
  }

  hashRequest(request: HashRequest): void {
    this.#host.hashRequest(this, request);
  }

  hashes(request: HashRequest, hashes: Buffer): void {
    this.#host.hashes(this, request, hashes);
  }

  hashReject(request: HashRequest): void {
    this.#host.hashReject(this, request);
  }

  extended(id: number, payload: Buffer): void {
    if (id === EXTENSION_HANDSHAKE_ID) this.#extensionHandshake(parseExtensionHandshake(payload));
    else if (id === LOCAL_EXTENSION_IDS.ut_metadata) this.#host.metadataMessage(this, payload);
    else if (id === LOCAL_EXTENSION_IDS.ut_pex && !this.#host.isPrivate) this.#host.peerExchange(this, payload);
    else if (id === LOCAL_EXTENSION_IDS.upload_only) this.#setUploadOnly(parseUploadOnly(payload));
    else if (id === LOCAL_EXTENSION_IDS.lt_donthave) this.#dontHave(parseDontHave(payload));
  }

  #extensionHandshake(message: ExtensionHandshake): void {
    for (const [name, id] of Object.entries(message.m) as [ExtensionName, number][]) {
      if (id === 0) delete this.extensionIds[name];
      else this.extensionIds[name] = id;
    }
    if (message.reqq !== null) {
      this.#reqq = message.reqq;
      if (this.#peer !== null) this.#peer.reqq = message.reqq;
    }
    if (message.metadataSize !== null) this.metadataSize = message.metadataSize;
    if (message.uploadOnly !== null) this.#setUploadOnly(message.uploadOnly);
    this.#host.extensionHandshake(this, message);
  }

  #sendExtensionHandshake(): void {
    const isSuperSeeding = this.#active?.swarm.isSuperSeeding ?? false;
    this.connection.send(
      encodeExtensionHandshake({
        extensions: this.#host.isPrivate
          ? ["ut_metadata", "upload_only", "lt_donthave"]
          : ["ut_metadata", "ut_pex", "upload_only", "lt_donthave"],
        clientName: this.#host.clientName,
        reqq: UPLOAD_QUEUE_MAX_BLOCKS,
        metadataSize: this.#host.metadataSize(this),
        listenPort: this.#host.listenPort,
        uploadOnly: this.#host.isComplete && !isSuperSeeding,
        yourip: this.connection.remote.address,
      }),
    );
  }

  #sendPieces(swarm: Swarm): void {
    const { connection } = this;
    if (swarm.isSuperSeeding || swarm.have.count === 0) {
      if (this.speaksFast) connection.send(encodeBare("haveNone"));
    } else if (this.speaksFast && swarm.isComplete) {
      connection.send(encodeBare("haveAll"));
    } else {
      connection.send(encodeBitfield(swarm.have.bytes));
    }
  }

  #pieces(pieces: Buffer | "all" | "none"): void {
    if (this.#peer === null) this.#earlyPieces = pieces;
    else this.#tellPieces(pieces, this.#host.clock.now());
  }

  #tellPieces(pieces: Buffer | "all" | "none", now: number): void {
    const swarm = this.#active?.swarm;
    if (swarm === undefined || this.#peer === null) return;
    if (typeof pieces !== "string" && !Bitfield.isValid(pieces, swarm.layout.pieceCount)) {
      throw new WireError("wire.length", "The peer's bitfield does not fit the torrent.");
    }
    swarm.peerPieces(this.#peer, pieces, now);
  }

  #setUploadOnly(uploadOnly: boolean): void {
    this.#earlyUploadOnly = uploadOnly;
    this.#tell((swarm, peer) => swarm.peerUploadOnly(peer, uploadOnly));
  }

  #dontHave(piece: number): void {
    this.#tell((swarm, peer) => swarm.peerDontHave(peer, piece));
  }

  #tell(event: (swarm: Swarm, peer: SwarmPeer, now: number) => void): void {
    if (this.#active !== null && this.#peer !== null) event(this.#active.swarm, this.#peer, this.#host.clock.now());
  }

  #endBlock(): void {
    if (this.#blockBuffer === null) return;
    this.#active?.driver.blockEnded(this.#blockPiece, this.#blockBegin);
    this.#blockBuffer.release();
    this.#blockBuffer = null;
    this.pieceTarget = NO_TARGET;
  }
}

function outside(message: string, index: number): WireError {
  return new WireError("wire.length", `The peer's "${message}" names piece ${index}, which the torrent does not have.`);
}
