// The v1 half of an info dictionary: `length`, or `files` (BEP 3) with attributes, pad files and symlinks (BEP 47).

import { BencodeDict } from "../bencode/index.ts";
import type { BencodeValue } from "../bencode/index.ts";
import { isUtf8 } from "node:buffer";
import { FILE_COUNT_MAX } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { checkFileLength, readAttributes, requireStrings } from "./fields.ts";
import type { LayoutEntry } from "./layout.ts";
import { parsePathElement } from "./path-element.ts";
import { checkSymlinkTarget } from "./path-tree.ts";

export interface FileList {
  readonly isFolder: boolean;
  readonly entries: readonly LayoutEntry[];
}

/** @throws MetainfoError */
export function readFilesV1(info: BencodeDict, name: string, pieceLengthBytes: number): FileList {
  if (info.has("files") && info.has("length")) {
    throw new MetainfoError(
      "metainfo.field",
      'The info has both "files" and "length": one file or a folder, not both.',
    );
  }
  if (!info.has("files")) return { isFolder: false, entries: [readSingle(info, name)] };
  const files = info.list("files");
  if (files === undefined || files.length === 0) {
    throw new MetainfoError("metainfo.field", 'The info\'s "files" is not a list of files.');
  }
  const entries = files.map((file, index) => readEntry(file, index, pieceLengthBytes));
  if (entries.filter((entry) => entry.kind !== "pad").length > FILE_COUNT_MAX) {
    throw new MetainfoError("metainfo.file-count", `The torrent has more than ${FILE_COUNT_MAX} files.`);
  }
  return { isFolder: true, entries };
}

function readSingle(info: BencodeDict, name: string): LayoutEntry {
  const attributes = readAttributes(info);
  if (attributes.pad || attributes.symlink) {
    throw new MetainfoError("metainfo.attr", "The only file of the torrent is a pad file or a symlink.");
  }
  return {
    kind: "regular",
    path: [name],
    lengthBytes: checkFileLength(integerOf(info, "length"), name),
    executable: attributes.executable,
    symlinkTarget: null,
    piecesRoot: null,
  };
}

function readEntry(value: BencodeValue, index: number, pieceLengthBytes: number): LayoutEntry {
  if (!(value instanceof BencodeDict))
    throw new MetainfoError("metainfo.field", `Entry ${index} of "files" is no dictionary.`);
  const attributes = readAttributes(value);
  if (attributes.pad) {
    if (attributes.symlink)
      throw new MetainfoError("metainfo.attr", `Entry ${index} of "files" is a pad file and a symlink.`);
    return padEntry(checkPadLength(integerOf(value, "length"), index, pieceLengthBytes));
  }
  const path = readPath(value, index);
  const shared = { path, executable: attributes.executable && !attributes.symlink, piecesRoot: null };
  if (!attributes.symlink) {
    return {
      ...shared,
      kind: "regular",
      lengthBytes: checkFileLength(integerOf(value, "length"), path),
      symlinkTarget: null,
    };
  }
  return { ...shared, kind: "symlink", lengthBytes: 0, symlinkTarget: readSymlink(value, path) };
}

/** Of an entry of either half. BEP 47: the length is 0 and may be left out. */
export function readSymlink(entry: BencodeDict, path: readonly string[]): readonly string[] {
  if ((entry.get("length") ?? 0) !== 0) {
    throw new MetainfoError("metainfo.symlink", `The symlink ${shown(path)} has a length.`);
  }
  const where = `The symlink ${shown(path)}`;
  const target = requireStrings(entry, "symlink path", where);
  if (!target.every((element) => isUtf8(element))) {
    throw new MetainfoError("metainfo.path-encoding", `${where} has a target that is not UTF-8.`);
  }
  return checkSymlinkTarget(
    path,
    target.map((element) => element.toString("utf8")),
  );
}

export function padEntry(lengthBytes: number): LayoutEntry {
  return {
    kind: "pad",
    path: [".pad", String(lengthBytes)],
    lengthBytes,
    executable: false,
    symlinkTarget: null,
    piecesRoot: null,
  };
}

/** Padding fills up a piece: as much as a piece of it is no padding but an attack on whoever hashes it. */
function checkPadLength(lengthBytes: number | bigint | undefined, index: number, pieceLengthBytes: number): number {
  if (typeof lengthBytes !== "number" || lengthBytes < 0 || lengthBytes >= pieceLengthBytes) {
    throw new MetainfoError(
      "metainfo.pad",
      `The pad file that is entry ${index} of "files" has ${lengthBytes ?? "no"} bytes: it must be shorter than a piece (${pieceLengthBytes}).`,
    );
  }
  return lengthBytes;
}

function readPath(entry: BencodeDict, index: number): readonly string[] {
  const where = `Entry ${index} of "files"`;
  // Creators of the years before UTF-8 wrote `path` in the code page of their system and the real name beside it.
  const utf8 = entry.list("path.utf-8");
  const key = utf8?.every((element) => Buffer.isBuffer(element) && isUtf8(element)) === true ? "path.utf-8" : "path";
  const elements = requireStrings(entry, key, where);
  if (elements.length === 0) throw new MetainfoError("metainfo.path-empty", `${where} has an empty path.`);
  return elements.map((bytes) => parsePathElement(bytes, `${where}: the name`));
}

function integerOf(dict: BencodeDict, key: string): number | bigint | undefined {
  const value = dict.get(key);
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}
