// Why a backup is not made or not restored.

import { CodedError } from "../../core/index.ts";

export type BackupErrorCode =
  /** There is no origin to back up. */
  | "backup.no-origin"
  /** The folder to write into holds something. */
  | "backup.not-empty"
  /** It is no backup, or one that broke off. */
  | "backup.incomplete"
  /** Made by a newer program. */
  | "backup.version"
  /** What it holds is damaged. */
  | "backup.damaged";

export class BackupError extends CodedError<BackupErrorCode> {}
