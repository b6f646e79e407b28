// What a machine says that follows no policy: any message of the protocol at any time, with numbers that are right, nearly
// right or wild. The wire has refused already what it can refuse by itself (WireReader), so a `have` names a piece.

import { BLOCK_LENGTH_BYTES, UPLOAD_QUEUE_MAX_BLOCKS } from "../../src/core/index.ts";
import type { PieceIndex, Random } from "../../src/core/index.ts";
import type { SmallSwarm } from "./small-swarm.ts";
import type { Message, Strand } from "./strand.ts";

/** More than a queue takes. */
const FLOOD_REQUESTS = UPLOAD_QUEUE_MAX_BLOCKS + 100;

/** The machine of `end` says something to the other one. */
export function babble(world: SmallSwarm, end: Strand): void {
  const { random } = world;
  const piece = random.int(world.layout.pieceCount);
  if (random.int(100) === 0) {
    world.trace?.(`${end.member.name} floods ${end.far.name} with requests`);
    const had = [...end.far.verified] as PieceIndex[];
    for (let index = 0; index < FLOOD_REQUESTS && had.length > 0; index++) {
      const place = { piece: had[random.int(had.length)] ?? (0 as PieceIndex), begin: 0 };
      end.send({ kind: "request", ...place, lengthBytes: world.layout.blockLength(place.piece, 0) });
    }
    return;
  }
  end.send(anyMessage(world, random, piece));
}

function anyMessage(world: SmallSwarm, random: Random, piece: number): Message {
  const on = random.int(2) === 0;
  const place = anyPlace(world, random);
  const bits = new Uint8Array(Math.ceil(world.layout.pieceCount / 8));
  const messages: readonly Message[] = [
    { kind: "have", piece },
    { kind: "have", piece },
    { kind: "dontHave", piece: random.int(40) },
    { kind: "suggest", piece: random.int(40) },
    { kind: "reject", ...place },
    { kind: "cancel", ...place },
    { kind: "request", ...place },
    { kind: "request", ...place },
    { kind: "block", ...place, digest: 0 },
    { kind: "interested", on },
    { kind: "choke", on },
    { kind: "uploadOnly", on: random.int(8) === 0 },
    { kind: "pieces", pieces: (["all", "none", bits] as const)[random.int(3)] ?? "none" },
    { kind: "site", site: random.int(3), key: random.int(2 ** 32 - 1) },
    { kind: "reqq", count: [0, 1, 5, 2 ** 31][random.int(4)] ?? 0 },
  ];
  return messages[random.int(messages.length)] ?? { kind: "have", piece };
}

function anyPlace(world: SmallSwarm, random: Random): { piece: number; begin: number; lengthBytes: number } {
  const { layout } = world;
  const piece = random.int(8) === 0 ? random.int(2 ** 31) : random.int(layout.pieceCount);
  const index = layout.pieceIndex(piece);
  const block = index === null ? 0 : random.int(layout.blockCount(index));
  const begin = block * BLOCK_LENGTH_BYTES + (random.int(8) === 0 ? random.int(BLOCK_LENGTH_BYTES) : 0);
  const whole = index === null ? BLOCK_LENGTH_BYTES : layout.blockLength(index, block);
  return { piece, begin, lengthBytes: random.int(8) === 0 ? 1 + random.int(131_072) : whole };
}
