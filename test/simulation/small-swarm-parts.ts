// What a small swarm is made of, by chance: a layout (v1, where files share pieces; v2 and hybrid, where each file begins
// a piece of its own and the pieces of one torrent differ in length) and machines of every kind.

import { BLOCK_LENGTH_BYTES } from "../../src/core/index.ts";
import type { Random } from "../../src/core/index.ts";
import { createLayout } from "../../src/metainfo/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import type { Character, MemberOptions } from "./member.ts";

const PIECES_MAX = 24;

export function anyLayout(random: Random): Layout {
  const pieceLengthBytes = BLOCK_LENGTH_BYTES << random.int(3);
  const placement = random.int(2) === 0 ? "listed" : "aligned";
  const files = 1 + (random.int(2) === 0 ? 0 : random.int(6));
  const share = Math.max(1, Math.floor((pieceLengthBytes * PIECES_MAX) / files));
  return createLayout({
    isFolder: files > 1,
    pieceLengthBytes,
    placement,
    entries: Array.from({ length: files }, (_, index) => ({
      kind: "regular" as const,
      path: [`file-${index}`],
      lengthBytes: 1 + random.int(share),
      executable: false,
      symlinkTarget: null,
      piecesRoot: null,
    })),
  });
}

const characters: readonly Character[] = ["corrupts", "corrupts", "boasts", "mute", "babbles", "babbles"];

export function anyMember(
  random: Random,
  layout: Layout,
  { isOrigin, hasSites }: { isOrigin: boolean; hasSites: boolean },
): Omit<MemberOptions, "index"> {
  const character = isOrigin || random.int(3) > 0 ? "honest" : (characters[random.int(characters.length)] ?? "honest");
  const has = new Uint8Array(Math.ceil(layout.pieceCount / 8));
  const kind = isOrigin ? 0 : random.int(8);
  if (kind === 0) has.fill(0xff);
  // Some come back with a part of it.
  else if (kind === 1) for (let at = 0; at < has.length; at++) has[at] = random.int(256);
  return {
    character,
    has,
    superSeed: kind === 0 && random.int(2) === 0,
    choking: random.int(2) === 0 ? "cooperative" : "reciprocal",
    site: hasSites ? random.int(3) : 0,
    memoryPieces: 1 + random.int(8),
    clockRate: (5 + random.int(16)) / 10,
  };
}
