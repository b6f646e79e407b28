// One Swarm that downloads from peers that lie, choke, reject, lose pieces, fall silent and go, in an order that a seed
// decides; and a model beside it that knows what must hold after every step:
//   - what is had was verified; what is checked is whole;
//   - the swarm's request queues hold exactly what the peers owe, and no more than windows and reqq allow;
//   - every byte that came is in one account, or in the memory of a piece under way;
//   - only liars are banned;
//   - the books agree with each other (Swarm.audit).

import assert from "node:assert/strict";
import { BLOCK_LENGTH_BYTES, REQUEST_WINDOW_MAX_BLOCKS, seededRandom } from "../../src/core/index.ts";
import type { PieceIndex, Random } from "../../src/core/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { BLOCK_DIGEST_BYTES, Swarm } from "../../src/swarm/index.ts";
import type { DisconnectReason, SwarmEffects, SwarmPeer } from "../../src/swarm/index.ts";
import { singleFileLayout } from "./crowd.ts";
import { keyOf, Remote } from "./remote.ts";
import type { Trace } from "./schedule.ts";
import type { BlockAt, Memory } from "./remote.ts";

export class Ordeal implements SwarmEffects {
  now = 0;
  readonly layout: Layout;
  readonly swarm: Swarm;
  readonly random: Random;
  readonly remotes: Set<Remote> = new Set();
  readonly bannedLiars: Set<SwarmPeer> = new Set();
  /** Who sent the bad blocks of a piece that failed, until it comes good. */
  readonly #liarsOf = new Map<number, Set<SwarmPeer>>();
  readonly #memory = new Map<number, Memory>();
  readonly #checking: number[] = [];
  readonly #verified = new Set<number>();
  readonly #memoryPieces: number;
  readonly #disconnects: { peer: SwarmPeer; reason: DisconnectReason }[] = [];
  #deliveredBytes = 0;
  #remoteCount = 0;
  readonly #trace: Trace;

  constructor(seed: number, trace: Trace) {
    this.#trace = trace;
    this.random = seededRandom(seed);
    const { random } = this;
    const pieceLengthBytes = BLOCK_LENGTH_BYTES << random.int(3);
    this.layout = singleFileLayout(1 + random.int(pieceLengthBytes * 24), pieceLengthBytes);
    this.#memoryPieces = 1 + random.int(8);
    this.swarm = new Swarm({
      layout: this.layout,
      have: new Uint8Array(Math.ceil(this.layout.pieceCount / 8)),
      choking: random.int(2) === 0 ? "cooperative" : "reciprocal",
      superSeed: false,
      random,
      effects: this,
    });
  }

  connect(isLiar: boolean, pieces: "all" | "some"): Remote {
    const fast = this.random.int(2) === 0;
    const peer = this.swarm.addPeer({ source: "otherPeers", fast, now: this.now });
    peer.reqq = this.random.int(30);
    const remote = new Remote({ number: this.#remoteCount++, isLiar, fast, peer });
    this.remotes.add(remote);
    this.#trace?.(`${this.#nameOf(peer)} connects${isLiar ? ", a liar" : ""}`);
    const bits = new Uint8Array(Math.ceil(this.layout.pieceCount / 8));
    for (let piece = 0; piece < this.layout.pieceCount; piece++) {
      if (pieces === "some" && this.random.int(2) === 0) continue;
      remote.pieces.add(piece);
      bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    }
    this.swarm.peerPieces(peer, pieces === "all" && this.random.int(2) === 0 ? "all" : bits, this.now);
    return remote;
  }

  leave(remote: Remote): void {
    this.#trace?.(`${this.#nameOf(remote.peer)} leaves`);
    this.remotes.delete(remote);
    remote.forgetRequests();
    this.swarm.removePeer(remote.peer, this.now);
  }

  choke(remote: Remote, isChoking: boolean): void {
    if (remote.isChoking === isChoking) return;
    remote.isChoking = isChoking;
    this.#trace?.(`${this.#nameOf(remote.peer)} ${isChoking ? "chokes" : "unchokes"}`);
    if (isChoking && !remote.fast) remote.forgetRequests();
    const rejected = isChoking ? [...remote.queue] : [];
    this.swarm.peerChoking(remote.peer, isChoking, this.now);
    if (remote.fast) for (const at of rejected) this.reject(remote, at);
  }

  reject(remote: Remote, at: BlockAt): void {
    const index = remote.queue.indexOf(at);
    if (index >= 0) remote.take(index);
    this.#trace?.(`${this.#nameOf(remote.peer)} rejects ${keyOf(at)}`);
    remote.settle(at);
    this.swarm.rejectReceived(remote.peer, at.piece, at.block * BLOCK_LENGTH_BYTES, this.now);
  }

  /** The peer begins to send a block that it was asked for, perhaps in bad faith. */
  beginBlock(remote: Remote, index: number): void {
    const at = remote.take(index);
    if (at === undefined || remote.sending !== null) return;
    const begin = at.block * BLOCK_LENGTH_BYTES;
    const lengthBytes = this.layout.blockLength(at.piece as PieceIndex, at.block);
    const memory = this.#memory.get(at.piece);
    if (memory === undefined || !this.swarm.acceptsBlock(remote.peer, at.piece, begin, lengthBytes)) {
      this.#discard(remote, at);
      return;
    }
    this.#takeOver(at);
    remote.sending = { at, memory, isCorrupted: remote.isLiar && this.random.int(3) === 0 };
  }

  /** The rest of the block comes. */
  endBlock(remote: Remote): void {
    const { sending } = remote;
    if (sending === null) return;
    remote.sending = null;
    const { at, memory, isCorrupted } = sending;
    if (this.#memory.get(at.piece) !== memory) {
      this.#discard(remote, at);
      return;
    }
    const lengthBytes = this.layout.blockLength(at.piece as PieceIndex, at.block);
    this.#deliveredBytes += lengthBytes;
    remote.settle(at);
    memory.set(at.block, isCorrupted ? remote.peer : null);
    this.#trace?.(`${this.#nameOf(remote.peer)} sends ${keyOf(at)}${isCorrupted ? ", corrupted" : ""}`);
    this.swarm.blockReceived(remote.peer, at.piece, at.block * BLOCK_LENGTH_BYTES, lengthBytes, this.now);
  }

  /** One of the full pieces was hashed: in whatever order the disk has them. */
  check(): void {
    const [piece] = this.#checking.splice(this.random.int(Math.max(1, this.#checking.length)), 1);
    const memory = piece === undefined ? undefined : this.#memory.get(piece);
    if (piece === undefined || memory === undefined) return;
    const digests = new Uint8Array(this.layout.blockCount(piece as PieceIndex) * BLOCK_DIGEST_BYTES);
    const liars = [...memory.values()].filter((liar) => liar !== null);
    for (const [block, liar] of memory) digests[block * BLOCK_DIGEST_BYTES] = liar === null ? 0 : 1;
    this.#memory.delete(piece);
    this.#trace?.(`piece ${piece} is ${liars.length > 0 ? "bad" : "good"}`);
    if (liars.length > 0) {
      this.#liarsOf.set(piece, new Set([...(this.#liarsOf.get(piece) ?? []), ...liars]));
      this.swarm.pieceFailed(piece, digests, this.now);
      return;
    }
    this.#verified.add(piece);
    this.swarm.pieceVerified(piece, this.now, this.swarm.isSuspect(piece) ? digests : undefined);
    this.#disconnectAll();
    for (const liar of this.#liarsOf.get(piece) ?? [])
      assert.ok(liar.closed, "A liar is named when its piece is good.");
    this.#liarsOf.delete(piece);
  }

  /** After every step. */
  verify(): void {
    this.#disconnectAll();
    this.swarm.audit();
    assert.equal(this.swarm.have.count, this.#verified.size, "What is had was verified.");
    let inMemory = 0;
    for (const [piece, memory] of this.#memory) {
      for (const block of memory.keys()) inMemory += this.layout.blockLength(piece as PieceIndex, block);
    }
    const { otherPeers, duplicate, hashFailed } = this.swarm.accounts.counts();
    assert.equal(otherPeers + duplicate + hashFailed + inMemory, this.#deliveredBytes, "Every byte is in one account.");
    for (const remote of this.remotes) {
      const asked = [...remote.peer.requests.entries()].map(keyOf);
      const queued = asked.filter((key) => !remote.cancelled.has(key));
      assert.deepEqual(queued.sort(), [...remote.owes].sort(), "The swarm waits for what the peer owes.");
    }
  }

  /** Of two that send the same block the later one goes on, as in the engine: the earlier may have stalled for good. */
  #takeOver(at: BlockAt): void {
    for (const other of this.remotes) {
      if (other.sending === null || keyOf(other.sending.at) !== keyOf(at)) continue;
      other.sending = null;
      this.#discard(other, at);
    }
  }

  #discard(remote: Remote, at: BlockAt): void {
    const lengthBytes = this.layout.blockLength(at.piece as PieceIndex, at.block);
    this.#deliveredBytes += lengthBytes;
    remote.settle(at);
    this.swarm.blockDiscarded(remote.peer, at.piece, at.block * BLOCK_LENGTH_BYTES, lengthBytes, this.now);
  }

  #disconnectAll(): void {
    for (const { peer, reason } of this.#disconnects.splice(0)) {
      const remote = [...this.remotes].find((one) => one.peer === peer);
      if (remote === undefined) continue;
      if (reason === "bad-data") {
        assert.ok(remote.isLiar, "Only liars are banned.");
        this.bannedLiars.add(peer);
      }
      this.leave(remote);
    }
  }

  #nameOf(peer: SwarmPeer): string {
    return `r${this.#remoteOf(peer)?.number ?? "?"}`;
  }

  #remoteOf(peer: SwarmPeer): Remote | undefined {
    return [...this.remotes].find((one) => one.peer === peer);
  }

  // SwarmEffects

  sendRequest(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void {
    const remote = this.#remoteOf(peer);
    const block = begin / BLOCK_LENGTH_BYTES;
    const pieceBlocks = this.layout.pieceLengthBytes / BLOCK_LENGTH_BYTES;
    const max = Math.min(peer.reqq, REQUEST_WINDOW_MAX_BLOCKS);
    const window = peer.window.size(this.now, pieceBlocks, max, peer.roundTripMs);
    assert.ok(remote !== undefined, "Only connected peers are asked.");
    assert.ok(!remote.isChoking && !peer.closed, "Only who would serve is asked.");
    assert.ok(remote.pieces.has(piece), "A peer is asked for what it has.");
    assert.ok(this.#memory.has(piece), "There is memory for what is asked.");
    assert.ok(
      !this.#verified.has(piece) && this.#memory.get(piece)?.has(block) === false,
      "What is here is not asked.",
    );
    assert.ok(peer.requests.length <= window, "Outstanding requests stay within window and reqq.");
    assert.equal(lengthBytes, this.layout.blockLength(piece as PieceIndex, block));
    remote.requested({ piece, block });
    this.#trace?.(`${this.#nameOf(peer)} is asked for ${piece}:${block}`);
  }

  sendCancel(peer: SwarmPeer, piece: number, begin: number): void {
    const remote = this.#remoteOf(peer);
    const key = keyOf({ piece, block: begin / BLOCK_LENGTH_BYTES });
    assert.ok(
      remote !== undefined && (remote.owes.delete(key) || remote.cancelled.has(key)),
      "What is owed is cancelled.",
    );
    remote.cancelled.add(key);
    this.#trace?.(`${this.#nameOf(peer)} need not send ${key}`);
    // Sometimes the block is on its way already.
    const index = remote.queue.findIndex((at) => keyOf(at) === key);
    if (index >= 0 && this.random.int(2) === 0) remote.take(index);
  }

  openPiece(piece: number): boolean {
    assert.ok(!this.#memory.has(piece), "A piece has one place in memory.");
    if (this.#memory.size >= this.#memoryPieces) return false;
    this.#memory.set(piece, new Map());
    return true;
  }

  dropPiece(piece: number): void {
    assert.ok(this.#memory.delete(piece), "Only memory that is held is given back.");
  }

  checkPiece(piece: number): void {
    assert.equal(
      this.#memory.get(piece)?.size,
      this.layout.blockCount(piece as PieceIndex),
      "What is checked is whole.",
    );
    this.#checking.push(piece);
  }

  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    this.#disconnects.push({ peer, reason });
  }

  sendInterested(): void {}
  sendChoke(): void {}
  sendReject(): void {}
  sendHave(): void {}
  sendSuggest(): void {}
}
