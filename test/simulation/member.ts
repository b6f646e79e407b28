// One machine of a small swarm: a real Swarm, and beside it a model that knows what it may do. The model checks each thing
// that the swarm does when it does it: what is asked, of whom, what is sent, to whom, who is thrown out.

import assert from "node:assert/strict";
import { BLOCK_LENGTH_BYTES, END_GAME_COPIES_MAX, REQUEST_WINDOW_MAX_BLOCKS } from "../../src/core/index.ts";
import type { PieceIndex } from "../../src/core/index.ts";
import { BLOCK_DIGEST_BYTES, memberKey, Swarm } from "../../src/swarm/index.ts";
import type { ChokingPolicy, DisconnectReason, SwarmEffects, SwarmPeer } from "../../src/swarm/index.ts";
import { MemberUploads } from "./member-uploads.ts";
import type { SmallSwarm } from "./small-swarm.ts";
import { placeKey } from "./strand.ts";
import type { Message, PieceMemory, Place, Strand } from "./strand.ts";

/** Memory that became free after a peer was looked at is found by the next tick. */
const IDLE_TICKS_MAX = 2;
/** Choker's. */
const CHOKE_ROUND_MS = 10_000;
/** Failed attempts at a piece of which every liar is sure to be named: SUSPECT_ATTEMPTS_MAX are remembered. */
const NAMED_ATTEMPTS_MAX = 8;

/** What a machine does against the rules. */
export type Character = "honest" | "corrupts" | "boasts" | "mute" | "babbles";

export interface MemberOptions {
  readonly index: number;
  readonly character: Character;
  readonly has: Uint8Array;
  readonly superSeed: boolean;
  readonly choking: ChokingPolicy;
  /** Machines of the same number share a site; 0 is no site. */
  readonly site: number;
  readonly memoryPieces: number;
  readonly clockRate: number;
}

export class Member implements SwarmEffects {
  readonly options: MemberOptions;
  readonly swarm: Swarm;
  readonly ends: Map<SwarmPeer, Strand> = new Map();
  readonly verified: Set<number> = new Set();
  readonly withdrawn: Set<number> = new Set();
  readonly memory: Map<number, PieceMemory> = new Map();
  /** Full pieces whose hash is not known yet. */
  readonly checking: number[] = [];
  readonly leaving: { peer: SwarmPeer; reason: DisconnectReason }[] = [];
  /** A web seed of this machine, while it has one. */
  webSeed: SwarmPeer | null = null;
  isAlive = true;
  memoryPieces: number;
  deliveredBytes = 0;
  readonly uploads: MemberUploads;
  readonly #world: SmallSwarm;
  #jumpedMs = 0;
  #tickedAt = -Infinity;
  /** Who sent the bad blocks of a piece that failed, an attempt each, until it comes good. */
  readonly #liarsOf = new Map<number, Set<SwarmPeer>[]>();

  constructor(world: SmallSwarm, options: MemberOptions) {
    this.#world = world;
    this.options = options;
    this.memoryPieces = options.memoryPieces;
    this.#jumpedMs = world.random.int(1_000_000);
    const { layout, random } = world;
    this.uploads = new MemberUploads(this, world);
    this.swarm = new Swarm({
      layout,
      have: options.has,
      choking: options.choking,
      superSeed: options.superSeed,
      random,
      effects: this,
      siteKey: this.key,
    });
    for (let piece = 0; piece < layout.pieceCount; piece++) if (this.swarm.have.has(piece)) this.verified.add(piece);
    this.swarm.accounts.local = this.swarm.haveBytes;
  }

  get key(): number {
    return memberKey(`machine ${this.options.index}`);
  }

  get name(): string {
    return `m${this.options.index}`;
  }

  get isHonest(): boolean {
    return this.options.character === "honest";
  }

  /** This machine's clock: it has its own zero, runs at its own rate and jumps. */
  get now(): number {
    return this.#world.now * this.options.clockRate + this.#jumpedMs;
  }

  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  tick(): void {
    this.#tickedAt = this.now;
    this.swarm.tick(this.now);
    for (const end of this.ends.values()) {
      this.#verifyAsked(end);
      this.#verifyUnchoked(end);
    }
  }

  /** Who has something new is asked for it: nobody idles while there is memory. */
  #verifyAsked(end: Strand): void {
    const { peer, far } = end;
    const wouldServe = !peer.closed && !peer.peerChoking && !peer.snubbed && peer.reqq > 0;
    const mayBeAsked = wouldServe && this.now >= peer.restsUntil && peer.startable > 0 && this.options.site === 0;
    const isIdle = mayBeAsked && this.memory.size < this.memoryPieces && peer.requests.length === 0;
    end.idleTicks = isIdle ? end.idleTicks + 1 : 0;
    assert.ok(end.idleTicks <= IDLE_TICKS_MAX, `${this.name} asks nothing of ${far.name}, which has something new.`);
  }

  /** Who is interested is unchoked with the next round, where there are slots for everybody. */
  #verifyUnchoked(end: Strand): void {
    const { peer, far } = end;
    const hasSlot = this.options.choking === "cooperative" || !peer.snubbed || this.swarm.isComplete;
    if (peer.closed || !peer.peerInterested || !peer.amChoking || !hasSlot) {
      end.chokedSince = null;
      return;
    }
    end.chokedSince ??= this.now;
    assert.ok(this.now - end.chokedSince < CHOKE_ROUND_MS, `${far.name} is interested and ${this.name} chokes it.`);
  }

  /** When it last looked at its peers, by its own clock. */
  get tickedAt(): number {
    return this.#tickedAt;
  }

  /** A piece that was verified and can be read. */
  mayServe(piece: number): boolean {
    return this.verified.has(piece) && !this.withdrawn.has(piece);
  }

  // Blocks come

  /** A block begins to come. */
  begin(end: Strand, block: Message & { kind: "block" }): void {
    const { piece, begin, lengthBytes, digest } = block;
    const place = { piece, begin, lengthBytes };
    const memory = this.memory.get(piece);
    if (memory === undefined || !this.swarm.acceptsBlock(end.peer, piece, begin, lengthBytes)) {
      this.discard(end.peer, place);
      return;
    }
    this.takeOver(place);
    end.receiving = { place, memory, digest };
  }

  /** Of two that send the same block the later one goes on, as in the engine: the earlier may have stalled for good. */
  takeOver(place: Place): void {
    for (const other of this.ends.values()) {
      if (other.receiving === null || placeKey(other.receiving.place) !== placeKey(place)) continue;
      other.receiving = null;
      this.discard(other.peer, place);
    }
  }

  /** The rest of the block comes. */
  end(end: Strand): void {
    const { receiving } = end;
    if (receiving === null) return;
    end.receiving = null;
    if (this.memory.get(receiving.place.piece) !== receiving.memory) this.discard(end.peer, receiving.place);
    else this.keep(end.peer, receiving.place, receiving.digest);
  }

  keep(peer: SwarmPeer, place: Place, digest: number): void {
    this.deliveredBytes += place.lengthBytes;
    const memory = this.memory.get(place.piece);
    assert.ok(memory?.has(place.begin) === false, "A block has one place in memory.");
    memory.set(place.begin, { digest, sender: peer });
    this.swarm.blockReceived(peer, place.piece, place.begin, place.lengthBytes, this.now);
  }

  discard(peer: SwarmPeer, { piece, begin, lengthBytes }: Place): void {
    this.deliveredBytes += lengthBytes;
    this.swarm.blockDiscarded(peer, piece, begin, lengthBytes, this.now);
  }

  /** One of the full pieces was hashed: in whatever order the disk has them. */
  check(index: number): void {
    const [piece] = this.checking.splice(index, 1);
    const memory = piece === undefined ? undefined : this.memory.get(piece);
    if (piece === undefined || memory === undefined) return;
    const digests = new Uint8Array(this.#world.layout.blockCount(piece as PieceIndex) * BLOCK_DIGEST_BYTES);
    const liars = new Set<SwarmPeer>();
    for (const [begin, { digest, sender }] of memory) {
      digests[(begin / BLOCK_LENGTH_BYTES) * BLOCK_DIGEST_BYTES] = digest;
      if (digest !== 0) liars.add(sender);
    }
    this.memory.delete(piece);
    this.#world.trace?.(`${this.name} piece ${piece} is ${liars.size === 0 ? "good" : "bad"}`);
    if (liars.size > 0) {
      this.#liarsOf.set(piece, [...(this.#liarsOf.get(piece) ?? []), liars].slice(-NAMED_ATTEMPTS_MAX));
      this.swarm.pieceFailed(piece, digests, this.now);
      return;
    }
    this.verified.add(piece);
    this.swarm.pieceVerified(piece, this.now, this.swarm.isSuspect(piece) ? digests : undefined);
    for (const liar of (this.#liarsOf.get(piece) ?? []).flatMap((set) => [...set])) {
      assert.ok(liar.closed, "A liar is named when its piece is good.");
    }
    this.#liarsOf.delete(piece);
  }

  // SwarmEffects

  sendRequest(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    const { layout } = this.#world;
    const pieceBlocks = Math.ceil(layout.pieceLengthBytes / BLOCK_LENGTH_BYTES);
    const max = Math.min(peer.reqq, REQUEST_WINDOW_MAX_BLOCKS);
    const window = peer.window.size(this.now, pieceBlocks, max, peer.roundTripMs);
    assert.ok(!peer.peerChoking && !peer.closed && this.ends.has(peer), "Only who would serve is asked.");
    assert.ok(peer.have.has(piece), "A peer is asked for what it has.");
    assert.ok(this.memory.get(piece)?.has(begin) === false, "There is memory for what is asked, and it is not here.");
    assert.ok(peer.requests.length <= window, "Requests in flight stay within window and reqq.");
    assert.equal(lengthBytes, layout.blockLength(piece as PieceIndex, begin / BLOCK_LENGTH_BYTES));
    let inFlight = 0;
    for (const one of this.swarm.peers) inFlight += one.requests.length;
    const inMemory = this.memory.size * pieceBlocks;
    assert.ok(inFlight <= inMemory * END_GAME_COPIES_MAX, "Requests in flight stay within the memory for them.");
    this.#send(peer, { kind: "request", piece, begin, lengthBytes });
  }

  sendCancel(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    this.#send(peer, { kind: "cancel", piece, begin, lengthBytes });
  }

  sendReject(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    assert.ok(peer.fast, "Only who understands a reject gets one.");
    const end = this.ends.get(peer);
    if (end !== undefined) end.rejectsDue--;
    this.#send(peer, { kind: "reject", piece, begin, lengthBytes });
  }

  sendInterested(peer: SwarmPeer, on: boolean): void {
    this.#send(peer, { kind: "interested", on });
  }

  sendChoke(peer: SwarmPeer, on: boolean): void {
    const end = this.ends.get(peer);
    if (on && end !== undefined) {
      if (peer.fast) end.rejectsDue += end.waiting.length;
      end.waiting.length = 0;
    }
    this.#send(peer, { kind: "choke", on });
  }

  sendHave(peer: SwarmPeer, piece: number): void {
    assert.ok(this.mayServe(piece), "Only what is had is told.");
    this.ends.get(peer)?.offered.add(piece);
    this.#send(peer, { kind: "have", piece });
  }

  sendSuggest(peer: SwarmPeer, piece: number): void {
    assert.ok(peer.fast, "Only who understands a suggestion gets one.");
    this.#send(peer, { kind: "suggest", piece });
  }

  openPiece(piece: number): boolean {
    assert.ok(!this.memory.has(piece) && !this.verified.has(piece), "A piece that is missing has one place in memory.");
    if (this.memory.size >= this.memoryPieces) return false;
    this.memory.set(piece, new Map());
    return true;
  }

  dropPiece(piece: number): void {
    assert.ok(!this.checking.includes(piece) && this.memory.delete(piece), "Only memory that is held is given back.");
  }

  checkPiece(piece: number): void {
    const { layout } = this.#world;
    assert.equal(this.memory.get(piece)?.size, layout.blockCount(piece as PieceIndex), "What is checked is whole.");
    assert.ok(!this.checking.includes(piece), "A piece is checked once.");
    this.checking.push(piece);
  }

  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    this.leaving.push({ peer, reason });
  }

  #send(peer: SwarmPeer, message: Message): void {
    this.ends.get(peer)?.send(message);
  }
}
