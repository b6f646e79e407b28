// A small file that is made once and never overwritten (a key, an origin's description): whole or not there, however the
// process that makes it ends. It is written under another name, put on the disk and linked into place.

import fs from "node:fs/promises";
import { dirname } from "node:path";
import { syncPath } from "./payload-files.ts";

/** What a file system without hard links says to link(). */
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** @throws what the file system throws: EEXIST where something stands there */
export async function writeNewFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.new`;
  // Of one that was killed at it.
  await fs.rm(draft, { force: true });
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
  }
  await syncPath(dirname(path), "folder");
}
