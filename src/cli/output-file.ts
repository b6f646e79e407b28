// Files that commands write: whole or not at all, by a temporary file beside the target and one rename.

import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, isAbsolute, sep } from "node:path";
import { CliError, fileError } from "./cli-error.ts";
import { UsageError } from "./framework/usage-error.ts";

/** @throws CliError */
export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    {
      // "wx": never through a link that somebody planted under that name.
      await using file = await open(temporary, "wx");
      await file.writeFile(bytes);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, path, "written");
  }
}

/**
 * Before the work begins: refuses a .torrent's path that would overwrite the payload, land inside it (the next run
 * would then hash it too) or replace something that is no .torrent.
 * @throws UsageError, CliError
 */
export async function checkOutput(path: string, payloadPath: string): Promise<void> {
  const folder = await realpath(dirname(path)).catch((error: unknown) => {
    throw fileError(error, path, "written");
  });
  const payload = await realpath(payloadPath).catch((error: unknown) => {
    throw fileError(error, payloadPath, "read");
  });
  const target = join(folder, basename(path));
  const below = relative(payload, target);
  if (below === "" || (below !== ".." && !below.startsWith(`..${sep}`) && !isAbsolute(below))) {
    throw new UsageError("usage.value", `${path} lies in the payload ${payloadPath}: choose a place outside it.`);
  }
  if (!(await mayBeReplaced(target))) {
    throw new CliError("cli.exists", `${path} exists and is no .torrent: it is left as it is. Choose another name.`);
  }
}

/** Nothing there, an empty file, or a bencoded dictionary. */
async function mayBeReplaced(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return true;
  if (!stats.isFile()) return false;
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
  return bytesRead === 0 || buffer.toString("latin1") === "d";
}
