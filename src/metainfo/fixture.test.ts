// Small payloads in memory and their metainfo, for the tests of this folder. It holds no test.

import { hash } from "node:crypto";
import { BencodeDict, decode, encode } from "../bencode/index.ts";
import type { BencodeValue, Encodable } from "../bencode/index.ts";
import type { PieceIndex } from "../core/index.ts";
import { buildInfo, buildMetainfo } from "./build.ts";
import type { MetainfoOptions } from "./build.ts";
import { merkleRoot, pieceLayer } from "./merkle.ts";
import { layOutPayload } from "./payload.ts";
import type { PayloadInput } from "./payload.ts";
import type { Layout, MetainfoVersion } from "./types.ts";

export interface FixtureFile {
  readonly path: readonly string[];
  readonly bytes?: Buffer;
  readonly executable?: boolean;
  readonly symlinkTarget?: readonly string[];
}

export interface Fixture {
  readonly name?: string;
  readonly version?: MetainfoVersion;
  readonly isFolder?: boolean;
  readonly pieceLengthBytes?: number;
  readonly private?: boolean;
  readonly files?: readonly FixtureFile[];
}

/** Bytes that differ from place to place and are the same on every run. */
export function patternBytes(lengthBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (let i = 0; i < lengthBytes; i++) bytes[i] = (i * 7 + seed * 13 + Math.floor(i / 251)) & 255;
  return bytes;
}

const defaultFiles: readonly FixtureFile[] = [
  { path: ["app", "run"], bytes: patternBytes(70_000, 2), executable: true },
  { path: ["empty"], bytes: Buffer.alloc(0) },
  { path: ["link"], symlinkTarget: ["app", "run"] },
  { path: ["läser.txt"], bytes: patternBytes(20, 3) },
];

export interface Built {
  readonly layout: Layout;
  readonly infoBytes: Buffer;
  readonly pieceLayers: ReadonlyMap<string, Buffer> | null;
  metainfo(options?: MetainfoOptions): Buffer;
}

/** What `create` does, without files. */
export function build(fixture: Fixture = {}): Built {
  const { name = "set", version = "hybrid", isFolder = true, files = defaultFiles } = fixture;
  const input: PayloadInput = {
    name,
    version,
    isFolder,
    pieceLengthBytes: fixture.pieceLengthBytes ?? 32_768,
    entries: files.map((file) => ({
      kind: file.symlinkTarget === undefined ? "regular" : "symlink",
      path: file.path,
      lengthBytes: file.bytes?.length ?? 0,
      executable: file.executable ?? false,
      symlinkTarget: file.symlinkTarget ?? null,
    })),
  };
  const payload = layOutPayload(input);
  const contents = new Map(files.map((file) => [file.path.join("/"), file.bytes ?? Buffer.alloc(0)]));
  const bytesOf = payload.layout.files.map((file) => contents.get(file.path.join("/")) ?? Buffer.alloc(0));
  const { roots, layers } = trees(payload.layout, bytesOf);
  const pieces = version === "2" ? null : sha1s(payload.layout, bytesOf);
  const piecesRoots = version === "1" ? null : roots;
  const infoBytes = buildInfo(payload, { pieces, piecesRoots }, { private: fixture.private ?? false });
  const pieceLayers = version === "1" ? null : layers;
  return {
    layout: payload.layout,
    infoBytes,
    pieceLayers,
    metainfo: (options = {}) => buildMetainfo(infoBytes, { pieceLayers, ...options }),
  };
}

function sha1s(layout: Layout, bytesOf: readonly Buffer[]): Buffer {
  return Buffer.concat(
    Array.from({ length: layout.pieceCount }, (_, index) => {
      const piece = index as PieceIndex;
      const bytes = Buffer.alloc(layout.paddedLength(piece));
      for (const { fileIndex, fileOffset, pieceOffset, lengthBytes } of layout.segments(piece)) {
        bytes.set((bytesOf[fileIndex] as Buffer).subarray(fileOffset, fileOffset + lengthBytes), pieceOffset);
      }
      return hash("sha1", bytes, "buffer");
    }),
  );
}

function trees(layout: Layout, bytesOf: readonly Buffer[]): { roots: (Buffer | null)[]; layers: Map<string, Buffer> } {
  const layers = new Map<string, Buffer>();
  const roots = layout.files.map((file) => {
    if (file.kind !== "regular" || file.lengthBytes === 0) return null;
    const leaves = leavesOf(bytesOf[file.index] as Buffer);
    const root = merkleRoot(leaves);
    if (file.lengthBytes > layout.pieceLengthBytes) {
      layers.set(root.toString("hex"), pieceLayer(leaves, layout.pieceLengthBytes));
    }
    return root;
  });
  return { roots, layers };
}

/** SHA-256 of each 16 KiB block. */
export function leavesOf(bytes: Buffer): Buffer {
  const leaves: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 16_384)
    leaves.push(hash("sha256", bytes.subarray(at, at + 16_384), "buffer"));
  return Buffer.concat(leaves);
}

/** A decoded document as Maps and arrays that a test may change. */
export type Tree = Map<string, Encodable>;

export function thaw(value: BencodeValue): Encodable {
  if (value instanceof BencodeDict) return new Map([...value.entries()].map(([key, inner]) => [key, thaw(inner)]));
  return Array.isArray(value) ? value.map(thaw) : value;
}

/** The document after a change. */
export function edited(document: Buffer, change: (tree: Tree) => void): Buffer {
  const tree = thaw(decode(document)) as Tree;
  change(tree);
  return encode(tree);
}

export interface EntryV1 {
  readonly [key: string]: Encodable;
}

/** An entry of `files`. */
export const file = (path: string, lengthBytes = 1, extra: { readonly [key: string]: Encodable } = {}): EntryV1 => ({
  length: lengthBytes,
  path: path.split("/"),
  ...extra,
});
/** A symlink in `files`. */
export const link = (path: string, target: string): EntryV1 => ({
  attr: "l",
  length: 0,
  path: path.split("/"),
  "symlink path": target.split("/"),
});

/** The v1 info of a folder with these entries of `files`, its `pieces` as long as they must be. */
export function infoV1(files: readonly EntryV1[], extra: { readonly [key: string]: Encodable } = {}): Buffer {
  const lengthBytes = files.reduce((sum, file) => sum + (typeof file["length"] === "number" ? file["length"] : 0), 0);
  const pieces = Buffer.alloc(Math.max(0, Math.ceil(lengthBytes / 16_384)) * 20);
  return encode({ files, name: "set", "piece length": 16_384, pieces, ...extra });
}
