// Files that commands write: whole or not at all, by a temporary file beside the target and one rename.

import { open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, isAbsolute, sep } from "node:path";
import { CliError, fileError } from "./cli-error.ts";
import { UsageError } from "./framework/usage-error.ts";

/** @throws CliError */
export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await removeDead(path);
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

/** Temporary files of runs that were killed while they wrote this one. */
async function removeDead(path: string): Promise<void> {
  const [prefix, suffix] = [`.${basename(path)}.`, ".tmp"];
  // Tidying only: a folder that may be written and not read stays as it is, and so does what is somebody else's.
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const pid = name.slice(prefix.length, -suffix.length);
    if (/^[1-9]\d{0,9}$/.test(pid) && !isAnotherAlive(Number(pid))) await rm(join(dirname(path), name)).catch(() => {});
  }
}

/** Under our own number there was another process: in a container that is restarted it is always the same. */
function isAnotherAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
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
