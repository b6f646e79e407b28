// The replies of the HTTP tracker protocol (BEP 3, 7, 23, 24, 31, 48), both ways.
// Reading is as tolerant as other people's trackers are careless: keys in any order, unknown keys, numbers that are
// missing. It is strict where a wrong reading would cost: sizes, counts of peers, texts.

import { BencodeDict, decodePrefix, encode } from "../bencode/index.ts";
import type { Encodable } from "../bencode/index.ts";
import {
  ANNOUNCE_INTERVAL_DEFAULT_SECONDS,
  ANNOUNCE_INTERVAL_MAX_SECONDS,
  ANNOUNCE_MESSAGE_BYTES_MAX,
  ANNOUNCE_PEERS_MAX,
  ANNOUNCE_REPLY_BYTES_MAX,
  ANNOUNCE_TRACKER_ID_BYTES_MAX,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  decodeCompact,
  encodeCompact,
  endpointOf,
  parseInfoHash,
} from "../core/index.ts";
import type { Endpoint, InfoHash } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import type { AnnounceOutcome, ScrapeEntry, ScrapeOutcome, TrackerFailure } from "./types.ts";

/** What a tracker says; peers are given compact, as a swarm table has them. */
export interface AnnounceReplyFields {
  readonly intervalSeconds: number;
  readonly minIntervalSeconds?: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly downloaded: number;
  /** 6 bytes each (BEP 23). */
  readonly peers: Buffer;
  /** 18 bytes each (BEP 7). */
  readonly peers6: Buffer;
  readonly externalAddress?: string | undefined;
  readonly warning?: string | undefined;
  readonly trackerId?: string | undefined;
}

/** The reply that `announceReplyText` describes. */
export function encodeAnnounceReply(fields: AnnounceReplyFields, form: "compact" | "dictionary" = "compact"): Buffer {
  return Buffer.from(announceReplyText(fields, form), "latin1");
}

/**
 * One character a byte: node sends a string with its head in one write, where a Buffer would need a second. `form`
 * "dictionary" is for clients that ask for compact=0; it has no peer ids, which this tracker does not keep.
 */
export function announceReplyText(fields: AnnounceReplyFields, form: "compact" | "dictionary"): string {
  const external = fields.externalAddress === undefined ? null : endpointOf(fields.externalAddress, 0);
  // By hand: the general encoder, which sorts keys, takes as long as all the rest of an announce. The keys are in order.
  const before = [
    `d8:completei${fields.complete}e10:downloadedi${fields.downloaded}e`,
    external === null ? "" : `11:external ip${byteString(encodeCompact(external).subarray(0, -2))}`,
    `10:incompletei${fields.incomplete}e8:intervali${fields.intervalSeconds}e`,
    fields.minIntervalSeconds === undefined ? "" : `12:min intervali${fields.minIntervalSeconds}e`,
  ];
  const peers =
    form === "dictionary"
      ? encode(dictionaries(fields.peers, fields.peers6)).toString("latin1")
      : byteString(fields.peers);
  // Some clients read peers6 only where it is there and not empty; leaving it out saves bytes for the others.
  const peers6 = form === "dictionary" || fields.peers6.length === 0 ? "" : `6:peers6${byteString(fields.peers6)}`;
  const after = [
    fields.trackerId === undefined ? "" : `10:tracker id${byteString(Buffer.from(fields.trackerId, "latin1"))}`,
    fields.warning === undefined ? "" : `15:warning message${byteString(Buffer.from(fields.warning))}`,
  ];
  return `${before.join("")}5:peers${peers}${peers6}${after.join("")}e`;
}

/** Bencoded, one character a byte. */
function byteString(bytes: Buffer): string {
  return `${bytes.length}:${bytes.toString("latin1")}`;
}

function dictionaries(peers: Buffer, peers6: Buffer): Encodable[] {
  return [...decodeCompact(peers, "ipv4"), ...decodeCompact(peers6, "ipv6")].map(({ address, port }) => ({
    ip: address,
    port,
  }));
}

/** `retryInMs` is told in whole minutes, rounded up (BEP 31). */
export function encodeFailure(message: string, retryInMs: number | "never" | null = null): Buffer {
  const retryIn =
    retryInMs === null ? undefined : retryInMs === "never" ? "never" : Math.max(1, Math.ceil(retryInMs / 60_000));
  return encode({ "failure reason": message, "retry in": retryIn });
}

/** The reply that `scrapeReplyText` describes. */
export function encodeScrapeReply(entries: Iterable<readonly [string, ScrapeEntry]>): Buffer {
  return Buffer.from(scrapeReplyText(entries), "latin1");
}

/** One character a byte. Info-hashes as parseScrapeQuery gives them. */
export function scrapeReplyText(entries: Iterable<readonly [string, ScrapeEntry]>): string {
  // By hand, as above. Characters that are bytes sort as bytes do.
  const files = [...entries].toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  let text = "d5:filesd";
  for (const [at, [infoHash, { complete, downloaded, incomplete }]] of files.entries()) {
    // What is asked for twice is one key. (A Map would hash each of these new strings: 7 % of the time.)
    if (files[at + 1]?.[0] === infoHash) continue;
    const counts = `8:completei${complete}e10:downloadedi${downloaded}e10:incompletei${incomplete}e`;
    text += `20:${infoHash}d${counts}e`;
  }
  return `${text}ee`;
}

/** @throws AnnounceError announce.reply */
export function parseAnnounceReply(body: Buffer): AnnounceOutcome {
  const reply = parseDictionary(body);
  const failure = failureOf(reply);
  if (failure !== null) return failure;
  const interval = countOf(reply, "interval");
  if (interval === null && !reply.has("peers") && !reply.has("peers6")) {
    throw malformed("has neither peers nor an interval");
  }
  const minInterval = countOf(reply, "min interval");
  return {
    kind: "reply",
    reply: {
      intervalSeconds: Math.min(interval || ANNOUNCE_INTERVAL_DEFAULT_SECONDS, ANNOUNCE_INTERVAL_MAX_SECONDS),
      minIntervalSeconds: minInterval === null ? null : Math.min(minInterval, ANNOUNCE_INTERVAL_MAX_SECONDS),
      complete: countOf(reply, "complete"),
      incomplete: countOf(reply, "incomplete"),
      downloaded: countOf(reply, "downloaded"),
      peers: [...parsePeers(reply), ...parseCompact(reply.bytes("peers6"), "ipv6")].slice(0, ANNOUNCE_PEERS_MAX),
      externalAddress: parseExternal(reply.bytes("external ip")),
      warning: textOf(reply, "warning message"),
      trackerId: parseTrackerId(reply.bytes("tracker id")),
    },
  };
}

/** @throws AnnounceError announce.reply */
export function parseScrapeReply(body: Buffer): ScrapeOutcome {
  const reply = parseDictionary(body);
  const failure = failureOf(reply);
  if (failure !== null) return failure;
  const files = reply.dict("files");
  if (files === undefined) throw malformed("has no files");
  const entries = new Map<InfoHash, ScrapeEntry>();
  for (const [key, value] of files.entries()) {
    if (key.length !== 20 || !(value instanceof BencodeDict)) continue;
    entries.set(parseInfoHash(Buffer.from(key, "latin1")), {
      complete: countOf(value, "complete") ?? 0,
      downloaded: countOf(value, "downloaded") ?? 0,
      incomplete: countOf(value, "incomplete") ?? 0,
    });
  }
  return { kind: "reply", entries };
}

function parseDictionary(body: Buffer): BencodeDict {
  if (body.length > ANNOUNCE_REPLY_BYTES_MAX) throw malformed("is too long");
  let value: unknown;
  try {
    // A prefix: some trackers' pages end with a line break.
    value = decodePrefix(body, {
      order: "any",
      limits: { depthMax: 8, lengthMaxBytes: ANNOUNCE_REPLY_BYTES_MAX },
    }).value;
  } catch (error) {
    throw malformed("is not bencoded", error);
  }
  if (!(value instanceof BencodeDict)) throw malformed("is not a dictionary");
  return value;
}

function failureOf(reply: BencodeDict): TrackerFailure | null {
  // "failure_reason" is how BEP 48 spells it for scrapes.
  const message = textOf(reply, "failure reason") ?? textOf(reply, "failure_reason");
  if (message === null) return null;
  const minutes = countOf(reply, "retry in") ?? Number.parseInt(reply.text("retry in") ?? "", 10);
  const never = reply.text("retry in") === "never";
  return { kind: "failure", message, retryInMs: never ? "never" : minutes > 0 ? minutes * 60_000 : null };
}

function parsePeers(reply: BencodeDict): Endpoint[] {
  const list = reply.list("peers");
  if (list === undefined) return parseCompact(reply.bytes("peers"), "ipv4");
  const peers: Endpoint[] = [];
  for (const entry of list.slice(0, ANNOUNCE_PEERS_MAX)) {
    if (!(entry instanceof BencodeDict)) continue;
    const port = entry.int("port") ?? 0;
    // BEP 3 allows names; none of today's trackers sends one, and resolving them would let a tracker aim our resolver.
    const endpoint = port === 0 ? null : endpointOf(entry.text("ip") ?? "", port);
    if (endpoint !== null) peers.push(endpoint);
  }
  return peers;
}

function parseCompact(bytes: Buffer | undefined, family: "ipv4" | "ipv6"): Endpoint[] {
  if (bytes === undefined) return [];
  const width = family === "ipv4" ? COMPACT_IPV4_BYTES : COMPACT_IPV6_BYTES;
  return decodeCompact(bytes.subarray(0, ANNOUNCE_PEERS_MAX * width), family);
}

function parseExternal(bytes: Buffer | undefined): string | null {
  if (bytes === undefined || (bytes.length !== 4 && bytes.length !== 16)) return null;
  const family = bytes.length === 4 ? "ipv4" : "ipv6";
  return decodeCompact(Buffer.concat([bytes, Buffer.from([0, 1])]), family)[0]?.address ?? null;
}

function parseTrackerId(bytes: Buffer | undefined): string | null {
  return bytes === undefined || bytes.length > ANNOUNCE_TRACKER_ID_BYTES_MAX ? null : bytes.toString("latin1");
}

function countOf(dict: BencodeDict, key: string): number | null {
  const value = dict.int(key);
  return value === undefined || value < 0 ? null : value;
}

function textOf(dict: BencodeDict, key: string): string | null {
  return dict.bytes(key)?.toString("utf8", 0, ANNOUNCE_MESSAGE_BYTES_MAX) ?? null;
}

function malformed(what: string, cause?: unknown): AnnounceError {
  return new AnnounceError("announce.reply", `The tracker's answer ${what}.`, false, cause);
}
