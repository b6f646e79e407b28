// Writing metainfo: pure and deterministic. The same files, hashes and options give the same bytes, hence the same
// info-hashes; there is no date unless one is given.
//
// Measured with libtorrent 2.0.8 and matched: `attr` of an executable is "x", at the info itself too where that is a
// single file; a symlink's is "xl", since Linux gives every link all permissions.

import { binaryKey, encode, Encoded } from "../bencode/index.ts";
import type { Encodable } from "../bencode/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { SHA1_BYTES } from "./info.ts";
import { MERKLE_HASH_BYTES } from "./merkle.ts";
import type { Payload } from "./payload.ts";
import type { Metainfo, TorrentFile } from "./types.ts";

export interface PayloadHashes {
  /** 20 bytes a piece over paddedLength bytes: v1 and hybrid; else null. */
  readonly pieces: Buffer | null;
  /** By file index: 32 bytes for each regular file with a length, null for the others. v2 and hybrid; else null. */
  readonly piecesRoots: readonly (Buffer | null)[] | null;
}

export interface InfoOptions {
  readonly private?: boolean;
}

/** The bencoded info dictionary of a laid-out payload. @throws MetainfoError where hashes are missing or of a wrong size. */
export function buildInfo(payload: Payload, hashes: PayloadHashes, options: InfoOptions = {}): Buffer {
  const { layout, name, version } = payload;
  const hasV1 = version !== "2";
  const hasV2 = version !== "1";
  return encode({
    ...(hasV1 ? filesV1(payload) : {}),
    "file tree": hasV2 ? fileTree(payload, hashes.piecesRoots ?? []) : undefined,
    "meta version": hasV2 ? 2 : undefined,
    name,
    "piece length": layout.pieceLengthBytes,
    pieces: hasV1 ? checkPieces(hashes.pieces, layout.pieceCount) : undefined,
    private: options.private === true ? 1 : undefined,
  });
}

export interface MetainfoOptions {
  /** By pieces root (hex), as in Metainfo; null or absent for v1. */
  readonly pieceLayers?: ReadonlyMap<string, Buffer> | null;
  readonly trackers?: readonly (readonly string[])[];
  readonly webSeeds?: readonly string[];
  readonly comment?: string | null;
  readonly createdBy?: string | null;
  readonly creationDate?: number | null;
}

/** A whole metainfo file around an info dictionary, which goes in unchanged. */
export function buildMetainfo(infoBytes: Buffer, options: MetainfoOptions = {}): Buffer {
  const { pieceLayers, trackers = [], webSeeds = [] } = options;
  const urls = trackers.flat();
  return encode({
    announce: urls[0],
    "announce-list": urls.length > 1 ? trackers : undefined,
    comment: options.comment ?? undefined,
    "created by": options.createdBy ?? undefined,
    "creation date": options.creationDate ?? undefined,
    info: new Encoded(infoBytes),
    "piece layers": pieceLayers === undefined || pieceLayers === null ? undefined : encodeLayers(pieceLayers),
    "url-list": webSeeds.length > 0 ? webSeeds : undefined,
  });
}

/** The same file again from a value that was parsed; keys that we do not know are left out, those of the info are kept. */
export function encodeMetainfo(metainfo: Metainfo): Buffer {
  return buildMetainfo(metainfo.infoBytes, metainfo);
}

function encodeLayers(layers: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map([...layers].map(([root, layer]) => [Buffer.from(root, "hex").toString("latin1"), layer]));
}

function filesV1({ layout }: Payload): { readonly [key: string]: Encodable | undefined } {
  const [single] = layout.files;
  if (!layout.isFolder && single !== undefined) return { attr: attributes(single), length: single.lengthBytes };
  const files = layout.files.map((file) => ({
    attr: attributes(file),
    length: file.lengthBytes,
    path: file.path,
    "symlink path": file.symlinkTarget ?? undefined,
  }));
  return { files };
}

function attributes(file: TorrentFile): string | undefined {
  if (file.kind === "pad") return "p";
  if (file.kind === "symlink") return "xl";
  return file.executable ? "x" : undefined;
}

type Folder = Map<string, Encodable>;

function fileTree({ layout }: Payload, roots: readonly (Buffer | null)[]): Folder {
  const tree: Folder = new Map();
  for (const file of layout.files) {
    if (file.kind === "pad") continue;
    const symlink = file.kind === "symlink";
    const entry = {
      attr: attributes(file),
      length: symlink ? undefined : file.lengthBytes,
      "pieces root": file.lengthBytes === 0 ? undefined : checkRoot(roots[file.index], file),
      "symlink path": file.symlinkTarget ?? undefined,
    };
    folderFor(tree, file.path).set(binaryKey(file.path.at(-1) as string), { "": entry });
  }
  return tree;
}

function folderFor(tree: Folder, path: readonly string[]): Folder {
  let folder = tree;
  for (const element of path.slice(0, -1)) {
    const key = binaryKey(element);
    // No file has the name of a folder: layOutPayload refused that.
    const next = (folder.get(key) as Folder | undefined) ?? new Map<string, Encodable>();
    folder.set(key, next);
    folder = next;
  }
  return folder;
}

function checkPieces(pieces: Buffer | null, pieceCount: number): Buffer {
  if (pieces?.length === pieceCount * SHA1_BYTES) return pieces;
  throw new MetainfoError(
    "metainfo.pieces",
    `${pieceCount} pieces take ${pieceCount * SHA1_BYTES} bytes of SHA-1; there are ${pieces?.length ?? 0}.`,
  );
}

function checkRoot(root: Buffer | null | undefined, file: TorrentFile): Buffer {
  if (root?.length === MERKLE_HASH_BYTES) return root;
  throw new MetainfoError("metainfo.pieces-root", `The root of the file ${shown(file.path)} is missing.`);
}
