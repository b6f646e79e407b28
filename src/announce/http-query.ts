// The requests of the HTTP tracker protocol (BEP 3, 7, 23, 48), both ways.
// Invariant: addresses that a client claims (`ip`, `ipv4`, `ipv6`) are kept apart in `claims`, so that nobody takes them
// for where the request came from. Deliberately without sockets and URLs' hosts.

import {
  ANNOUNCE_SCRAPE_HASHES_MAX,
  ANNOUNCE_TRACKER_ID_BYTES_MAX,
  idBytes,
  parseInfoHash,
  parsePeerId,
} from "../core/index.ts";
import type { InfoHash, PeerId } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import { parseQueryString, percentEncode } from "./query-string.ts";
import { parseSite, siteParameter } from "./site-parameter.ts";
import type { AnnounceEvent, AnnounceRequest } from "./types.ts";
import { LEFT_UNKNOWN_BYTES } from "./udp-request.ts";

export interface HttpAnnounceRequest extends AnnounceRequest {
  /** False where the client asks for the dictionary form; null where it does not say (BEP 23: the tracker's choice). */
  readonly compact: boolean | null;
  readonly noPeerId: boolean;
  /** As the tracker gave it, one byte a character. */
  readonly trackerId: string | null;
  /** What the client says its addresses are: unproven text, for logs. A tracker lists the source address instead. */
  readonly claims: readonly string[];
}

type Parameters = ReadonlyMap<string, readonly string[]>;

/** From the query string of a GET, without "?". @throws AnnounceError */
export function parseAnnounceQuery(query: string): HttpAnnounceRequest {
  const parameters = parseQueryString(query);
  const one = (name: string): string | undefined => parameters.get(name)?.[0];
  const compact = one("compact");
  return {
    infoHash: parseHash(one("info_hash")),
    peerId: parsePeer(one("peer_id")),
    port: parsePort(one("port")),
    uploaded: parseCount(parameters, "uploaded") ?? 0,
    downloaded: parseCount(parameters, "downloaded") ?? 0,
    left: parseCount(parameters, "left"),
    event: parseEvent(one("event")),
    numWant: parseWanted(parameters),
    key: parseKey(one("key")),
    compact: compact === undefined ? null : compact !== "0",
    noPeerId: one("no_peer_id") === "1",
    trackerId: one("trackerid") ?? null,
    site: parseSite(one("site")),
    claims: ["ip", "ipv4", "ipv6"].flatMap((name) => parameters.get(name) ?? []),
  };
}

/**
 * The info-hashes of a scrape, 1 to 74, as the reply names them: 20 characters, one a byte. A tracker looks up 200,000 of them
 * a second, and hex text would be made only to be read again. @throws AnnounceError
 */
export function parseScrapeQuery(query: string): readonly string[] {
  const values = parseQueryString(query).get("info_hash") ?? [];
  // A scrape without a hash asks for everything (BEP 48): as many swarms as there are, to anybody. No.
  if (values.length === 0 || values.length > ANNOUNCE_SCRAPE_HASHES_MAX) {
    throw new AnnounceError("announce.query", `A scrape has 1 to ${ANNOUNCE_SCRAPE_HASHES_MAX} info-hashes.`, true);
  }
  for (const value of values) if (value.length !== 20) throw badHash();
  return values;
}

function parseHash(value: string | undefined): InfoHash {
  if (value?.length !== 20) throw badHash();
  return parseInfoHash(Buffer.from(value, "latin1"));
}

function badHash(): AnnounceError {
  return new AnnounceError("announce.info-hash", "info_hash has to be 20 bytes, percent-encoded.", true);
}

function parsePeer(value: string | undefined): PeerId {
  if (value?.length !== 20) throw new AnnounceError("announce.peer-id", "peer_id has to be 20 bytes.", true);
  return parsePeerId(Buffer.from(value, "latin1"));
}

function parsePort(value: string | undefined): number {
  const port = value !== undefined && /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) throw new AnnounceError("announce.port", "port has to be 1 to 65535.", true);
  return port;
}

function parseCount(parameters: Parameters, name: string): number | null {
  const value = parameters.get(name)?.[0];
  if (value === undefined || value === "") return null;
  if (!/^\d{1,20}$/.test(value)) {
    throw new AnnounceError("announce.query", `${name} has to be a number of bytes.`, true);
  }
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function parseWanted(parameters: Parameters): number | null {
  const value = parameters.get("numwant")?.[0];
  // A negative number is how some clients say what UDP's -1 says.
  if (value === undefined || value === "" || value.startsWith("-")) return null;
  return parseCount(parameters, "numwant");
}

function parseEvent(value: string | undefined): AnnounceEvent {
  // Unknown events ("paused" of BEP 21) are announces like any other: they say that the peer is there.
  return value === "started" || value === "stopped" || value === "completed" ? value : "none";
}

/** Clients send eight hex digits or any text: text is folded into 32 bits (FNV-1a), as it only has to stay the same. */
function parseKey(value: string | undefined): number {
  if (value === undefined || value === "") return 0;
  if (/^[0-9a-fA-F]{1,8}$/.test(value)) return Number.parseInt(value, 16);
  let hash = 0x811c_9dc5;
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x0100_0193);
  return hash >>> 0;
}

/** The tracker's URL with the announce as its query; a query that the URL has already (a passkey) stays. */
export function encodeAnnounceUrl(
  announceUrl: string,
  request: AnnounceRequest,
  trackerId: string | null = null,
): string {
  const query = [
    `info_hash=${percentEncode(idBytes(request.infoHash))}`,
    `peer_id=${percentEncode(idBytes(request.peerId))}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left ?? LEFT_UNKNOWN_BYTES}`,
    "compact=1",
    "no_peer_id=1",
    `key=${(request.key >>> 0).toString(16).toUpperCase().padStart(8, "0")}`,
  ];
  query.push(...siteParameter(request.site ?? null));
  if (request.event !== "none") query.push(`event=${request.event}`);
  if (request.numWant !== null) query.push(`numwant=${request.numWant}`);
  if (trackerId !== null && trackerId.length <= ANNOUNCE_TRACKER_ID_BYTES_MAX) {
    query.push(`trackerid=${percentEncode(Buffer.from(trackerId, "latin1"))}`);
  }
  return withQuery(announceUrl, query);
}

/** The URL that scrapes what the announce URL announces (BEP 48), or null where the tracker has none. */
export function encodeScrapeUrl(announceUrl: string, infoHashes: readonly InfoHash[]): string | null {
  const match = /^([^?#]*\/)announce([^/?#]*)(\?[^#]*)?(?:#.*)?$/.exec(announceUrl);
  if (match === null) return null;
  const [, folder = "", suffix = "", query = ""] = match;
  return withQuery(
    `${folder}scrape${suffix}${query}`,
    infoHashes.map((infoHash) => `info_hash=${percentEncode(idBytes(infoHash))}`),
  );
}

function withQuery(url: string, query: readonly string[]): string {
  const bare = url.replace(/#.*$/, "");
  const separator = bare.includes("?") ? (/[?&]$/.test(bare) ? "" : "&") : "?";
  return `${bare}${separator}${query.join("&")}`;
}
