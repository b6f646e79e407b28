// What the command line itself can meet in the world: files that are missing, unreadable or in the way.

import { CodedError, messageOf } from "../core/index.ts";

export type CliErrorCode =
  | "cli.not-found"
  | "cli.read"
  | "cli.write"
  | "cli.exists"
  | "cli.resolve"
  | "cli.disk-full"
  | "cli.demo";

export class CliError extends CodedError<CliErrorCode> {}

/** A failed file operation as a sentence that names the file. `action` is "read" or "written". */
export function fileError(error: unknown, path: string, action: "read" | "written"): CliError {
  const code = (error as NodeJS.ErrnoException).code;
  const known: Readonly<Record<string, string>> = {
    ENOENT: action === "read" ? "there is no such file" : "its folder does not exist",
    EACCES: "permission is denied",
    EPERM: "permission is denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is not a folder",
    ENOSPC: "the disk is full. Free some space and try again",
    EDQUOT: "the disk quota is used up. Free some space and try again",
    EROFS: "the file system is read-only",
    EIO: "the device reports an input/output error",
    EMFILE: "too many files are open. Raise the limit (ulimit -n)",
    ENFILE: "the system has too many open files",
  };
  const reason = known[code ?? ""] ?? messageOf(error);
  const kind = action === "written" ? "cli.write" : code === "ENOENT" ? "cli.not-found" : "cli.read";
  return new CliError(kind, `${path} cannot be ${action}: ${reason}.`, { cause: error });
}
