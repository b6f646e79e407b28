// The info-hashes that a tracker serves, from a text file: one a line, 40 hex digits (v1) or 64 (v2, which announces
// truncate, BEP 52); "#" begins a comment. A hybrid torrent has two lines, its v1 twin a third.
// Invariant: a list with a line that is none is refused as a whole, so that a slip of the pen never stops a release.

import { readFile, stat } from "node:fs/promises";
import {
  messageOf,
  parseInfoHash,
  parseInfoHashV2,
  TRACKER_ALLOW_LIST_BYTES_MAX,
  truncateInfoHash,
} from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { TrackerError } from "./tracker-error.ts";

/** @throws TrackerError tracker.allow-list, naming the line */
export function parseAllowList(text: string): Set<InfoHash> {
  const allowed = new Set<InfoHash>();
  text.split(/\r?\n/).forEach((line, index) => {
    const entry = line.replace(/#.*$/, "").trim();
    if (entry === "") return;
    try {
      allowed.add(entry.length === 64 ? truncateInfoHash(parseInfoHashV2(entry)) : parseInfoHash(entry));
    } catch (cause) {
      throw new TrackerError(
        "tracker.allow-list",
        `Line ${index + 1} of the allow-list is not an info-hash of 40 or 64 hex digits.`,
        { cause },
      );
    }
  });
  return allowed;
}

/** @throws TrackerError tracker.allow-list */
export async function readAllowList(path: string): Promise<Set<InfoHash>> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > TRACKER_ALLOW_LIST_BYTES_MAX) throw new Error(`it has ${size} bytes`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new TrackerError("tracker.allow-list", `The allow-list ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
      retryable: true,
    });
  }
  return parseAllowList(text);
}
