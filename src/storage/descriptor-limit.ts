// How many files the I/O threads may keep open: a fixed number each, less where the process may have few descriptors, so
// that files which lie open for later leave room for connections.

import { readFileSync } from "node:fs";
import { OPEN_FILES_PER_WORKER_MAX, OPEN_FILES_SHARE } from "../core/index.ts";

/** A piece's journal and one file. */
const OPEN_FILES_MIN = 2;

/** Of each thread. `limit`: descriptors of the process; null where that is not known. */
export function openFilesMax(threadCount: number, limit: number | null): number {
  if (limit === null) return OPEN_FILES_PER_WORKER_MAX;
  const share = Math.floor((limit * OPEN_FILES_SHARE) / threadCount);
  return Math.max(OPEN_FILES_MIN, Math.min(OPEN_FILES_PER_WORKER_MAX, share));
}

/** Null where the system does not tell, or has no limit. */
export function descriptorLimit(): number | null {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
