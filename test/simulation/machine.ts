// One machine of a simulated swarm: the real Swarm class on a virtual uplink, downlink and disk. What the engine does
// with sockets and threads happens here as events of the World; the decisions are the same code.

import { BLOCK_LENGTH_BYTES, UPLOAD_QUEUE_MAX_BLOCKS } from "../../src/core/index.ts";
import type { PieceIndex, Random } from "../../src/core/index.ts";
import { BLOCK_DIGEST_BYTES, memberKey, Swarm } from "../../src/swarm/index.ts";
import type { ChokingPolicy, DisconnectReason, SwarmEffects, SwarmPeer } from "../../src/swarm/index.ts";
import { Kind } from "./kind.ts";
import type { SiteLink } from "./site-link.ts";
import { Uplink } from "./uplink.ts";
import type { World } from "./world.ts";

export interface MachineOptions {
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** Begins with every piece and hands each out once before any twice … */
  readonly isOrigin?: boolean;
  /** … unless this is false. */
  readonly superSeed?: boolean;
  /** Sends one in so many blocks corrupted. */
  readonly liesOneIn?: number;
  /** Pieces that it may have under way at once. */
  readonly memoryPieces?: number;
  readonly choking?: ChokingPolicy;
  /** The site that it is on, where there are sites. */
  readonly site?: SiteLink;
}

/** One machine's end of a link. */
export interface LinkEnd {
  readonly id: number;
  readonly machine: Machine;
  readonly peer: SwarmPeer;
  readonly otherId: number;
  /** Bytes sent and not yet arrived. */
  inFlightBytes: number;
  /** What the connection has taken and not sent: kind and the two numbers of each message or block. See Uplink. */
  readonly buffered: number[];
  bufferedBytes: number;
  /** When what was sent last is at the other end. */
  lastArrivesAt: number;
  isOpen: boolean;
}

export class Machine implements SwarmEffects {
  readonly index: number;
  readonly options: MachineOptions;
  readonly swarm: Swarm;
  readonly ends: Map<SwarmPeer, LinkEnd> = new Map();
  isAlive = true;
  joinedAt: number;
  completedAt: number | null = null;
  /** When the downlink has taken in all that arrived. */
  downFreeAt = 0;
  havesSentAt: number = -Infinity;
  #haves: number[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #uplink: Uplink;
  readonly #open = new Set<number>();
  /** Corrupted blocks that lie in the memory of a piece under way. */
  readonly #corrupted = new Map<number, Set<number>>();

  constructor(world: World, index: number, options: MachineOptions, random: Random) {
    this.#world = world;
    this.index = index;
    this.options = options;
    this.#random = random;
    this.joinedAt = world.now;
    const { layout, costs } = world;
    this.#uplink = new Uplink({
      bytesPerSecond: options.upBytesPerSecond,
      roundTripMs: 2 * world.delayMs,
      costs,
      now: () => world.now,
      fullFor: (ms) => world.schedule(world.now + ms, Kind.sent, this.index),
      deliver: (end, kind, a, b, afterMs) => world.sendTo(end, kind, a, b, afterMs),
    });
    const have = new Uint8Array(Math.ceil(layout.pieceCount / 8));
    if (options.isOrigin === true) have.fill(0xff);
    this.swarm = new Swarm({
      layout,
      have,
      choking: options.choking ?? "cooperative",
      superSeed: options.superSeed ?? options.isOrigin === true,
      random,
      effects: this,
      siteKey: memberKey(`machine ${index}`),
    });
  }

  addEnd(id: number, otherId: number, fast: boolean, other: Machine): LinkEnd {
    const isNear = this.options.site === other.options.site;
    const { now, delayMs } = this.#world;
    const source = isNear ? "sitePeers" : "otherPeers";
    const peer = this.swarm.addPeer({ source, fast, now });
    peer.roundTripMs = 2 * delayMs;
    if (isNear && this.options.site !== undefined) {
      this.swarm.peerSite(peer, "sitePeers", memberKey(`machine ${other.index}`), this.#world.now);
    }
    peer.reqq = UPLOAD_QUEUE_MAX_BLOCKS;
    const end: LinkEnd = {
      id,
      machine: this,
      peer,
      otherId,
      inFlightBytes: 0,
      buffered: [],
      bufferedBytes: 0,
      lastArrivesAt: 0,
      isOpen: true,
    };
    this.ends.set(peer, end);
    return end;
  }

  /** Serves what the swarm chooses while connections take more. */
  pump(): void {
    while (this.isAlive) {
      const peer = this.swarm.nextUpload(this.#canSend);
      const end = peer === null ? undefined : this.ends.get(peer);
      if (peer === null || end === undefined) break;
      const { headPiece, headBegin } = peer.uploads;
      this.swarm.uploadServed(peer, this.#world.now);
      const lies = this.options.liesOneIn !== undefined && this.#random.int(this.options.liesOneIn) === 0;
      this.#uplink.pushBlock(end, headPiece, (headBegin / BLOCK_LENGTH_BYTES) * 2 + (lies ? 1 : 0));
      if (this.#uplink.isFull && this.#world.costs.sendBufferBytes === 0) break;
    }
    if (this.isAlive) this.#uplink.run();
  }

  sent(): void {
    this.#uplink.sent();
    this.pump();
  }

  blockLength(piece: number, block: number): number {
    return this.#world.layout.blockLength(piece as PieceIndex, block);
  }

  blockArrived(end: LinkEnd, piece: number, block: number, isCorrupted: boolean): void {
    const { layout, now } = this.#world;
    const lengthBytes = layout.blockLength(piece as PieceIndex, block);
    const begin = block * BLOCK_LENGTH_BYTES;
    if (!this.#open.has(piece) || !this.swarm.acceptsBlock(end.peer, piece, begin, lengthBytes)) {
      this.swarm.blockDiscarded(end.peer, piece, begin, lengthBytes, now);
      return;
    }
    if (isCorrupted) this.#corrupted.set(piece, (this.#corrupted.get(piece) ?? new Set()).add(block));
    this.swarm.blockReceived(end.peer, piece, begin, lengthBytes, now);
  }

  checked(piece: number): void {
    if (!this.isAlive) return;
    const { now } = this.#world;
    const corrupted = this.#corrupted.get(piece);
    const digests = new Uint8Array(this.#world.layout.blockCount(piece as PieceIndex) * BLOCK_DIGEST_BYTES);
    for (const block of corrupted ?? []) digests[block * BLOCK_DIGEST_BYTES] = 1;
    this.dropPiece(piece);
    if (corrupted === undefined) this.swarm.pieceVerified(piece, now, digests);
    else this.swarm.pieceFailed(piece, digests, now);
    if (this.swarm.isComplete) this.completedAt ??= now;
  }

  /** What was verified since the last time is told to everybody at once. */
  takeHaves(): number[] {
    const haves = this.#haves;
    this.#haves = [];
    this.havesSentAt = this.#world.now;
    return haves;
  }

  send(end: LinkEnd, kind: Kind, a: number, b = 0): void {
    this.#uplink.pushMessage(end, kind, a, b);
  }

  readonly #canSend = (peer: SwarmPeer): boolean => {
    const end = this.ends.get(peer);
    return end !== undefined && this.#uplink.takes(end);
  };

  // SwarmEffects

  sendInterested(peer: SwarmPeer, interested: boolean): void {
    this.#send(peer, Kind.interested, interested ? 1 : 0);
  }

  sendChoke(peer: SwarmPeer, choked: boolean): void {
    this.#send(peer, Kind.choke, choked ? 1 : 0);
  }

  sendRequest(peer: SwarmPeer, piece: number, begin: number): void {
    this.#send(peer, Kind.request, piece, begin);
  }

  sendCancel(peer: SwarmPeer, piece: number, begin: number): void {
    this.#send(peer, Kind.cancel, piece, begin);
  }

  sendReject(peer: SwarmPeer, piece: number, begin: number): void {
    this.#send(peer, Kind.reject, piece, begin);
  }

  sendSuggest(peer: SwarmPeer, piece: number): void {
    this.#send(peer, Kind.suggest, piece);
  }

  sendHave(peer: SwarmPeer, piece: number): void {
    if (this.swarm.isSuperSeeding || this.options.site !== undefined) {
      this.#send(peer, Kind.have, piece);
      return;
    }
    if (this.#haves.length === 0) this.#world.flushHavesSoon(this);
    if (this.#haves.at(-1) !== piece) this.#haves.push(piece);
  }

  openPiece(piece: number): boolean {
    if (this.#open.size >= (this.options.memoryPieces ?? Infinity)) return false;
    this.#open.add(piece);
    return true;
  }

  dropPiece(piece: number): void {
    this.#open.delete(piece);
    this.#corrupted.delete(piece);
  }

  checkPiece(piece: number): void {
    this.#world.schedule(this.#world.now + this.#world.checkMs, Kind.checked, this.index, piece);
  }

  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    if (reason === "bad-data") this.#world.banned.push(this.ends.get(peer)?.otherId ?? -1);
    const end = this.ends.get(peer);
    if (end !== undefined) this.#world.schedule(this.#world.now, Kind.unlink, end.id);
  }

  #send(peer: SwarmPeer, kind: Kind, a: number, b = 0): void {
    const end = this.ends.get(peer);
    if (end !== undefined) this.send(end, kind, a, b);
  }
}
