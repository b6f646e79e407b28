// A few machines, each a real Swarm with a clock of its own, on connections that deliver late, in any order among each
// other, and break. What happens next is not decided here (SmallSwarmSchedule), only what it does. After each step
// `verify` holds the books of the machines that were touched against their models and against each other.

import assert from "node:assert/strict";
import {
  BLOCK_LENGTH_BYTES,
  REQUEST_LOST_AFTER_MS,
  SUGGESTIONS_MAX,
  UPLOAD_QUEUE_MAX_BLOCKS,
} from "../../src/core/index.ts";
import type { PieceIndex, Random } from "../../src/core/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { Member } from "./member.ts";
import type { MemberOptions } from "./member.ts";
import type { Trace } from "./schedule.ts";
import { placeKey, Strand } from "./strand.ts";
import type { Message } from "./strand.ts";

const ROOM_BLOCKS_MAX = 6;

export class SmallSwarm {
  /** True time, which no machine knows. */
  now = 0;
  readonly random: Random;
  readonly layout: Layout;
  readonly members: Member[] = [];
  readonly strands: Set<Strand> = new Set();
  readonly banned: Set<Member> = new Set();
  /** Says what happens, step by step. */
  readonly trace: Trace;
  readonly #touched = new Set<Member>();
  #strandCount = 0;

  constructor(options: { random: Random; layout: Layout; trace: Trace }) {
    this.random = options.random;
    this.layout = options.layout;
    this.trace = options.trace;
  }

  add(options: Omit<MemberOptions, "index">): Member {
    const member = new Member(this, { ...options, index: this.members.length });
    this.members.push(member);
    const what = `${options.character}, has ${member.verified.size}${options.superSeed ? ", super-seeds" : ""}`;
    this.trace?.(`${member.name} joins: ${what}, site ${options.site}, memory ${options.memoryPieces}`);
    return member;
  }

  get alive(): Member[] {
    return this.members.filter(({ isAlive }) => isAlive);
  }

  areLinked(one: Member, other: Member): boolean {
    return [...one.ends.values()].some(({ far }) => far === other);
  }

  link(one: Member, other: Member): void {
    const fast = this.random.int(3) > 0;
    const ends = [one, other].map((member) => {
      const peer = member.swarm.addPeer({ source: "otherPeers", fast, now: member.now });
      const id = this.#strandCount++;
      const end = new Strand({ id, member, peer, roomBlocks: 1 + this.random.int(ROOM_BLOCKS_MAX) });
      member.ends.set(peer, end);
      this.strands.add(end);
      return end;
    });
    const [near, far] = ends as [Strand, Strand];
    near.other = far;
    far.other = near;
    this.trace?.(`${one.name} and ${other.name} connect${fast ? "" : ", without the fast extension"}`);
    for (const end of ends) this.#greet(end);
    this.touch(one, other);
  }

  #greet(end: Strand): void {
    const { member, peer } = end;
    const { swarm, options } = member;
    const boasts = options.character === "boasts" || (options.character === "mute" && this.random.int(2) === 0);
    const none = swarm.isSuperSeeding || swarm.have.count === 0;
    if (boasts) end.send({ kind: "pieces", pieces: "all" });
    else if (!none)
      end.send({ kind: "pieces", pieces: swarm.isComplete && peer.fast ? "all" : swarm.have.bytes.slice() });
    else if (peer.fast) end.send({ kind: "pieces", pieces: "none" });
    if (options.site > 0) end.send({ kind: "site", site: options.site, key: member.key });
    if (this.random.int(3) === 0) end.send({ kind: "reqq", count: (member.isHonest ? 1 : 0) + this.random.int(20) });
  }

  /** This end closes; what the other one has not read yet may come or not, and what it says is lost. */
  close(end: Strand): void {
    if (!end.isOpen) return;
    const { member, other } = end;
    end.isOpen = false;
    end.receiving = null;
    this.strands.delete(end);
    member.ends.delete(end.peer);
    member.swarm.removePeer(end.peer, member.now);
    this.touch(member);
    if (other?.isOpen !== true) return;
    if (this.random.int(2) === 0) other.inbox.length = this.random.int(other.inbox.length + 1);
    other.inbox.push({ kind: "closed" });
    this.trace?.(`${member.name} closes its connection with ${end.far.name}`);
  }

  /** The machine is gone, with all that it had. */
  kill(member: Member): void {
    this.trace?.(`${member.name} goes down`);
    for (const end of member.ends.values()) this.close(end);
    member.isAlive = false;
  }

  touch(...members: Member[]): void {
    for (const member of members) this.#touched.add(member);
  }

  /** The next message of the connection is read, or the rest of a block. */
  deliver(end: Strand): void {
    const { member } = end;
    this.touch(member);
    if (end.receiving !== null) {
      member.end(end);
      return;
    }
    const message = end.inbox.shift();
    if (message === undefined) return;
    this.trace?.(`${member.name} from ${end.far.name}: ${describe(message)}`);
    if (message.kind === "closed") this.close(end);
    else if (message.kind === "block") member.begin(end, message);
    else this.#hear(end, message);
  }

  #hear(end: Strand, message: Exclude<Message, { kind: "closed" | "block" }>): void {
    const { member, peer } = end;
    const { swarm, now } = member;
    switch (message.kind) {
      case "request":
        return this.#requested(end, message.piece, message.begin, message.lengthBytes);
      case "cancel": {
        const at = end.waiting.findIndex(
          (one) => placeKey(one) === placeKey(message) && one.lengthBytes === message.lengthBytes,
        );
        if (at >= 0) end.waiting.splice(at, 1);
        if (at >= 0 && peer.fast) end.rejectsDue++;
        return swarm.cancelReceived(peer, message.piece, message.begin, message.lengthBytes);
      }
      case "reject":
        return swarm.rejectReceived(peer, message.piece, message.begin, now);
      case "have":
        return swarm.peerHave(peer, message.piece, now);
      case "suggest":
        return swarm.suggestReceived(peer, message.piece, now);
      case "dontHave":
        return swarm.peerDontHave(peer, message.piece);
      case "interested":
        return swarm.peerInterested(peer, message.on);
      case "uploadOnly":
        return swarm.peerUploadOnly(peer, message.on);
      case "choke":
        if (message.on && !peer.fast) end.unheard.clear();
        return swarm.peerChoking(peer, message.on, now);
      case "pieces":
        return swarm.peerPieces(peer, message.pieces, now);
      case "reqq":
        peer.reqq = message.count;
        return undefined;
      case "site": {
        const isNear = message.site > 0 && message.site === member.options.site;
        return swarm.peerSite(peer, isNear ? "sitePeers" : "otherPeers", message.key, now);
      }
    }
  }

  #requested(end: Strand, piece: number, begin: number, lengthBytes: number): void {
    const { member, peer } = end;
    if (member.swarm.requestReceived(peer, piece, begin, lengthBytes)) {
      assert.ok(
        member.mayServe(piece) && !peer.amChoking,
        "A request is taken only for what is had, of who is served.",
      );
      end.waiting.push({ piece, begin, lengthBytes });
    } else if (peer.fast) end.rejectsDue++;
    else end.other?.unheard.add(placeKey({ piece, begin }));
  }

  /** A piece cannot be read any more; peers that can be told are told, the others are left. */
  loseToDisk(member: Member, piece: number): void {
    if (!member.swarm.pieceUnreadable(piece)) return;
    this.trace?.(`${member.name} can no longer read piece ${piece}`);
    member.withdrawn.add(piece);
    for (const end of member.ends.values()) {
      for (let at = end.waiting.length - 1; at >= 0; at--) {
        if (end.waiting[at]?.piece !== piece) continue;
        end.waiting.splice(at, 1);
        if (end.peer.fast) end.rejectsDue++;
      }
      if (end.peer.fast) end.send({ kind: "dontHave", piece });
      else this.close(end);
    }
    this.touch(member);
  }

  /** After every step. */
  verify(): void {
    for (const member of this.#touched) this.#dismiss(member);
    for (const member of this.#touched) if (member.isAlive) this.#verify(member);
    this.#touched.clear();
  }

  #dismiss(member: Member): void {
    for (const { peer, reason } of member.leaving.splice(0)) {
      const end = member.ends.get(peer);
      if (reason === "both-complete") assert.ok(member.swarm.isComplete, "Only who is complete leaves for that.");
      if (reason === "bad-data" && peer !== member.webSeed) {
        if (end === undefined) continue;
        assert.equal(end.far.options.character, "corrupts", "Only liars are banned.");
        this.banned.add(end.far);
      }
      if (peer === member.webSeed) {
        member.webSeed = null;
        member.swarm.removePeer(peer, member.now);
      }
      if (end !== undefined) this.close(end);
    }
  }

  #verify(member: Member): void {
    const { swarm, verified, withdrawn, memory, ends } = member;
    swarm.audit();
    assert.equal(swarm.have.count, verified.size - withdrawn.size, "What is had was verified.");
    for (const piece of verified) assert.equal(swarm.have.has(piece), !withdrawn.has(piece), `Piece ${piece} is had.`);
    let inMemory = 0;
    for (const [piece, blocks] of memory) {
      for (const begin of blocks.keys())
        inMemory += this.layout.blockLength(piece as PieceIndex, begin / BLOCK_LENGTH_BYTES);
    }
    const { sitePeers, otherPeers, webSeeds, local, duplicate, hashFailed, uploaded } = swarm.accounts.counts();
    const received = sitePeers + otherPeers + webSeeds + duplicate + hashFailed + inMemory;
    assert.equal(received, member.deliveredBytes, "Every byte is in one account.");
    assert.equal(uploaded, member.uploads.servedBytes, "Every byte that was sent is in the account.");
    let verifiedBytes = 0;
    for (const piece of verified) verifiedBytes += this.layout.pieceLength(piece as PieceIndex);
    assert.equal(sitePeers + otherPeers + webSeeds + local, verifiedBytes, "The sources add up to what was verified.");
    for (const end of ends.values()) {
      verifyUploads(end);
      verifyRequests(end);
      if (end.other !== null) verifyRequests(end.other);
    }
  }
}

function verifyUploads({ peer, waiting, rejectsDue }: Strand): void {
  assert.equal(rejectsDue, 0, "What is asked and not served is rejected, once.");
  assert.equal(peer.uploads.length, waiting.length, "The upload queue is what the peer waits for.");
  assert.ok(waiting.length <= UPLOAD_QUEUE_MAX_BLOCKS, "The upload queue is bounded.");
  assert.ok(peer.suggested.size <= SUGGESTIONS_MAX, "What a peer suggests is bounded.");
}

/** Whatever is waited for is on its way, in the other's queue, or on its way back: nothing is forgotten by both ends. */
function verifyRequests({ peer, member, inbox, other, receiving, unheard }: Strand): void {
  if (peer.requests.length === 0 || other?.isOpen !== true || !other.member.isHonest) return;
  // What a babbler cancels on behalf of its own swarm is gone without a word where nobody can reject it.
  if (!member.isHonest && !peer.fast) return;
  const known = new Set<string>(unheard);
  for (const place of other.waiting) known.add(placeKey(place));
  for (const message of other.inbox) if (message.kind === "request") known.add(placeKey(message));
  for (const message of inbox) {
    if (message.kind === "block" || message.kind === "reject") known.add(placeKey(message));
    if (message.kind === "choke" && message.on && !peer.fast) return;
  }
  if (receiving !== null) known.add(placeKey(receiving.place));
  for (const { piece, block } of peer.requests.entries()) {
    const key = placeKey({ piece, begin: block * BLOCK_LENGTH_BYTES });
    assert.ok(known.has(key), `${member.name} waits for ${key} of ${other.member.name}, which knows nothing of it.`);
  }
  const silentMs = member.tickedAt - peer.requests.oldestSentAt;
  assert.ok(silentMs <= REQUEST_LOST_AFTER_MS, "A request is not waited for without end.");
}

function describe(message: Message): string {
  switch (message.kind) {
    case "block":
      return `block ${placeKey(message)}${message.digest === 0 ? "" : ", corrupted"}`;
    case "pieces":
      return `pieces ${typeof message.pieces === "string" ? message.pieces : Buffer.from(message.pieces).toString("hex")}`;
    default: {
      const { kind, ...rest } = message;
      return `${kind} ${Object.values(rest).join(" ")}`;
    }
  }
}
