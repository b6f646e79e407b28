// One torrent, up to three info-hashes: a hybrid torrent's v1 and v2 hashes and that of its v1 twin (DESIGN, "One release,
// three doors"). A peer comes in by one of them and is shown the info dictionary that belongs to it; behind the doors
// there is one storage and one swarm. Invariant: every door leads to the same piece space.

import { parseInfoHash, truncateInfoHash } from "../core/index.ts";
import type { InfoHash, InfoHashV2 } from "../core/index.ts";
import { deriveTwin, parseInfo } from "../metainfo/index.ts";
import type { Info, Magnet } from "../metainfo/index.ts";

export interface Door {
  readonly infoHash: InfoHash;
  readonly kind: "v1" | "v2" | "twin";
  /** What BEP 9 serves here; null while it is not known (magnet). */
  readonly infoBytes: Buffer | null;
}

/** The doors of a torrent in the order of preference for connecting. */
export function doorsOf(info: Info, twin: Info | null): Door[] {
  const doors: Door[] = [];
  if (info.infoHashV1 !== null) doors.push({ infoHash: info.infoHashV1, kind: "v1", infoBytes: info.infoBytes });
  if (info.infoHashV2 !== null) {
    doors.push({ infoHash: truncateInfoHash(info.infoHashV2), kind: "v2", infoBytes: info.infoBytes });
  }
  // The twin follows from the hybrid, so whoever has the hybrid can open its door without another file.
  const twinInfo = twin ?? (info.version === "hybrid" ? parseInfo(deriveTwin(info)) : null);
  if (twinInfo?.infoHashV1 !== null && twinInfo !== null) {
    doors.push({ infoHash: twinInfo.infoHashV1, kind: "twin", infoBytes: twinInfo.infoBytes });
  }
  return doors;
}

/** The doors that a magnet names, before its info dictionary is known. */
export function magnetDoors(magnet: Magnet): Door[] {
  const doors: Door[] = [];
  if (magnet.infoHashV1 !== null) doors.push(door(magnet.infoHashV1, "v1"));
  if (magnet.infoHashV2 !== null) doors.push(door(truncated(magnet.infoHashV2), "v2"));
  return doors;
}

function truncated(infoHash: InfoHashV2): InfoHash {
  return parseInfoHash(truncateInfoHash(infoHash));
}

function door(infoHash: InfoHash, kind: Door["kind"]): Door {
  return { infoHash, kind, infoBytes: null };
}
