// What the disk can do to us, as codes. Every message names the path and what to do. Hash mismatches are no errors:
// they are outcomes (see PieceOutcome).

import { CodedError } from "../core/index.ts";
import { failureOf, type IoFailure } from "./io-failure.ts";

export type StorageErrorCode =
  | "storage.disk-full"
  | "storage.permission"
  | "storage.open-files"
  | "storage.missing"
  | "storage.short"
  | "storage.changed"
  | "storage.unsafe-path"
  | "storage.path"
  | "storage.file-kind"
  | "storage.file-size"
  | "storage.io"
  | "storage.in-use"
  | "storage.exists"
  | "storage.worker"
  | "storage.closed";

export class StorageError extends CodedError<StorageErrorCode> {}

type Meaning = readonly [code: StorageErrorCode, sentence: string, retryable: boolean];

const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["ENOSPC", ["storage.disk-full", "The disk is full. Free some space and try again", true]],
  ["EDQUOT", ["storage.disk-full", "The disk quota is used up. Free some space and try again", true]],
  ["EACCES", ["storage.permission", "Permission denied", false]],
  ["EPERM", ["storage.permission", "The operation is not permitted", false]],
  ["EROFS", ["storage.permission", "The file system is read-only", false]],
  ["EMFILE", ["storage.open-files", "Too many open files. Raise the limit (ulimit -n)", true]],
  ["ENFILE", ["storage.open-files", "The system has too many open files", true]],
  ["ENOENT", ["storage.missing", "The file or folder does not exist", false]],
  ["ENOTDIR", ["storage.missing", "A part of the path is no folder", false]],
  ["EISDIR", ["storage.unsafe-path", "A folder stands where a file belongs", false]],
  [
    "ELOOP",
    ["storage.unsafe-path", "A symbolic link stands where a file or folder belongs; it is not followed", false],
  ],
  ["ENOTFILE", ["storage.unsafe-path", "This is no regular file; it is not opened", false]],
  ["ENAMETOOLONG", ["storage.path", "The name is too long for this file system", false]],
  ["EINVAL", ["storage.path", "The file system refuses this name or operation", false]],
  ["EFBIG", ["storage.file-size", "The file is too large for this file system", false]],
  ["ESHORT", ["storage.short", "The file is shorter than it should be", false]],
  ["EIO", ["storage.io", "The device reports an input/output error", true]],
]);

export function storageErrorOf(failure: IoFailure, cause?: unknown): StorageError {
  const [code, sentence, retryable] = MEANINGS.get(failure.code) ?? ["storage.io", failure.message, false];
  return new StorageError(code, `${sentence}: ${failure.path}`, { cause: cause ?? failure, retryable });
}

/** Anything thrown by node:fs, as a StorageError that names `path` (unless the error names its own). */
export function toStorageError(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const failure = failureOf(error);
  return storageErrorOf({ ...failure, path: failure.path || path }, error);
}

/** Runs file operations and turns what the system throws into a StorageError; other errors pass. */
export async function withStorageErrors<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? toStorageError(error, path) : error;
  }
}
