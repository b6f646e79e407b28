// Reading a magnet link: see magnet.ts for its form. What is malformed is refused, since a link that lost a part in
// copying should say so; trackers and web seeds of schemes that we do not speak, and parameters that we do not know, are left out.

import {
  FILE_COUNT_MAX,
  MAGNET_LENGTH_MAX,
  MAGNET_PEER_COUNT_MAX,
  MAGNET_RANGE_COUNT_MAX,
  messageOf,
  METAINFO_TEXT_LENGTH_MAX,
  parseHostPort,
  parseInfoHash,
  parseInfoHashV2,
  TRACKER_COUNT_MAX,
  WEB_SEED_COUNT_MAX,
} from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { MagnetError, shown } from "./errors.ts";
import type { MagnetErrorCode } from "./errors.ts";
import type { FileRange, Magnet } from "./magnet.ts";
import { trackerUrl, webSeedUrl } from "./urls.ts";

type Draft = { -readonly [Key in keyof Magnet]: Magnet[Key] } & {
  trackers: string[];
  webSeeds: string[];
  peers: { host: string; port: number }[];
};

/** @throws MagnetError */
export function parseMagnet(uri: string): Magnet {
  if (uri.length > MAGNET_LENGTH_MAX) throw refuse("magnet.size", `has more than ${MAGNET_LENGTH_MAX} characters`);
  const query = /^magnet:\?(.*)$/is.exec(uri.trim())?.[1];
  if (query === undefined) throw refuse("magnet.syntax", 'does not begin with "magnet:?"');
  const draft: Draft = {
    infoHashV1: null,
    infoHashV2: null,
    name: null,
    lengthBytes: null,
    trackers: [],
    webSeeds: [],
    peers: [],
    selectOnly: null,
  };
  for (const parameter of query.split("&")) {
    const equals = parameter.indexOf("=");
    // Several of a kind may be numbered: xt.1, xt.2.
    if (equals > 0)
      readParameter(
        draft,
        parameter
          .slice(0, equals)
          .toLowerCase()
          .replace(/\.\d+$/, ""),
        decodeText(parameter.slice(equals + 1)),
      );
  }
  if (draft.infoHashV1 === null && draft.infoHashV2 === null) {
    throw refuse("magnet.no-hash", "has no info-hash (xt=urn:btih:… or xt=urn:btmh:…)");
  }
  return draft;
}

function readParameter(draft: Draft, key: string, value: string): void {
  if (key === "xt") readTopic(draft, value);
  else if (key === "dn") draft.name ??= readName(value);
  else if (key === "xl") draft.lengthBytes ??= readLength(value);
  else if (key === "tr") pushNew(draft.trackers, trackerUrl(value), TRACKER_COUNT_MAX);
  else if (key === "ws") pushNew(draft.webSeeds, webSeedUrl(value), WEB_SEED_COUNT_MAX);
  else if (key === "x.pe") readPeer(draft, value);
  else if (key === "so") draft.selectOnly = [...(draft.selectOnly ?? []), ...readRanges(value)];
}

function readTopic(draft: Draft, topic: string): void {
  const [, scheme, hash = ""] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? [];
  // Other networks' hashes may stand in the same link.
  if (scheme === undefined) return;
  if (scheme.toLowerCase() === "btih") {
    const infoHash = readBtih(hash);
    if (draft.infoHashV1 !== null && draft.infoHashV1 !== infoHash)
      throw refuse("magnet.hash", "has two different v1 info-hashes");
    draft.infoHashV1 = infoHash;
    return;
  }
  // A multihash: 0x12 is SHA-256, 0x20 its 32 bytes.
  if (!/^1220[0-9a-f]{64}$/i.test(hash))
    throw refuse("magnet.hash", `has the v2 info-hash ${shown(hash)}, which is not 1220 and 64 hex digits`);
  const infoHash = parseInfoHashV2(hash.slice(4));
  if (draft.infoHashV2 !== null && draft.infoHashV2 !== infoHash)
    throw refuse("magnet.hash", "has two different v2 info-hashes");
  draft.infoHashV2 = infoHash;
}

function readBtih(hash: string): InfoHash {
  if (/^[0-9a-f]{40}$/i.test(hash)) return parseInfoHash(hash);
  if (/^[a-z2-7]{32}$/i.test(hash)) return parseInfoHash(decodeBase32(hash.toUpperCase()));
  throw refuse("magnet.hash", `has the v1 info-hash ${shown(hash)}, which is neither 40 hex digits nor 32 of base32`);
}

function decodeBase32(text: string): Buffer {
  let value = 0n;
  for (const digit of text) value = value * 32n + BigInt("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(digit));
  return Buffer.from(value.toString(16).padStart(40, "0"), "hex");
}

function readName(value: string): string {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value))
    throw refuse("magnet.name", "has a name with control or invisible characters");
  return value.slice(0, METAINFO_TEXT_LENGTH_MAX);
}

function readLength(value: string): number {
  const length = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(length))
    throw refuse("magnet.length", `has the length ${shown(value)}, which is no number of bytes`);
  return length;
}

function readPeer(draft: Draft, value: string): void {
  if (draft.peers.length >= MAGNET_PEER_COUNT_MAX) return;
  try {
    const peer = parseHostPort(value);
    if (peer.host === "" || peer.port === 0) throw new Error("A peer needs a host and a port.");
    draft.peers.push(peer);
  } catch (cause) {
    throw new MagnetError("magnet.peer", `The magnet link has the peer ${shown(value)}. ${messageOf(cause)}`, {
      cause,
    });
  }
}

function readRanges(value: string): FileRange[] {
  const parts = value.split(",");
  if (parts.length > MAGNET_RANGE_COUNT_MAX)
    throw refuse("magnet.select", `selects more than ${MAGNET_RANGE_COUNT_MAX} ranges of files`);
  return parts.map((part) => {
    const [, from = "", to = from] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part) ?? [];
    const range = { first: Number(from), last: Number(to) };
    // Twice the files: pad files have indexes too.
    if (from === "" || range.last < range.first || range.last >= FILE_COUNT_MAX * 2) {
      throw refuse("magnet.select", `selects the files ${shown(part)}, which is no index or range of indexes`);
    }
    return range;
  });
}

function pushNew(list: string[], value: string | null, countMax: number): void {
  if (value !== null && list.length < countMax && !list.includes(value)) list.push(value);
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    throw new MagnetError(
      "magnet.encoding",
      `The magnet link has ${shown(text)}, which is not percent-encoded UTF-8.`,
      { cause },
    );
  }
}

function refuse(code: MagnetErrorCode, fault: string): MagnetError {
  return new MagnetError(code, `The magnet link ${fault}.`);
}
