// Copying files that lie in folders: by a hard link where they never change and the disk is the same, else by a copy that
// shares its bytes where the file system can.

import { constants } from "node:fs";
import fs from "node:fs/promises";
import { join } from "node:path";

/** "link": for files that nobody writes into again. "copy": for the rest, and for a copy that is to outlive the disk. */
export type CopyMode = "link" | "copy";

/** A file or folder with all that is below; `target` is not there yet. @throws what the file system throws */
export async function copyTree(source: string, target: string, mode: CopyMode): Promise<void> {
  const stats = await fs.lstat(source);
  if (stats.isSymbolicLink()) await fs.symlink(await fs.readlink(source), target);
  else if (stats.isDirectory()) {
    await fs.mkdir(target, { mode: stats.mode & 0o777 });
    for (const name of await fs.readdir(source)) await copyTree(join(source, name), join(target, name), mode);
  } else if (mode === "copy" || !(await isLinked(source, target))) {
    await fs.copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}

/** False where the disk is another one, or knows no links (FAT), or this file has as many as there may be. */
async function isLinked(source: string, target: string): Promise<boolean> {
  try {
    await fs.link(source, target);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code)) return false;
    throw error;
  }
}
