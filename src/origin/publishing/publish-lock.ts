// One publish at a time for a data folder, over all processes: between keeping a payload and the catalogue's transaction
// nobody else may take the payload for a leftover. It is held for the time of a signature, not of an upload or of hashing.
//
// The lock is SQLite's on a file of its own: the system lets go of it with the process, however that ends, so there is
// no stale lock to judge. It waits without standing still.

import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { DATABASE_RETRY_MS, PUBLISH_LOCK_WAIT_MS } from "../../core/index.ts";
import { withDatabaseErrors } from "../database/database-error.ts";
import { PublishError } from "./publish-error.ts";

/** Resolves when it is ours; disposed, it is somebody else's. */
export type PublishLock = (signal?: AbortSignal) => Promise<AsyncDisposable>;

export interface PublishLockOptions {
  /** Made where it is missing; holds nothing. */
  readonly path: string;
  readonly waitMs?: number;
}

/** @throws PublishError publish.busy when it takes longer than `waitMs`; DatabaseError; the signal's reason */
export function createPublishLock({ path, waitMs = PUBLISH_LOCK_WAIT_MS }: PublishLockOptions): PublishLock {
  return async (signal) => {
    const deadline = performance.now() + waitMs;
    const database = withDatabaseErrors(path, () => new DatabaseSync(path));
    try {
      while (!withDatabaseErrors(path, () => isTaken(database))) {
        if (performance.now() >= deadline) {
          throw new PublishError("publish.busy", "Another publish is under way here. Try again.", { retryable: true });
        }
        await delay(DATABASE_RETRY_MS, undefined, { signal });
      }
    } catch (error) {
      database.close();
      throw error;
    }
    return {
      [Symbol.asyncDispose]: () => {
        database.close();
        return Promise.resolve();
      },
    };
  };
}

function isTaken(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    // SQLITE_BUSY
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return false;
    throw error;
  }
}
