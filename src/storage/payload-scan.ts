// What lies under a path that somebody wants to publish: its files and symbolic links. Nothing outside the path is ever
// read: links are recorded and not followed, and one that leads out of the tree is refused. Folders without files have
// no place in a torrent and are only counted. Order does not matter here: the layout sorts.

import fs from "node:fs/promises";
import type { Dirent, Stats } from "node:fs";
import { basename, isAbsolute, posix, resolve } from "node:path";
import { PAYLOAD_DEPTH_MAX, PAYLOAD_ENTRIES_MAX } from "../core/index.ts";
import type { PayloadEntry } from "../metainfo/index.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";

export interface PayloadScan {
  /** Where the payload is, links in the given path resolved. */
  readonly path: string;
  /** Its last path element, as given. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly entries: readonly PayloadEntry[];
  readonly emptyFolderCount: number;
}

/** @throws StorageError naming the path that is missing, unreadable, or of a kind that cannot be published */
export async function scanPayload(path: string, options: { signal?: AbortSignal } = {}): Promise<PayloadScan> {
  const given = resolve(path);
  return withStorageErrors(given, async () => {
    const real = await fs.realpath(given);
    const stats = await fs.lstat(real);
    const name = basename(given);
    if (stats.isFile()) {
      await fs.access(real, fs.constants.R_OK);
      return { path: real, name, isFolder: false, entries: [regularEntry([name], stats)], emptyFolderCount: 0 };
    }
    if (!stats.isDirectory()) throw wrongKind(real);
    const walk: Walk = { root: real, entries: [], emptyFolderCount: 0, signal: options.signal };
    await scanFolder(walk, []);
    return { path: real, name, isFolder: true, entries: walk.entries, emptyFolderCount: walk.emptyFolderCount };
  });
}

interface Walk {
  readonly root: string;
  readonly entries: PayloadEntry[];
  emptyFolderCount: number;
  readonly signal: AbortSignal | undefined;
}

async function scanFolder(walk: Walk, elements: readonly string[]): Promise<void> {
  walk.signal?.throwIfAborted();
  const folder = [walk.root, ...elements].join("/");
  if (elements.length > PAYLOAD_DEPTH_MAX) {
    throw new StorageError("storage.path", `Folders are nested more than ${PAYLOAD_DEPTH_MAX} deep: ${folder}`);
  }
  // As bytes: a name that is no UTF-8 would otherwise be read as another name.
  const dirents = await fs.readdir(folder, { withFileTypes: true, encoding: "buffer" });
  if (dirents.length === 0) walk.emptyFolderCount++;
  for (const dirent of dirents) await scanEntry(walk, elements, dirent);
}

async function scanEntry(walk: Walk, elements: readonly string[], dirent: Dirent<Buffer>): Promise<void> {
  const name = dirent.name.toString();
  const path = [...elements, name];
  const absolute = [walk.root, ...path].join("/");
  if (!Buffer.from(name).equals(dirent.name)) {
    throw new StorageError("storage.path", `The name is not valid UTF-8. Rename it: ${absolute}`);
  }
  if (walk.entries.length >= PAYLOAD_ENTRIES_MAX) {
    throw new StorageError("storage.path", `The folder holds more than ${PAYLOAD_ENTRIES_MAX} files: ${walk.root}`);
  }
  await withStorageErrors(absolute, async () => {
    const stats = await fs.lstat(absolute);
    if (stats.isDirectory()) await scanFolder(walk, path);
    else if (stats.isSymbolicLink()) walk.entries.push(await linkEntry(walk.root, path));
    else if (stats.isFile()) {
      await fs.access(absolute, fs.constants.R_OK);
      walk.entries.push(regularEntry(path, stats));
    } else throw wrongKind(absolute);
  });
}

function regularEntry(path: readonly string[], stats: Stats): PayloadEntry {
  const executable = (stats.mode & 0o100) !== 0;
  return { kind: "regular", path, lengthBytes: stats.size, executable, symlinkTarget: null };
}

async function linkEntry(root: string, path: readonly string[]): Promise<PayloadEntry> {
  const absolute = [root, ...path].join("/");
  const text = await fs.readlink(absolute);
  const target = posix.normalize(posix.join(path.slice(0, -1).join("/"), text)).replace(/\/$/, "");
  if (isAbsolute(text) || target === ".." || target.startsWith("../") || target === "." || target === "") {
    throw new StorageError(
      "storage.unsafe-path",
      `The symbolic link leads out of the folder (to ${text}) and would lead elsewhere on other machines: ${absolute}`,
    );
  }
  return { kind: "symlink", path, lengthBytes: 0, executable: false, symlinkTarget: target.split("/") };
}

function wrongKind(path: string): StorageError {
  return new StorageError("storage.file-kind", `This is neither a file nor a folder nor a symbolic link: ${path}`);
}
