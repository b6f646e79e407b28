// Putting a tree of files on the disk for good: every file, then every folder that names one. Without the folders a crash
// of the machine may leave files without a name.

import fs from "node:fs/promises";
import { join } from "node:path";
import { SYNC_FILES_AT_ONCE } from "../../core/index.ts";

/** A file or folder with all that is below. Symbolic links are a matter of their folder. */
export async function syncTree(path: string): Promise<void> {
  const files: string[] = [];
  const folders: string[] = [];
  if ((await fs.lstat(path)).isDirectory()) await collect(path, files, folders);
  else files.push(path);
  const lane = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) await syncPath(file);
  };
  await Promise.all(Array.from({ length: SYNC_FILES_AT_ONCE }, lane));
  for (const folder of folders) await syncFolder(folder);
}

async function collect(folder: string, files: string[], folders: string[]): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await collect(path, files, folders);
    else if (entry.isFile()) files.push(path);
  }
  folders.push(folder);
}

/** What the folder names is on the disk. Windows has no such call and orders these writes itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    await syncPath(path);
  } catch (error) {
    // Some file systems cannot sync a folder and say so; there is nothing else to do.
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  }
}

/** Windows syncs only what is open for writing; elsewhere a file may be read-only. */
const SYNC_FLAGS = process.platform === "win32" ? "r+" : "r";

async function syncPath(path: string): Promise<void> {
  await using handle = await fs.open(path, SYNC_FLAGS);
  await handle.sync();
}
