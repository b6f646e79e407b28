// Folders that are being written and are nobody's yet, below DATA/staging. Each has a lock beside it that the system lets go
// of with its process, however that ends: what a killed process left is removed by whoever opens the folder next, and what
// another one is still writing is not, whatever the clock says.
//
//   staging/RANDOM.lock    SQLite's lock on a file that holds nothing; taken before the folder is made, gone after it
//   staging/RANDOM/        being written

import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { STAGING_LEFTOVER_MS, type Clock } from "../../core/index.ts";
import { withDatabaseErrors } from "../database/database-error.ts";
import { PayloadError } from "./payload-store.ts";

const LOCK_SUFFIX = ".lock";
const CLAIM_ATTEMPTS_MAX = 10;

/** Disposed, what is in the folder is gone; it may have been moved elsewhere before. */
export interface StagingFolder extends AsyncDisposable {
  readonly folder: string;
}

export class Staging {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes its folder where it is missing and removes what was left there. @throws what the file system throws */
  static async open(path: string, clock: Clock): Promise<Staging> {
    await fs.mkdir(path, { recursive: true });
    const names = new Set(await fs.readdir(path));
    const beforeMs = clock.wallMs() - STAGING_LEFTOVER_MS;
    for (const name of names) {
      const removal = name.endsWith(LOCK_SUFFIX)
        ? removeIfLeft(join(path, name))
        : !names.has(`${name}${LOCK_SUFFIX}`) && removeIfOld(join(path, name), beforeMs);
      // What cannot be removed (another user's) is in nobody's way: an origin opens all the same.
      await Promise.resolve(removal).catch(() => {});
    }
    return new Staging(path);
  }

  async claim(): Promise<StagingFolder> {
    for (let attempt = 1; ; attempt++) {
      const folder = join(this.#path, randomBytes(8).toString("hex"));
      // Made by hand first: a full or read-only disk then says what it is.
      await fs.writeFile(`${folder}${LOCK_SUFFIX}`, "", { flag: "wx" });
      const lock = await this.#take(folder);
      if (lock === null) {
        // Whoever opens the folder just now took it for a leftover; again and again only where there are no locks.
        await fs.rm(`${folder}${LOCK_SUFFIX}`, { force: true });
        if (attempt < CLAIM_ATTEMPTS_MAX) continue;
        throw new PayloadError(
          "payload.store",
          `Files cannot be locked here. Take another file system for ${this.#path}`,
        );
      }
      return { folder, [Symbol.asyncDispose]: () => removeLocked(folder, lock) };
    }
  }

  /** The lock and the folder, or neither. */
  async #take(folder: string): Promise<DatabaseSync | null> {
    const path = `${folder}${LOCK_SUFFIX}`;
    let lock: DatabaseSync | null = null;
    try {
      lock = takeLock(path);
      if (lock !== null) await fs.mkdir(folder);
      return lock;
    } catch (error) {
      lock?.close();
      await fs.rm(path, { force: true });
      throw error;
    }
  }
}

async function removeIfLeft(lockPath: string): Promise<void> {
  const lock = takeLock(lockPath);
  if (lock !== null) await removeLocked(lockPath.slice(0, -LOCK_SUFFIX.length), lock);
}

/** Without a lock: by a version that made none. */
async function removeIfOld(path: string, beforeMs: number): Promise<void> {
  const stats = await fs.lstat(path).catch(ignoreMissing);
  if (stats !== null && stats.mtimeMs < beforeMs) await removeTree(path);
}

async function removeLocked(folder: string, lock: DatabaseSync): Promise<void> {
  if (!lock.isOpen) return;
  try {
    await removeTree(folder);
  } finally {
    lock.close();
  }
  await fs.rm(`${folder}${LOCK_SUFFIX}`, { force: true });
}

/** Null where another process, or another part of this one, has it. @throws DatabaseError where the disk is full */
function takeLock(path: string): DatabaseSync | null {
  const lock = withDatabaseErrors(path, () => new DatabaseSync(path));
  try {
    // With its journal in memory it writes nothing: what is deleted to make room is staged first, on a full disk too.
    withDatabaseErrors(path, () => lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"));
    return lock;
  } catch (error) {
    lock.close();
    // SQLITE_BUSY
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return null;
    throw error;
  }
}

function ignoreMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}

async function removeTree(path: string): Promise<void> {
  await fs.rm(path, { recursive: true, force: true });
}
