// A whole metainfo file (BEP 3, 12, 19, 52): the info dictionary, and what stands beside it and no hash vouches for.
//
// Invariant: the piece layers of a Metainfo lead to the roots in its info, so they are as good as the info-hash.
// Trackers and web seeds are URLs of a scheme that we speak; others are left out and are no error, since a torrent may
// well name a kind of tracker that only other clients know.

import { BencodeDict } from "../bencode/index.ts";
import { METAINFO_LENGTH_MAX_BYTES, METAINFO_TEXT_LENGTH_MAX } from "../core/index.ts";
import { decodeMetainfo } from "./document.ts";
import { requireDict } from "./fields.ts";
import { readInfo } from "./info.ts";
import { readPieceLayers } from "./piece-layers.ts";
import type { Metainfo } from "./types.ts";
import { readTrackers, readWebSeeds } from "./urls.ts";

/** @throws MetainfoError */
export function parseMetainfo(bytes: Buffer): Metainfo {
  const root = decodeMetainfo(bytes, METAINFO_LENGTH_MAX_BYTES, "The metainfo");
  const dict = requireDict(root, "info", "The metainfo");
  const info = readInfo(dict, root.span("info") as Buffer);
  return {
    ...info,
    pieceLayers: info.version === "1" ? null : readPieceLayers(root, info.layout),
    trackers: readTrackers(root),
    webSeeds: readWebSeeds(root),
    comment: readText(root, "comment"),
    createdBy: readText(root, "created by"),
    creationDate: readDate(root),
  };
}

function readText(root: BencodeDict, key: string): string | null {
  return root.text(key)?.slice(0, METAINFO_TEXT_LENGTH_MAX) ?? null;
}

function readDate(root: BencodeDict): number | null {
  const seconds = root.int("creation date");
  return seconds !== undefined && seconds >= 0 ? seconds : null;
}
