// One torrent, up to three info-hashes: a hybrid torrent's v1 and v2 hashes and that of its v1 twin (ARCHITECTURE, "One release,
// three doors"). A peer comes in by one of them and is shown the info dictionary that belongs to it; behind the doors
// there is one storage and one swarm. Invariant: every door leads to the same piece space.

import { parseInfoHash, truncateInfoHash } from "../core/index.ts";
import type { InfoHash, InfoHashV2 } from "../core/index.ts";
import { deriveTwin, parseInfo } from "../metainfo/index.ts";
import type { Info, Magnet, Metainfo } from "../metainfo/index.ts";

export interface Door {
  readonly infoHash: InfoHash;
  readonly kind: "v1" | "v2" | "twin";
  /** What BEP 9 serves here; null while it is not known (magnet). */
  readonly infoBytes: Buffer | null;
  /** May our handshake say that we speak v2? libtorrent closes a connection that says so about a torrent without v2. */
  readonly offersV2: boolean;
}

/** The doors of a torrent in the order of preference for connecting. */
export function doorsOf(info: Info, twin: Info | null): Door[] {
  const doors: Door[] = [];
  const { infoHashV1, infoHashV2, infoBytes } = info;
  const offersV2 = infoHashV2 !== null;
  if (infoHashV1 !== null) doors.push({ infoHash: infoHashV1, kind: "v1", infoBytes, offersV2 });
  if (infoHashV2 !== null) doors.push({ infoHash: truncateInfoHash(infoHashV2), kind: "v2", infoBytes, offersV2 });
  // The twin follows from the hybrid, so whoever has the hybrid can open its door without another file.
  const twinInfo = twin ?? (info.version === "hybrid" ? parseInfo(deriveTwin(info)) : null);
  if (twinInfo?.infoHashV1 !== null && twinInfo !== null) {
    const { infoHashV1: infoHash, infoBytes } = twinInfo;
    doors.push({ infoHash, kind: "twin", infoBytes, offersV2: false });
  }
  return doors;
}

/** The doors that a magnet names, before its info dictionary is known. */
export function magnetDoors(magnet: Magnet): Door[] {
  const doors: Door[] = [];
  const offersV2 = magnet.infoHashV2 !== null;
  const shared = { infoBytes: null, offersV2 };
  if (magnet.infoHashV1 !== null) doors.push({ infoHash: magnet.infoHashV1, kind: "v1", ...shared });
  if (magnet.infoHashV2 !== null) doors.push({ infoHash: truncated(magnet.infoHashV2), kind: "v2", ...shared });
  return doors;
}

/**
 * The door that an inbound peer is led to (BEP 52, "Upgrade path"): v2, where it came by the v1 hash of a hybrid torrent
 * and speaks v2. More than a courtesy: libtorrent 2.0.8, when a tracker names us to it for both hashes, may have asked by
 * one and expect the other; the v2 one it always takes.
 */
export function answerOf(doors: readonly Door[], infoHash: InfoHash, speaksV2: boolean): InfoHash {
  const isUpgrade = speaksV2 && doors.some((door) => door.infoHash === infoHash && door.kind === "v1");
  return (isUpgrade ? doors.find((door) => door.kind === "v2") : undefined)?.infoHash ?? infoHash;
}

function truncated(infoHash: InfoHashV2): InfoHash {
  return parseInfoHash(truncateInfoHash(infoHash));
}

/** A parsed metainfo file, where it is not a magnet link. */
export function isMetainfo(source: Metainfo | Magnet): source is Metainfo {
  return "infoBytes" in source;
}
