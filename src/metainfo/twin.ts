// The v1 twin of a hybrid torrent: the same names, piece length, pad files and SHA-1s without the v2 keys, for clients
// that cannot read hybrid ones (Transmission 3.00 refuses them, aria2 1.36 computes a wrong info-hash). It has another
// info-hash and is the same payload in the same pieces, so one storage serves both.

import { hash } from "node:crypto";
import { decode, encode, Encoded } from "../bencode/index.ts";
import { BencodeDict } from "../bencode/index.ts";
import { INFO_LENGTH_MAX_BYTES, METAINFO_DEPTH_MAX, METAINFO_TOKENS_MAX } from "../core/index.ts";
import { buildMetainfo } from "./build.ts";
import { MetainfoError } from "./errors.ts";
import type { Info, Metainfo } from "./types.ts";

const v2Keys: ReadonlySet<string> = new Set(["file tree", "meta version"]);

/** The twin's info dictionary. @throws MetainfoError `metainfo.unrepresentable` where the torrent is not hybrid. */
export function deriveTwin(info: Info): Buffer {
  if (info.version !== "hybrid") {
    throw new MetainfoError(
      "metainfo.unrepresentable",
      `Only a hybrid torrent has a v1 twin; this one is version ${info.version}.`,
    );
  }
  const limits = {
    lengthMaxBytes: INFO_LENGTH_MAX_BYTES * 2,
    depthMax: METAINFO_DEPTH_MAX,
    tokensMax: METAINFO_TOKENS_MAX,
  };
  const dict = decode(info.infoBytes, { limits }) as BencodeDict;
  const kept = [...dict.keys()].filter((key) => !v2Keys.has(key));
  return encode(new Map(kept.map((key) => [key, new Encoded(dict.span(key) as Buffer)])));
}

/** The twin's whole metainfo file, with the same trackers, web seeds and texts. @throws MetainfoError as deriveTwin */
export function buildTwin(metainfo: Metainfo): Buffer {
  return buildMetainfo(deriveTwin(metainfo), { ...metainfo, pieceLayers: null });
}

/** True where one is hybrid and the other is its v1 twin, in either order. */
export function isTwinOf(a: Info, b: Info): boolean {
  if (a.version === "1" && b.version === "hybrid") return isTwinOf(b, a);
  if (a.version !== "hybrid" || b.version !== "1") return false;
  return hash("sha1", deriveTwin(a), "hex") === b.infoHashV1;
}
