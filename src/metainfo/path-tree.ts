// Whether the entries of a torrent form one tree that is the same on every system, and whether its symlinks stay in it.
//
// Invariant: after checkTree, writing every entry below a fresh folder touches nothing outside of it, no entry
// overwrites another (not even where letter case or Unicode composition does not count), and no entry lies behind a
// symlink. A symlink's target is an entry or a folder of this torrent.

import { FOLDER_COUNT_MAX, PATH_ELEMENT_COUNT_MAX, PATH_LENGTH_MAX_BYTES } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { checkPathElement, foldName } from "./path-element.ts";
import type { LayoutEntry } from "./layout.ts";

/** Entries of a folder-torrent; elements were checked one by one. Pad files are never written and are passed over. @throws MetainfoError */
export function checkTree(name: string, entries: readonly LayoutEntry[]): void {
  const files = entries.filter((entry) => entry.kind !== "pad");
  const folders = new Set<string>();
  const foldedFolders = new Set<string>();
  const folded = new Map<string, readonly string[]>();
  for (const { path } of files) {
    checkPathLength(name, path);
    addFolders(path, folders, foldedFolders);
    const key = foldPath(path);
    const other = folded.get(key);
    if (other !== undefined) throw duplicateError(other, path);
    folded.set(key, path);
  }
  for (const { path } of files) {
    if (foldedFolders.has(foldPath(path))) {
      throw new MetainfoError(
        "metainfo.path-conflict",
        `The path ${shown(path)} is a file and also the folder of another one.`,
      );
    }
  }
  checkSymlinks(files, folders);
}

function duplicateError(a: readonly string[], b: readonly string[]): MetainfoError {
  const fault =
    shown(a) === shown(b)
      ? "is there twice"
      : `and ${shown(b)} are one path where letter case or accents written in two ways do not count`;
  return new MetainfoError("metainfo.path-duplicate", `The path ${shown(a)} ${fault}.`);
}

function checkPathLength(name: string, path: readonly string[]): void {
  if (path.length > PATH_ELEMENT_COUNT_MAX) {
    throw new MetainfoError(
      "metainfo.path-depth",
      `The path ${shown(path)} has more than ${PATH_ELEMENT_COUNT_MAX} elements.`,
    );
  }
  if (Buffer.byteLength(name) + 1 + Buffer.byteLength(path.join("/")) > PATH_LENGTH_MAX_BYTES) {
    throw new MetainfoError(
      "metainfo.path-length",
      `The path ${shown(path)} is longer than ${PATH_LENGTH_MAX_BYTES} bytes with the torrent's name.`,
    );
  }
}

function addFolders(path: readonly string[], folders: Set<string>, foldedFolders: Set<string>): void {
  for (let length = path.length - 1; length > 0; length--) {
    const folder = path.slice(0, length);
    const key = folder.join("/");
    // Its own parents were added with it.
    if (folders.has(key)) return;
    if (folders.size === FOLDER_COUNT_MAX) {
      throw new MetainfoError("metainfo.file-count", `The torrent has more than ${FOLDER_COUNT_MAX} folders.`);
    }
    folders.add(key);
    foldedFolders.add(foldPath(folder));
  }
}

function foldPath(path: readonly string[]): string {
  return foldName(path.join("/"));
}

function checkSymlinks(files: readonly LayoutEntry[], folders: ReadonlySet<string>): void {
  const links = files.filter((file) => file.kind === "symlink");
  if (links.length === 0) return;
  const targets = new Map(links.map((link) => [link.path.join("/"), link.symlinkTarget ?? []]));
  const regular = new Set(files.filter((file) => file.kind === "regular").map((file) => file.path.join("/")));
  // Links that were followed to their end, so that a long row of links costs its length once.
  const sound = new Set<string>();
  for (const link of links) {
    const passed = new Set<string>();
    let key = link.path.join("/");
    for (;;) {
      if (sound.has(key) || regular.has(key) || folders.has(key)) break;
      const target = targets.get(key);
      if (target === undefined) throw symlinkError(link, "points to nothing in this torrent");
      if (passed.has(key)) throw symlinkError(link, "leads back to itself");
      passed.add(key);
      for (let length = 1; length < target.length; length++) {
        if (targets.has(target.slice(0, length).join("/"))) throw symlinkError(link, "points through another symlink");
      }
      key = target.join("/");
    }
    for (const followed of passed) sound.add(followed);
  }
}

function symlinkError(link: LayoutEntry, fault: string): MetainfoError {
  return new MetainfoError(
    "metainfo.symlink",
    `The symlink ${shown(link.path)} ${fault}: its target is ${shown(link.symlinkTarget ?? [])}.`,
  );
}

/** The elements of a symlink's target, from the torrent's root. @throws MetainfoError */
export function checkSymlinkTarget(path: readonly string[], target: readonly string[]): readonly string[] {
  if (target.length === 0 || target.length > PATH_ELEMENT_COUNT_MAX) {
    throw new MetainfoError(
      "metainfo.symlink",
      `The symlink ${shown(path)} has a target of ${target.length} elements.`,
    );
  }
  for (const element of target) {
    if (element === ".." || element === "." || element === "") {
      throw new MetainfoError(
        "metainfo.symlink",
        `The symlink ${shown(path)} leaves the tree or is not written from its root: its target is ${shown(target)}.`,
      );
    }
    checkPathElement(element, `In the target of the symlink ${shown(path)} the name`);
  }
  return target;
}
