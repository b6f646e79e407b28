// A web seed of one machine in a small swarm: it claims runs of pieces and sends them block by block, as the engine's
// RunSink does, until it breaks off. It may send wrong bytes.

import { BLOCK_LENGTH_BYTES } from "../../src/core/index.ts";
import type { PieceIndex } from "../../src/core/index.ts";
import type { Member } from "./member.ts";
import type { SmallSwarm } from "./small-swarm.ts";
import type { Place } from "./strand.ts";

const RUN_PIECES_MAX = 4;

export class WebSource {
  readonly #world: SmallSwarm;
  readonly #member: Member;
  readonly #lies: boolean;
  #run: Place[] = [];
  #wasBanned = false;

  constructor(world: SmallSwarm, member: Member, lies: boolean) {
    this.#world = world;
    this.#member = member;
    this.#lies = lies;
  }

  /** Claims a run, or sends the next block of it. */
  step(): void {
    const member = this.#member;
    const { swarm, now } = member;
    if (!member.isAlive || swarm.isComplete || this.#wasBanned) return;
    this.#world.touch(member);
    if (member.webSeed === null && this.#run.length > 0) {
      this.#wasBanned = true;
      this.#run = [];
      return;
    }
    if (member.webSeed === null) {
      member.webSeed = swarm.addPeer({ source: "webSeeds", fast: true, now });
      swarm.peerPieces(member.webSeed, "all", now);
    }
    if (this.#run.length === 0) this.#claim();
    else this.#send();
  }

  /** The connection to it broke: what it claimed is free again. */
  breakOff(): void {
    const { webSeed, swarm, now } = this.#member;
    this.#run = [];
    if (webSeed !== null && !webSeed.closed) swarm.releaseRun(webSeed, now);
    this.#world.touch(this.#member);
  }

  close(): void {
    this.breakOff();
    const { webSeed, swarm, now } = this.#member;
    if (webSeed !== null) swarm.removePeer(webSeed, now);
    this.#member.webSeed = null;
    this.#wasBanned = true;
  }

  #claim(): void {
    const { webSeed, swarm, now, name } = this.#member;
    const { layout, random, trace } = this.#world;
    if (webSeed === null) return;
    const run = swarm.claimRun(webSeed, 1 + random.int(RUN_PIECES_MAX), now);
    trace?.(`${name}'s web seed claims ${run === null ? "nothing" : `${run.count} from piece ${run.first}`}`);
    for (let index = 0; index < (run?.count ?? 0); index++) {
      const piece = ((run?.first ?? 0) + index) as PieceIndex;
      for (let block = 0; block < layout.blockCount(piece); block++) {
        const lengthBytes = layout.blockLength(piece, block);
        this.#run.push({ piece, begin: block * BLOCK_LENGTH_BYTES, lengthBytes });
      }
    }
  }

  #send(): void {
    const member = this.#member;
    const { webSeed, swarm } = member;
    const place = this.#run.shift();
    if (webSeed === null || webSeed.closed || place === undefined) return;
    const { piece, begin, lengthBytes } = place;
    const { random, trace } = this.#world;
    trace?.(`${member.name}'s web seed sends ${piece}:${begin}`);
    if (!member.memory.has(piece) || !swarm.acceptsBlock(webSeed, piece, begin, lengthBytes)) {
      member.discard(webSeed, place);
    } else {
      member.takeOver(place);
      member.keep(webSeed, place, this.#lies && random.int(3) === 0 ? 1 + random.int(255) : 0);
    }
    // It gives back what it did not deliver, whether it failed or not.
    if (this.#run.length === 0) this.breakOff();
  }
}
