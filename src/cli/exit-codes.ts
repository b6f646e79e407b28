// Exit codes, and which error leads to which: the one place that knows. Error codes are matched by their longest
// known prefix, so that a domain can be refined ("net.policy-scheme" is a refusal though "net" is the world's fault).

import { AssertionError } from "node:assert";
import { CodedError } from "../core/index.ts";

/** 0 done; 1 it failed (disk, network); 2 usage; 3 invalid or fails verification; 4 refused by policy; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

export const DONE = 0;
const FAILED = 1;
export const USAGE = 2;
export const INVALID = 3;
const REFUSED = 4;
export const INTERRUPTED = 130;

const byPrefix: Readonly<Record<string, ExitCode>> = {
  usage: USAGE,
  bencode: INVALID,
  metainfo: INVALID,
  magnet: INVALID,
  id: INVALID,
  verify: INVALID,
  policy: REFUSED,
  storage: FAILED,
  net: FAILED,
  "net.policy": REFUSED,
  announce: FAILED,
  wire: FAILED,
  engine: FAILED,
  "engine.incomplete-seed": INVALID,
  "engine.inconsistent-torrent": INVALID,
  release: INVALID,
  "release.name": USAGE,
  "release.withdrawn": REFUSED,
  "release.already-withdrawn": REFUSED,
  "release.not-withdrawn": REFUSED,
  "release.unsigned": REFUSED,
  "release.exists": REFUSED,
  "release.first-use": REFUSED,
  "release.not-found": FAILED,
  "release.conflict": FAILED,
  "release.trust-store": FAILED,
  config: USAGE,
  data: FAILED,
  "data.none": USAGE,
  "data.exists": USAGE,
  database: FAILED,
  catalogue: FAILED,
  "catalogue.unknown": USAGE,
  payload: FAILED,
  publish: INVALID,
  "publish.exists": REFUSED,
  "publish.duplicate": REFUSED,
  "publish.withdrawn": REFUSED,
  "publish.busy": FAILED,
  "publish.stale": FAILED,
  account: USAGE,
  case: REFUSED,
  "case.changed": FAILED,
  "case.unknown": USAGE,
  upload: FAILED,
  backup: FAILED,
  "backup.no-origin": USAGE,
  access: FAILED,
  "access.unknown": USAGE,
  key: FAILED,
  "key.file": INVALID,
  "key.passphrase": USAGE,
  "key.exposed": REFUSED,
  tracker: FAILED,
  "tracker.options": USAGE,
};

/** Stopped by a person or a supervisor before the work was done. */
export class InterruptedError extends CodedError<"interrupted"> {}

export function exitCodeOf(error: unknown): ExitCode {
  if (isInterruption(error)) return INTERRUPTED;
  const code = codeOf(error);
  const matches = Object.keys(byPrefix).filter(
    (prefix) => code === prefix || (/^[.-]/.test(code.slice(prefix.length)) && code.startsWith(prefix)),
  );
  const longest = matches.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? FAILED : (byPrefix[longest] ?? FAILED);
}

/** The stable code of anything thrown: a CodedError's own, `system.enoent` for an operating system error, `internal` for a bug. */
export function codeOf(error: unknown): string {
  if (isInterruption(error)) return "interrupted";
  if (error instanceof CodedError) return error.code;
  if (error instanceof AssertionError) return "internal";
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const syscall = (error as NodeJS.ErrnoException | null)?.syscall;
  return typeof code === "string" && typeof syscall === "string" ? `system.${code.toLowerCase()}` : "internal";
}

function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (error instanceof Error && error.name === "AbortError");
}
