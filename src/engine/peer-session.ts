// What one peer says, turned into events of the swarm. Before the torrent is ready (its metadata is being fetched, or its
// files are being checked) what the peer says about itself is remembered and told to the swarm when it is.

import { Bitfield } from "../swarm/index.ts";
import type { Swarm, SwarmPeer } from "../swarm/index.ts";
import {
  encodeDontHave,
  encodeHave,
  EXTENSION_HANDSHAKE_ID,
  LOCAL_EXTENSION_IDS,
  parseDontHave,
  parseExtensionHandshake,
  parseUploadOnly,
  WireError,
} from "../wire/index.ts";
import type { ExtensionHandshake, ExtensionName, HashRequest } from "../wire/index.ts";
import { BlockIntake } from "./block-intake.ts";
import { EarlyState, outside } from "./early-state.ts";
import { ownExtensionHandshake, piecesMessage } from "./peer-greeting.ts";
import type { PeerMessages } from "./peer-connection-deps.ts";
import type { PeerConnection } from "./peer-connection.ts";
import { PeerSite } from "./peer-site.ts";
import type { SessionHost } from "./session-host.ts";
import type { SwarmDriver } from "./swarm-driver.ts";
import type { UploadPump } from "./upload-pump.ts";

/** The torrent's running parts, once there are any. */
export interface ActiveTorrent {
  readonly swarm: Swarm;
  readonly driver: SwarmDriver;
  readonly pump: UploadPump;
}

export class PeerSession implements PeerMessages {
  readonly connection: PeerConnection;
  /** The peer's ids for the extensions that it speaks. */
  readonly extensionIds: Partial<Record<ExtensionName, number>> = {};
  metadataSize: number | null = null;
  /** We ended it because nothing will ever flow: not a failure, and not to be repeated soon. */
  isDismissed = false;
  /** We ended it since its path is lost: no failure of the peer's. */
  isLost = false;
  /** Payload went over it, in either direction; known when it is closed. */
  wasUseful = false;
  readonly #host: SessionHost;
  readonly #site: PeerSite;
  readonly #blocks: BlockIntake;
  #early: EarlyState | null = new EarlyState();
  #reqq: number | null = null;
  #active: ActiveTorrent | null = null;
  #peer: SwarmPeer | null = null;

  constructor(host: SessionHost, connection: PeerConnection) {
    this.#host = host;
    this.connection = connection;
    this.#site = new PeerSite(host.site, connection);
    this.#blocks = new BlockIntake(host.clock, () => connection.reader?.discardBlock());
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
    const pieces = piecesMessage(active?.swarm ?? null, this.speaksFast);
    if (pieces !== null) this.connection.send(pieces);
    this.sendExtensionHandshake(active);
    if (active !== null) this.activate(active);
  }

  /**
   * The torrent is ready: the swarm learns of the peer, with all that it has said so far.
   * @throws WireError where what it said belongs to another torrent
   */
  activate(active: ActiveTorrent): void {
    const early = this.#early;
    if (early === null) return;
    const now = this.#host.clock.now();
    const { swarm, driver } = active;
    const told = early.told(swarm.layout.pieceCount);
    this.#early = null;
    this.connection.reader?.setPieceCount(swarm.layout.pieceCount);
    this.#active = active;
    const peer = swarm.addPeer({ source: this.#site.source, fast: this.speaksFast, now });
    this.#peer = peer;
    driver.link(peer, this.connection);
    if (this.#reqq !== null) peer.reqq = this.#reqq;
    this.#site.tell(swarm, peer, now);
    peer.peerChoking = early.choking;
    // One that has said nothing yet may still do so: a super-seed waits for that.
    if (told !== null) swarm.peerPieces(peer, told, now);
    if (early.interested) swarm.peerInterested(peer, true);
    if (early.uploadOnly) swarm.peerUploadOnly(peer, true);
  }

  /** The torrent became ready after the hello: what we have is told piece by piece. */
  tellPieces(have: Bitfield): void {
    if (have.count === 0) return;
    for (let piece = 0; piece < have.pieceCount; piece++) {
      if (have.has(piece)) this.connection.send(encodeHave(piece));
    }
  }

  /** We no longer have the piece. A peer that cannot be told is closed: it would wait for what never comes. */
  tellDontHave(piece: number): void {
    const id = this.extensionIds.lt_donthave;
    if (id !== undefined) this.connection.send(encodeDontHave(id, piece));
    else if (!this.speaksFast) this.connection.close("A piece can no longer be read.");
  }

  /** Also sent again when the metadata became known after the hello. */
  sendExtensionHandshake(active: ActiveTorrent | null = this.#active): void {
    if (this.connection.remoteFlags?.extension !== true) return;
    const isSuperSeeding = active?.swarm.isSuperSeeding ?? false;
    this.connection.send(ownExtensionHandshake(this.#host, this, isSuperSeeding));
  }

  close(): void {
    this.#blocks.abandon();
    const active = this.#active;
    const peer = this.#peer;
    if (active === null || peer === null) return;
    this.wasUseful = peer.downRate.total + peer.upRate.total > 0;
    this.isDismissed ||= active.swarm.isComplete && peer.isSeed;
    active.swarm.removePeer(peer, this.#host.clock.now());
    active.driver.unlink(peer);
    this.#peer = null;
  }

  // PeerMessages

  batchEnd(): void {
    this.#blocks.pause();
    const active = this.#active;
    if (active === null || this.#peer === null) return;
    this.#peer.roundTripMs = this.connection.roundTripMs;
    if (this.#peer.uploads.length > 0 || active.swarm.uploadsMayGoOn) active.pump.run();
  }

  drained(): void {
    this.#active?.pump.runSoon();
  }

  // WireHandler

  keepAlive(): void {}

  choke(): void {
    if (this.#early !== null) this.#early.choking = true;
    this.#tell((swarm, peer, now) => swarm.peerChoking(peer, true, now));
  }

  unchoke(): void {
    if (this.#early !== null) this.#early.choking = false;
    this.#tell((swarm, peer, now) => swarm.peerChoking(peer, false, now));
  }

  interested(): void {
    if (this.#early !== null) this.#early.interested = true;
    this.#tell((swarm, peer) => swarm.peerInterested(peer, true));
  }

  notInterested(): void {
    if (this.#early !== null) this.#early.interested = false;
    this.#tell((swarm, peer) => swarm.peerInterested(peer, false));
  }

  have(index: number): void {
    if (this.#early !== null) this.#early.have(index);
    this.#tell((swarm, peer, now) => {
      if (swarm.layout.pieceIndex(index) === null) throw outside("have", index);
      swarm.peerHave(peer, index, now);
    });
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

  suggest(index: number): void {
    this.#tell((swarm, peer, now) => swarm.suggestReceived(peer, index, now));
  }

  allowedFast(): void {}
  dhtPort(): void {}

  get pieceTarget(): Buffer {
    return this.#blocks.target;
  }

  get pieceTargetOffset(): number {
    return this.#blocks.targetOffset;
  }

  pieceStart(index: number, begin: number, length: number): boolean {
    if (this.#active === null || this.#peer === null) return false;
    return this.#blocks.start(this.#active, this.#peer, index, begin, length);
  }

  pieceEnd(): void {
    const now = this.connection.receivedAt;
    this.connection.usedAt = now;
    this.#blocks.end(now);
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
    if (message.site !== null) {
      this.#site.said(message.site);
      this.#tell((swarm, peer, now) => this.#site.tell(swarm, peer, now));
    }
    if (message.metadataSize !== null) this.metadataSize = message.metadataSize;
    if (message.uploadOnly !== null) this.#setUploadOnly(message.uploadOnly);
    this.#host.extensionHandshake(this, message);
  }

  #pieces(pieces: Buffer | "all" | "none"): void {
    if (this.#early !== null) this.#early.pieces(pieces);
    this.#tell((swarm, peer, now) => {
      if (Buffer.isBuffer(pieces) && !Bitfield.isValid(pieces, swarm.layout.pieceCount)) {
        throw new WireError("wire.length", "The peer's bitfield does not fit the torrent.");
      }
      swarm.peerPieces(peer, pieces, now);
    });
  }

  #setUploadOnly(uploadOnly: boolean): void {
    if (this.#early !== null) this.#early.uploadOnly = uploadOnly;
    this.#tell((swarm, peer) => swarm.peerUploadOnly(peer, uploadOnly));
  }

  #dontHave(piece: number): void {
    this.#early?.dontHave(piece);
    this.#tell((swarm, peer) => swarm.peerDontHave(peer, piece));
  }

  #tell(event: (swarm: Swarm, peer: SwarmPeer, now: number) => void): void {
    if (this.#active !== null && this.#peer !== null) event(this.#active.swarm, this.#peer, this.#host.clock.now());
  }
}
