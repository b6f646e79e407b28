// Torrents for the tests of this folder, with their bytes and hashes made the plainest way: one concatenated space, one
// SHA-1 a piece, one SHA-256 a block.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseInfoHash, parseInfoHashV2, type PieceIndex } from "../core/index.ts";
import { createLayout, treeHeight } from "../metainfo/index.ts";
import type { Info, LayoutEntry, MetainfoVersion, PieceHash } from "../metainfo/index.ts";

export interface SampleFile {
  readonly path: string;
  readonly lengthBytes?: number;
  readonly executable?: boolean;
  readonly symlinkTarget?: string;
  readonly isPad?: boolean;
}

export interface SampleTorrent {
  readonly info: Info;
  readonly pieceHash: (piece: PieceIndex) => PieceHash;
  readonly pieces: readonly PieceIndex[];
  /** The piece's bytes without padding at its end. */
  pieceBytes(piece: PieceIndex): Buffer;
  fileBytes(path: string): Buffer;
}

export interface SampleOptions {
  readonly version?: MetainfoVersion;
  readonly pieceLengthBytes?: number;
  readonly name?: string;
  readonly seed?: number;
  /** One file called `name`, or a folder of these. */
  readonly files: number | readonly SampleFile[];
}

export function sampleTorrent(options: SampleOptions): SampleTorrent {
  const { version = "hybrid", pieceLengthBytes = 65_536, name = "update", seed = 1, files } = options;
  const listed: readonly SampleFile[] = typeof files === "number" ? [{ path: name, lengthBytes: files }] : files;
  const entries = entriesOf(listed, version === "hybrid" ? pieceLengthBytes : null);
  const isFolder = typeof files !== "number";
  const placement = version === "2" ? "aligned" : "listed";
  const layout = createLayout({ isFolder, pieceLengthBytes, entries, placement });
  const space = Buffer.alloc(layout.spaceBytes);
  for (const file of layout.files) {
    if (file.kind === "regular") noise(file.lengthBytes, `${seed} ${file.index}`).copy(space, file.offset);
  }
  const pieceBytes = (piece: PieceIndex): Buffer =>
    space.subarray(piece * pieceLengthBytes, piece * pieceLengthBytes + layout.pieceLength(piece));
  const identity = createHash("sha256")
    .update(`${version} ${seed} ${JSON.stringify(entries)} ${pieceLengthBytes}`)
    .digest();
  return {
    info: {
      version,
      infoHashV1: version === "2" ? null : parseInfoHash(identity.subarray(0, 20)),
      infoHashV2: version === "1" ? null : parseInfoHashV2(identity),
      infoBytes: identity,
      name,
      private: false,
      layout,
      pieces: null,
    },
    pieces: Array.from({ length: layout.pieceCount }, (_, value) => value as PieceIndex),
    pieceBytes,
    pieceHash: (piece) => {
      const begin = piece * pieceLengthBytes;
      const bytes = pieceBytes(piece);
      const file = layout.fileOfPiece(piece);
      const blocks = Math.ceil(bytes.length / 16_384);
      const leafCount = file.lengthBytes > pieceLengthBytes ? pieceLengthBytes / 16_384 : 2 ** treeHeight(blocks);
      return {
        sha1: version === "2" ? null : sha("sha1", space.subarray(begin, begin + layout.paddedLength(piece))),
        sha256: version === "1" ? null : plainRoot(leavesOf(bytes), leafCount),
        leafCount: version === "1" ? 0 : leafCount,
      };
    },
    fileBytes: (path) => {
      const file = layout.files.find((candidate) => candidate.path.join("/") === path);
      assert(file !== undefined, path);
      return space.subarray(file.offset, file.offset + file.lengthBytes);
    },
  };
}

/** `alignment`: where given, a file that another one follows is padded to a multiple of it. */
function entriesOf(listed: readonly SampleFile[], alignment: number | null): LayoutEntry[] {
  return listed.flatMap((file, index) => {
    const lengthBytes = file.lengthBytes ?? 0;
    const isLast = listed.slice(index + 1).every((later) => (later.lengthBytes ?? 0) === 0);
    const padBytes = alignment === null || isLast ? 0 : -lengthBytes & (alignment - 1);
    const kind = file.symlinkTarget === undefined ? ("regular" as const) : ("symlink" as const);
    const entry = {
      kind: file.isPad === true ? ("pad" as const) : kind,
      path: file.path.split("/"),
      lengthBytes,
      executable: file.executable ?? false,
      symlinkTarget: file.symlinkTarget?.split("/") ?? null,
      piecesRoot: null,
    };
    const pad = { ...entry, kind: "pad" as const, path: [".pad", String(padBytes)], lengthBytes: padBytes };
    return padBytes === 0 ? [entry] : [entry, { ...pad, executable: false }];
  });
}

export function sha(algorithm: "sha1" | "sha256", bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

export function leavesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, block) =>
    sha("sha256", bytes.subarray(block * 16_384, (block + 1) * 16_384)),
  );
}

function plainRoot(leaves: readonly Buffer[], leafCount: number): Buffer {
  let level = Array.from({ length: leafCount }, (_, index) => leaves[index] ?? Buffer.alloc(32));
  while (level.length > 1) {
    level = level
      .filter((_, index) => index % 2 === 0)
      .map((left, index) => sha("sha256", Buffer.concat([left, level[index * 2 + 1] ?? Buffer.alloc(32)])));
  }
  return level[0] ?? Buffer.alloc(32);
}

function noise(lengthBytes: number, seed: string): Buffer {
  if (lengthBytes === 0) return Buffer.alloc(0);
  return createHash("shake256", { outputLength: lengthBytes }).update(seed).digest();
}
