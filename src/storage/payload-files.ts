// The payload's files in the file system: what is there, and making what is missing. Folders are made one by one and
// each is looked at first, so that no symbolic link on the way leads outside (see file-table.ts for the attack).

import fs from "node:fs/promises";
import { constants, type BigIntStats } from "node:fs";
import { dirname } from "node:path";
import type { Layout, TorrentFile } from "../metainfo/index.ts";
import { absolutePath, relativePath } from "./artifact.ts";
import type { FileState } from "./resume-trust.ts";
import { StorageError, storageErrorOf, withStorageErrors } from "./storage-error.ts";

const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

export interface FileOnDisk extends FileState {
  /** Bytes that take up disk: less than the size where the file is sparse. */
  readonly allocatedBytes: number;
  readonly executable: boolean;
}

export async function lstatOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await fs.lstat(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

/** By file index: null where no regular file is, or where a folder on the way is none. */
export async function examineFiles(layout: Layout, root: string): Promise<(FileOnDisk | null)[]> {
  const folders = new Map<string, boolean>();
  const isRealFolder = async (path: string): Promise<boolean> => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const parentIsReal = path === root || (await isRealFolder(dirname(path)));
    const isReal = parentIsReal && ((await lstatOrNull(path))?.isDirectory() ?? false);
    folders.set(path, isReal);
    return isReal;
  };
  const states: (FileOnDisk | null)[] = [];
  for (const file of layout.files) {
    const path = absolutePath(root, relativePath(layout, file));
    const isReachable = file.kind === "regular" && (!layout.isFolder || (await isRealFolder(dirname(path))));
    const stats = isReachable ? await lstatOrNull(path) : null;
    states.push(stats !== null && stats.isFile() ? stateOf(stats) : null);
  }
  return states;
}

function stateOf(stats: BigIntStats): FileOnDisk {
  return {
    sizeBytes: Number(stats.size),
    modifiedNs: stats.mtimeNs,
    allocatedBytes: Number(stats.blocks) * 512,
    executable: (stats.mode & 0o100n) !== 0n,
  };
}

/** @throws StorageError storage.disk-full, with the sizes, before anything is written */
export async function checkFreeSpace(
  layout: Layout,
  directory: string,
  states: readonly (FileOnDisk | null)[],
): Promise<void> {
  const needed = layout.files.reduce((sum, file) => {
    if (file.kind !== "regular") return sum;
    return sum + Math.max(0, file.lengthBytes - (states[file.index]?.allocatedBytes ?? 0));
  }, 0);
  const { bavail, bsize } = await fs.statfs(directory);
  const available = bavail * bsize;
  if (needed <= available) return;
  throw new StorageError(
    "storage.disk-full",
    `The download needs ${needed} bytes more, but only ${available} are free. Free some space and try again: ${directory}`,
    { retryable: true },
  );
}

/** Makes folders and files that are missing and gives every file its length (sparse). Returns the states after that. */
export async function prepareFiles(
  layout: Layout,
  root: string,
  states: readonly (FileOnDisk | null)[],
): Promise<(FileOnDisk | null)[]> {
  const folders = new Set<string>();
  const prepared = [...states];
  for (const file of layout.files) {
    if (file.kind !== "regular") continue;
    const state = states[file.index] ?? null;
    const path = absolutePath(root, relativePath(layout, file));
    if (layout.isFolder) await makeFolders(root, file, folders);
    if (state !== null && state.sizeBytes === file.lengthBytes) continue;
    prepared[file.index] = await withStorageErrors(path, () => sizeFile(path, file, state !== null));
  }
  return prepared;
}

async function sizeFile(path: string, file: TorrentFile, exists: boolean): Promise<FileOnDisk> {
  if (!exists) await refuseForeign(path);
  const flags = constants.O_RDWR | NOFOLLOW | (exists ? 0 : constants.O_CREAT | constants.O_EXCL);
  const handle = await fs.open(path, flags, file.executable ? 0o777 : 0o666);
  try {
    await handle.truncate(file.lengthBytes);
    return stateOf(await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
}

/** The folders on the way to a file or link, and the root, made where missing. */
export async function makeFolders(root: string, file: TorrentFile, known: Set<string>): Promise<void> {
  let path = root;
  for (const element of ["", ...file.path.slice(0, -1)]) {
    if (element !== "") path += `/${element}`;
    if (known.has(path)) continue;
    const current = path;
    await withStorageErrors(current, async () => {
      const stats = await lstatOrNull(current);
      if (stats === null) await fs.mkdir(current);
      else if (!stats.isDirectory()) throw foreign(current, stats);
    });
    known.add(path);
  }
}

async function refuseForeign(path: string): Promise<void> {
  const stats = await lstatOrNull(path);
  if (stats !== null) throw foreign(path, stats);
}

export function foreign(path: string, stats: BigIntStats): StorageError {
  const code = stats.isSymbolicLink() ? "ELOOP" : stats.isDirectory() ? "EISDIR" : "ENOTFILE";
  return storageErrorOf({ code, path, message: "" });
}

/** Writes a file's or folder's changes to the device. */
export async function syncPath(path: string, kind: "file" | "folder"): Promise<void> {
  const flags = (kind === "file" ? constants.O_RDWR : constants.O_RDONLY) | NOFOLLOW;
  const handle = await fs.open(path, flags);
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync a folder and say so; there is nothing else to do.
    if (kind === "file" || (error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}
