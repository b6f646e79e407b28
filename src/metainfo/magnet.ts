// Magnet links (BEP 9, 52, 53): which torrent, and where to begin to look for it.
//
//   magnet:?xt=urn:btih:HASH&xt=urn:btmh:1220HASH&dn=NAME&xl=BYTES&tr=URL&ws=URL&x.pe=HOST:PORT&so=0,2,4-6
//
// This file holds what a link says and how it is written; magnet-parse.ts reads one.
//
// Invariant: a Magnet has at least one info-hash. Two different ones of a kind are refused, since nobody could tell
// which was meant. Nothing but the hashes is vouched for: the name and length are hints until the info has arrived.

import type { InfoHash, InfoHashV2 } from "../core/index.ts";
import { MagnetError } from "./errors.ts";
import type { Info, Metainfo } from "./types.ts";

/** Indexes of files, both ends included. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

export interface Magnet {
  readonly infoHashV1: InfoHash | null;
  readonly infoHashV2: InfoHashV2 | null;
  readonly name: string | null;
  readonly lengthBytes: number | null;
  /** Those whose scheme we speak. */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** A host may be a name. */
  readonly peers: readonly { readonly host: string; readonly port: number }[];
  /** BEP 53: the files to fetch; null for all. */
  readonly selectOnly: readonly FileRange[] | null;
}

/** What formatMagnet needs: the hashes, and what else is known. */
export type MagnetFields = Pick<Magnet, "infoHashV1" | "infoHashV2"> & Partial<Magnet>;

/** The link for what is known; fields that are absent are left out. @throws MagnetError `magnet.no-hash` */
export function formatMagnet(fields: MagnetFields): string {
  const { infoHashV1, infoHashV2 } = fields;
  if (infoHashV1 === null && infoHashV2 === null) {
    throw new MagnetError("magnet.no-hash", "A magnet link needs an info-hash.");
  }
  const parameters: string[] = [];
  const add = (key: string, value: string | number): void => {
    parameters.push(`${key}=${encodeURIComponent(value)}`);
  };
  // Other clients look for the hashes as they are, and colons need no escape in a query.
  if (infoHashV1 !== null) parameters.push(`xt=urn:btih:${infoHashV1}`);
  if (infoHashV2 !== null) parameters.push(`xt=urn:btmh:1220${infoHashV2}`);
  if (fields.name !== undefined && fields.name !== null) add("dn", fields.name);
  if (fields.lengthBytes !== undefined && fields.lengthBytes !== null) add("xl", fields.lengthBytes);
  for (const url of fields.trackers ?? []) add("tr", url);
  for (const url of fields.webSeeds ?? []) add("ws", url);
  for (const { host, port } of fields.peers ?? []) {
    add("x.pe", host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  }
  const ranges = fields.selectOnly?.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  if (ranges !== undefined && ranges.length > 0) parameters.push(`so=${ranges.join(",")}`);
  return `magnet:?${parameters.join("&")}`;
}

/** The link of a torrent: both hashes of a hybrid one, name, length, trackers and web seeds. */
export function magnetOf(torrent: Info & Partial<Pick<Metainfo, "trackers" | "webSeeds">>): string {
  const { infoHashV1, infoHashV2, name, layout, trackers = [], webSeeds = [] } = torrent;
  return formatMagnet({
    infoHashV1,
    infoHashV2,
    name,
    lengthBytes: layout.lengthBytes,
    trackers: trackers.flat(),
    webSeeds,
  });
}
