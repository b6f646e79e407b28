// What can happen to the database's file, as codes and sentences that say what to do. SQLite's own words ("disk I/O error" of
// a disk that is full) stay in the cause. That it is locked is no failure: the dialect waits (see patient-dialect.ts).

import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { CodedError } from "../../core/index.ts";
import { toStorageError } from "../../storage/index.ts";

export type DatabaseErrorCode =
  | "database.open"
  /** The disk is full. */
  | "database.full"
  | "database.read-only"
  /** The disk, or what stands for one, fails. */
  | "database.io";

export class DatabaseError extends CodedError<DatabaseErrorCode> {}

/** https://sqlite.org/rescode.html, without the extended bits. */
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

/** Null where it is nothing of the disk. `path` is the database's file. */
function databaseErrorOf(cause: unknown, path: string): DatabaseError | null {
  const { errcode } = cause as { errcode?: number };
  switch ((errcode ?? 0) & 0xff) {
    case SQLITE_FULL:
      return new DatabaseError("database.full", `The disk is full. Free some space and try again: ${path}`, {
        cause,
        retryable: true,
      });
    case SQLITE_IOERR: {
      // What it says also where there is no room for the files beside it.
      const text = `The disk is full or fails. Free some space, or look at the disk, and try again: ${path}`;
      return new DatabaseError("database.io", text, { cause, retryable: true });
    }
    case SQLITE_READONLY:
      return new DatabaseError("database.read-only", `The file or its file system is read-only: ${path}`, { cause });
    case SQLITE_CANTOPEN:
      return folderErrorOf(path, cause);
    default:
      return null;
  }
}

/** SQLite says only that it "cannot open": the folder may not be written to, for one user or for all. */
function folderErrorOf(path: string, cause: unknown): DatabaseError | null {
  try {
    accessSync(dirname(path), constants.W_OK);
    return null;
  } catch (error) {
    const { message } = toStorageError(error, path);
    const isReadOnly = (error as NodeJS.ErrnoException).code === "EROFS";
    return new DatabaseError(isReadOnly ? "database.read-only" : "database.open", message, { cause });
  }
}

/** Runs what SQLite does; other errors pass as they are. @throws DatabaseError */
export function withDatabaseErrors<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw databaseErrorOf(error, path) ?? error;
  }
}
