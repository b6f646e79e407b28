// Opening a file of a release for whoever asks over HTTP. The path comes from the request.
//
// Invariant: what is opened is a regular file below the release's own folder, after every symbolic link on the way was
// followed. A payload may hold links within itself; one that leads out would hand out the keys of the origin.

import { constants } from "node:fs";
import fs from "node:fs/promises";
import { join, sep } from "node:path";
import { checkPathElement, MetainfoError } from "../../metainfo/index.ts";
import type { OpenedFile } from "./payload-store.ts";

// NONBLOCK: to open a FIFO would otherwise wait for its writer for ever. NOFOLLOW: a link that was put there since.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** What says that there is nothing to be opened, and not that the disk is broken. */
const absent: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "ENAMETOOLONG", "ENXIO"]);

export async function openInside(folder: string, path: readonly string[]): Promise<OpenedFile | null> {
  if (path.length === 0 || !path.every(isName)) return null;
  try {
    const [root, real] = await Promise.all([fs.realpath(folder), fs.realpath(join(folder, ...path))]);
    if (!real.startsWith(root + sep)) return null;
    return await openRegular(real);
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** True for what can be an element of an artifact's path; never for "..", separators and the like. */
export function isName(element: string): boolean {
  try {
    checkPathElement(element, "The name");
    return true;
  } catch (error) {
    if (error instanceof MetainfoError) return false;
    throw error;
  }
}

async function openRegular(path: string): Promise<OpenedFile | null> {
  const handle = await fs.open(path, FLAGS);
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, lengthBytes: stats.size, modifiedMs: stats.mtimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}
