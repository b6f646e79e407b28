// One process at a time works on a .part: a lock file that names its owner. It is made under another name and linked
// into place, so that it is never seen half written. A lock whose owner is gone (no such process, another process
// under its number, or a boot before this one) is taken over.
//
// Invariant: a lock of somebody else's is removed only by who holds the lock beside it (`.takeover`) and has looked again
// since. Whoever removed what was seen before would remove the lock of one who took over in between, and two would work on
// the same files.
//
// Not covered: two machines, or two containers that cannot see each other's processes, on one shared folder.

import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LOCK_FILE_BYTES_MAX, LOCK_WRITING_MS_MAX } from "../core/index.ts";
import { StorageError, toStorageError } from "./storage-error.ts";

interface Lock {
  readonly text: string;
  readonly modifiedMs: number;
}

interface Owner {
  readonly pid: number;
  readonly startedAt: string;
  readonly bootId: string;
}

export class StoreLock {
  readonly #path: string;
  readonly #text: string;
  /** The other name, under which it was made: gone, unless removing it failed. */
  readonly #draft: string;

  private constructor(path: string, text: string, draft: string) {
    this.#path = path;
    this.#text = text;
    this.#draft = draft;
  }

  /** @throws StorageError storage.in-use */
  static async acquire(path: string): Promise<StoreLock> {
    const nonce = randomBytes(8).toString("hex");
    const text = JSON.stringify({ ...ownerOf(process.pid), nonce });
    const draft = `${path}.${nonce}`;
    try {
      try {
        await fs.writeFile(draft, text, { flag: "wx" });
        for (;;) {
          if (await linkInto(draft, path)) {
            await removeDeadDrafts(path);
            return new StoreLock(path, text, draft);
          }
          await removeStale(path);
        }
      } finally {
        // Who has the lock has it all the same, and whoever was refused is to hear why.
        await fs.rm(draft, { force: true }).catch(() => {});
      }
    } catch (error) {
      throw toStorageError(error, path);
    }
  }

  /**
   * Never rejects: the work that it guarded is done. A lock that cannot be removed is overwritten, which frees the place as
   * well; one that cannot even be written holds it until this process ends.
   */
  async release(): Promise<void> {
    await fs.rm(this.#draft, { force: true }).catch(() => {});
    const text = await fs.readFile(this.#path, "utf8").catch(() => "");
    if (text !== this.#text) return;
    await fs.rm(this.#path, { force: true }).catch(() => fs.writeFile(this.#path, "released").catch(() => {}));
  }
}

async function linkInto(draft: string, path: string): Promise<boolean> {
  try {
    await fs.link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // File systems without hard links: the lock may be seen empty for a moment (see isAlive).
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
  }
  try {
    await fs.copyFile(draft, path, fs.constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** @throws StorageError storage.in-use where the owner lives, or where another one is taking over */
async function removeStale(path: string): Promise<void> {
  const seen = await readLock(path);
  if (seen === null) return;
  if (isAlive(seen)) throw inUse(path, seen);
  // Whose own owner may be gone as well: one name longer each time that somebody is killed within these milliseconds.
  const takeover = await StoreLock.acquire(takeoverPath(path));
  try {
    const still = await readLock(path);
    if (still !== null && !isAlive(still)) await fs.rm(path, { force: true });
  } finally {
    await takeover.release();
  }
}

function takeoverPath(path: string): string {
  return `${path}.takeover`;
}

/** What processes left that were killed while they took the lock. */
async function removeDeadDrafts(path: string): Promise<void> {
  await removeStale(takeoverPath(path)).catch(() => {});
  const prefix = `${basename(path)}.`;
  // Tidying only: a folder that may be written and not read stays as it is, and so does what is no file of ours, or somebody else's.
  const names = await fs.readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{16}$/.test(name.slice(prefix.length))) continue;
    const draft = join(dirname(path), name);
    const lock = await readLock(draft).catch(() => null);
    // One that cannot be read may be in the middle of being written.
    if (lock !== null && parseOwner(lock.text) !== null && !isAlive(lock))
      await fs.rm(draft, { force: true }).catch(() => {});
  }
}

function inUse(path: string, { text }: Lock): StorageError {
  const pid = parseOwner(text)?.pid ?? "unknown";
  return new StorageError(
    "storage.in-use",
    `Another process (${pid}) is downloading to this place. Wait for it or stop it; its lock is ${path}`,
    { retryable: true },
  );
}

async function readLock(path: string): Promise<Lock | null> {
  try {
    const stats = await fs.lstat(path);
    if (!stats.isFile() || stats.size > LOCK_FILE_BYTES_MAX) {
      throw new StorageError("storage.in-use", `This is no lock file of ours. Move it away: ${path}`);
    }
    return { text: await fs.readFile(path, "utf8"), modifiedMs: stats.mtimeMs };
  } catch (error) {
    return ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}

/**
 * A lock that cannot be read has no owner: it was left by a crash of the machine. One that is empty is being written, unless
 * it has been for a while.
 */
function isAlive({ text, modifiedMs }: Lock): boolean {
  if (text === "") return Math.abs(Date.now() - modifiedMs) < LOCK_WRITING_MS_MAX;
  const owner = parseOwner(text);
  if (owner === null) return false;
  const now = ownerOf(owner.pid);
  if (now.bootId !== "" && now.bootId !== owner.bootId) return false;
  if (now.startedAt !== "" || owner.startedAt !== "") return now.startedAt === owner.startedAt;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    const { pid, startedAt, bootId } = value ?? {};
    if (typeof pid !== "number" || typeof startedAt !== "string" || typeof bootId !== "string") return null;
    return { pid, startedAt, bootId };
  } catch {
    return null;
  }
}

/** `startedAt` is "" where there is no such process or no way to tell. */
function ownerOf(pid: number): Owner {
  // Field 22 of /proc/PID/stat, counted after the name, which may hold spaces and brackets.
  const stat = readText(`/proc/${pid}/stat`);
  return { pid, startedAt: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "", bootId: bootId() ?? "" };
}

/** Names this run of the machine; null where the system does not tell. */
export function bootId(): string | null {
  return readText("/proc/sys/kernel/random/boot_id").trim() || null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
