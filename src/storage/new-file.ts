// A small file that is made once and never overwritten (a key, an origin's description): whole or not there, however the
// process that makes it ends. It is written under another name, put on the disk and linked into place.

import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncPath } from "./payload-files.ts";

/** What a file system without hard links says to link(). */
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** That this process is writing. */
const ownDrafts = new Set<string>();

/** @throws what the file system throws: EEXIST where something stands there */
export async function writeNewFile(path: string, text: string, mode: number): Promise<void> {
  await removeDeadDrafts(path);
  const draft = `${path}.${process.pid}.${randomBytes(8).toString("hex")}.new`;
  ownDrafts.add(draft);
  try {
    {
      await using handle = await fs.open(draft, "wx", mode);
      await handle.writeFile(text);
      await handle.sync();
    }
    try {
      await fs.link(draft, path);
    } catch (error) {
      if (!withoutLinks.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await fs.copyFile(draft, path, fs.constants.COPYFILE_EXCL);
    }
  } finally {
    await fs.rm(draft, { force: true });
    ownDrafts.delete(draft);
  }
  await syncPath(dirname(path), "folder");
}

/** What processes left that were killed while they made this file. */
async function removeDeadDrafts(path: string): Promise<void> {
  for (const name of await fs.readdir(dirname(path))) {
    const [, pid] = /^\.(\d{1,10})\.[0-9a-f]{16}\.new$/.exec(name.slice(basename(path).length)) ?? [];
    if (pid === undefined || !name.startsWith(basename(path))) continue;
    const draft = join(dirname(path), name);
    // Tidying only: what is somebody else's stays.
    if (!isAlive(Number(pid), draft)) await fs.rm(draft, { force: true }).catch(() => {});
  }
}

/** Under our own number there may have been another process: in a container that is restarted it is always the same. */
function isAlive(pid: number, draft: string): boolean {
  if (pid === process.pid) return ownDrafts.has(draft);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
