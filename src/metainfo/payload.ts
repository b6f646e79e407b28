// What is to become a torrent: the files as they were found, put in order and laid out. Hashing runs over its layout;
// build.ts then writes the info.
//
// Measured with libtorrent 2.0.8, whose info-hashes ours must equal: files come in the order of the raw UTF-8 bytes of
// their path elements, in every format; a hybrid folder of more than one entry has a pad file after each file that
// does not end with a piece, the last one included; a folder of one entry has none; v1 alone has none.

import { FILE_COUNT_MAX } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { checkFileLength } from "./fields.ts";
import { padEntry } from "./files-v1.ts";
import { checkPieceCount, checkPieceLength } from "./info.ts";
import { createLayout } from "./layout.ts";
import type { LayoutEntry, LayoutInput } from "./layout.ts";
import { checkPathElement } from "./path-element.ts";
import { checkSymlinkTarget, checkTree } from "./path-tree.ts";
import { defaultPieceLength } from "./piece-length.ts";
import type { Layout, MetainfoVersion } from "./types.ts";

/** A file or symlink as it was found. */
export interface PayloadEntry {
  readonly kind: "regular" | "symlink";
  /** Below the payload's folder; for a single file it is not looked at. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  readonly executable: boolean;
  /** From the payload's folder, not from the link's. */
  readonly symlinkTarget: readonly string[] | null;
}

export interface PayloadInput {
  /** The torrent's name: that of the folder or the file. */
  readonly name: string;
  readonly version: MetainfoVersion;
  readonly isFolder: boolean;
  /** In any order. */
  readonly entries: readonly PayloadEntry[];
  /** By default that of defaultPieceLength. */
  readonly pieceLengthBytes?: number;
}

export interface Payload {
  readonly name: string;
  readonly version: MetainfoVersion;
  readonly layout: Layout;
}

/** @throws MetainfoError for whatever parseMetainfo would refuse as well. */
export function layOutPayload(input: PayloadInput): Payload {
  const { name, version, isFolder } = input;
  checkPathElement(name, "The torrent's name");
  if (input.entries.length > FILE_COUNT_MAX) {
    throw new MetainfoError("metainfo.file-count", `The folder has more than ${FILE_COUNT_MAX} files.`);
  }
  const sorted = isFolder ? sortEntries(input.entries.map(toEntry)) : [singleEntry(name, input.entries)];
  checkTree(name, sorted);
  const lengthBytes = sorted.reduce((sum, entry) => sum + entry.lengthBytes, 0);
  const pieceLengthBytes = checkPieceLength(input.pieceLengthBytes ?? defaultPieceLength(lengthBytes), version);
  if (version === "2" && isFolder && sorted.length === 1 && sorted[0]?.path.join("/") === name) {
    throw new MetainfoError(
      "metainfo.unrepresentable",
      `A v2 torrent cannot tell the folder ${shown(name)} from the one file of that name in it. Use hybrid, or another name.`,
    );
  }
  const layoutInput: LayoutInput = {
    isFolder,
    pieceLengthBytes,
    entries: version === "hybrid" && sorted.length > 1 ? withPads(sorted, pieceLengthBytes) : sorted,
    placement: version === "2" ? "aligned" : "listed",
  };
  checkPieceCount(layoutInput);
  return { name, version, layout: createLayout(layoutInput) };
}

function toEntry(entry: PayloadEntry): LayoutEntry {
  if (entry.path.length === 0) throw new MetainfoError("metainfo.path-empty", "A file has an empty path.");
  for (const element of entry.path) checkPathElement(element, `In the path ${shown(entry.path)} the name`);
  const { path, executable } = entry;
  if (entry.kind === "symlink") {
    const symlinkTarget = checkSymlinkTarget(path, entry.symlinkTarget ?? []);
    return { kind: "symlink", path, lengthBytes: 0, executable: false, symlinkTarget, piecesRoot: null };
  }
  const lengthBytes = checkFileLength(entry.lengthBytes, path);
  return { kind: "regular", path, lengthBytes, executable, symlinkTarget: null, piecesRoot: null };
}

function singleEntry(name: string, entries: readonly PayloadEntry[]): LayoutEntry {
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || entry.kind === "symlink") {
    throw new MetainfoError("metainfo.unrepresentable", `${shown(name)} is not one regular file.`);
  }
  return toEntry({ ...entry, path: [name] });
}

function sortEntries(entries: readonly LayoutEntry[]): LayoutEntry[] {
  const keyed = entries.map((entry) => ({ entry, key: entry.path.map((element) => Buffer.from(element)) }));
  keyed.sort((a, b) => comparePaths(a.key, b.key));
  return keyed.map(({ entry }) => entry);
}

function comparePaths(a: readonly Buffer[], b: readonly Buffer[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = Buffer.compare(a[i] as Buffer, b[i] as Buffer);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function withPads(entries: readonly LayoutEntry[], pieceLengthBytes: number): LayoutEntry[] {
  return entries.flatMap((entry) => {
    const rest = entry.lengthBytes % pieceLengthBytes;
    return rest === 0 ? [entry] : [entry, padEntry(pieceLengthBytes - rest)];
  });
}
