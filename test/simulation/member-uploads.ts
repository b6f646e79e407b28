// What one machine of a small swarm sends: the swarm's choices, and what must hold of them. Only what is had, was asked
// for and was shown is served, to who is not choked; everybody who waits has a turn before long.

import assert from "node:assert/strict";
import { UPLOAD_UNANSWERED_MS } from "../../src/core/index.ts";
import type { PieceIndex } from "../../src/core/index.ts";
import type { SwarmPeer } from "../../src/swarm/index.ts";
import type { Member } from "./member.ts";
import type { SmallSwarm } from "./small-swarm.ts";
import type { Strand } from "./strand.ts";

/** Turns that a peer that waits may be passed over for each peer that is there: Upload gives every 32nd by waiting. */
const STARVED_TURNS_PER_PEER = 33;

export class MemberUploads {
  servedBytes = 0;
  readonly #member: Member;
  readonly #world: SmallSwarm;
  #lastServedAt = -Infinity;

  constructor(member: Member, world: SmallSwarm) {
    this.#member = member;
    this.#world = world;
  }

  /** Serves what the swarm chooses while connections take more. */
  pump(): void {
    const { isAlive, options, swarm } = this.#member;
    if (options.character === "mute" || !isAlive) return;
    for (let peer = swarm.nextUpload(this.#canSend); peer !== null; peer = swarm.nextUpload(this.#canSend)) {
      this.#serve(peer);
    }
    this.#verifyNobodyIsHeldUp();
  }

  readonly #canSend = (peer: SwarmPeer): boolean => {
    const end = this.#member.ends.get(peer);
    return end !== undefined && end.isOpen && end.underWayBlocks < end.roomBlocks;
  };

  #serve(peer: SwarmPeer): void {
    const { ends, options, swarm, now } = this.#member;
    const end = ends.get(peer);
    const { headPiece, headBegin, headLengthBytes } = peer.uploads;
    const asked = end?.waiting.shift();
    assert.ok(end !== undefined && asked !== undefined, "Only who waits is served.");
    assert.deepEqual([headPiece, headBegin, headLengthBytes], [asked.piece, asked.begin, asked.lengthBytes]);
    assert.ok(this.#member.mayServe(headPiece), `Piece ${headPiece} is served and not had.`);
    assert.ok(!peer.amChoking && !peer.closed, "Who is choked is not served.");
    if (swarm.isSuperSeeding) assert.ok(end.offered.has(headPiece), "A super-seed serves what it showed.");
    if (this.#isTurn(peer)) this.#countTurn(end);
    swarm.uploadServed(peer, now);
    this.servedBytes += headLengthBytes;
    this.#lastServedAt = now;
    const { random } = this.#world;
    const lies = options.character === "corrupts" && random.int(3) === 0;
    end.send({ kind: "block", ...asked, digest: lies ? 1 + random.int(255) : 0 });
  }

  /** True where what is served next begins a piece, or goes on with one beyond its length. */
  #isTurn({ servingPiece, servingBytes, uploads }: SwarmPeer): boolean {
    const piece = uploads.headPiece as PieceIndex;
    return piece !== servingPiece || servingBytes >= this.#world.layout.pieceLength(piece);
  }

  /** Everybody who waits and could be served has its turn before long. */
  #countTurn(served: Strand): void {
    const { ends, name } = this.#member;
    for (const end of ends.values()) {
      if (end === served || end.waiting.length === 0 || !this.#canSend(end.peer)) end.passedOver = 0;
      else end.passedOver++;
      assert.ok(end.passedOver <= STARVED_TURNS_PER_PEER * (ends.size + 1), `${end.far.name} is starved by ${name}.`);
    }
  }

  /** Nobody is served although somebody waits: only as long as what was sent may still be answered. */
  #verifyNobodyIsHeldUp(): void {
    const { ends, name, tickedAt } = this.#member;
    if (tickedAt - this.#lastServedAt <= UPLOAD_UNANSWERED_MS) return;
    for (const end of ends.values()) {
      const isHeldUp = end.waiting.length > 0 && !end.peer.closed && this.#canSend(end.peer);
      assert.ok(!isHeldUp, `${end.far.name} waits for ${name}, which sends nothing.`);
    }
  }
}
