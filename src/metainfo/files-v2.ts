// The v2 half of an info dictionary: the `file tree` (BEP 52).
//
//   { folder: { name: { "": { length, "pieces root", attr } } } }

import { BencodeDict } from "../bencode/index.ts";
import type { BencodeValue } from "../bencode/index.ts";
import { FILE_COUNT_MAX, PATH_ELEMENT_COUNT_MAX } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { checkFileLength, readAttributes } from "./fields.ts";
import { readSymlink } from "./files-v1.ts";
import type { FileList } from "./files-v1.ts";
import type { LayoutEntry } from "./layout.ts";
import { MERKLE_HASH_BYTES } from "./merkle.ts";
import { parsePathElement } from "./path-element.ts";

/**
 * BEP 52 calls a tree of one file at its top a single-file torrent whatever its name; then a folder that holds one file could not
 * be told from that file. Here it is a single file where the file has the torrent's name, and a folder otherwise.
 * @throws MetainfoError
 */
export function readFilesV2(tree: BencodeDict, name: string): FileList {
  const entries: LayoutEntry[] = [];
  readFolder(tree, [], entries);
  const only = entries.length === 1 ? entries[0] : undefined;
  const isFolder = !(only?.kind === "regular" && only.path.length === 1 && only.path[0] === name);
  return { isFolder, entries };
}

function readFolder(folder: BencodeDict, path: readonly string[], entries: LayoutEntry[]): void {
  if (folder.size === 0) throw treeError(path, "is an empty folder");
  if (path.length > PATH_ELEMENT_COUNT_MAX) {
    throw new MetainfoError(
      "metainfo.path-depth",
      `The path ${shown(path)} has more than ${PATH_ELEMENT_COUNT_MAX} elements.`,
    );
  }
  for (const [key, value] of folder.entries()) {
    if (key === "") throw treeError(path, "is a file and a folder at once");
    const element = parsePathElement(
      Buffer.from(key, "latin1"),
      `In the folder ${shown(path)} of the file tree the name`,
    );
    readNode(value, [...path, element], entries);
  }
}

function readNode(value: BencodeValue, path: readonly string[], entries: LayoutEntry[]): void {
  if (!(value instanceof BencodeDict)) throw treeError(path, "is no dictionary");
  if (value.size !== 1 || !value.has("")) return readFolder(value, path, entries);
  const file = value.dict("");
  if (file === undefined) throw treeError(path, "is no dictionary");
  if (entries.length === FILE_COUNT_MAX) {
    throw new MetainfoError("metainfo.file-count", `The torrent has more than ${FILE_COUNT_MAX} files.`);
  }
  entries.push(readFile(file, path));
}

function readFile(file: BencodeDict, path: readonly string[]): LayoutEntry {
  const attributes = readAttributes(file);
  if (attributes.pad) {
    throw new MetainfoError("metainfo.attr", `The file ${shown(path)} of the file tree is a pad file: v2 has none.`);
  }
  const shared = { path, executable: attributes.executable && !attributes.symlink };
  if (attributes.symlink) {
    return { ...shared, kind: "symlink", lengthBytes: 0, symlinkTarget: readSymlink(file, path), piecesRoot: null };
  }
  const length = file.get("length");
  const lengthBytes = checkFileLength(
    typeof length === "number" || typeof length === "bigint" ? length : undefined,
    path,
  );
  const piecesRoot = lengthBytes === 0 ? null : readRoot(file, path);
  return { ...shared, kind: "regular", lengthBytes, symlinkTarget: null, piecesRoot };
}

function readRoot(file: BencodeDict, path: readonly string[]): Buffer {
  const root = file.bytes("pieces root");
  if (root?.length !== MERKLE_HASH_BYTES) {
    throw new MetainfoError("metainfo.pieces-root", `The file ${shown(path)} has no "pieces root" of 32 bytes.`);
  }
  return root;
}

function treeError(path: readonly string[], fault: string): MetainfoError {
  const what = path.length === 0 ? "The root" : `The entry ${shown(path)}`;
  return new MetainfoError("metainfo.file-tree", `${what} of the file tree ${fault}.`);
}
