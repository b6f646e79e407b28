// The replies of the UDP tracker protocol (BEP 15), both ways. A reply does not say of which address family its peers
// are: it is that of the datagram (BEP 15, IPv6), so the reader is told.
// The writers of connect and announce replies put numbers into a buffer that the caller reuses and allocate nothing.

import {
  ANNOUNCE_INTERVAL_DEFAULT_SECONDS,
  ANNOUNCE_INTERVAL_MAX_SECONDS,
  ANNOUNCE_MESSAGE_BYTES_MAX,
  decodeCompact,
} from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import type { AnnounceReply, ScrapeEntry } from "./types.ts";
import {
  ACTION_ANNOUNCE,
  ACTION_CONNECT,
  ACTION_ERROR,
  ACTION_SCRAPE,
  SCRAPE_ENTRY_BYTES,
  UDP_ANNOUNCE_REPLY_HEADER_BYTES,
  UDP_CONNECT_REPLY_BYTES,
  UDP_REPLY_HEADER_BYTES,
} from "./udp-layout.ts";
import type { ConnectionId } from "./udp-layout.ts";

export type UdpReply =
  | { readonly action: "connect"; readonly transactionId: number; readonly connectionId: ConnectionId }
  | { readonly action: "announce"; readonly transactionId: number; readonly reply: AnnounceReply }
  | { readonly action: "scrape"; readonly transactionId: number; readonly entries: readonly ScrapeEntry[] }
  | { readonly action: "error"; readonly transactionId: number; readonly message: string };

/** @throws AnnounceError announce.reply */
export function parseUdpReply(bytes: Buffer, family: "ipv4" | "ipv6"): UdpReply {
  if (bytes.length < UDP_REPLY_HEADER_BYTES) throw malformed("is too short for a reply");
  const transactionId = bytes.readUInt32BE(4);
  switch (bytes.readUInt32BE(0)) {
    case ACTION_CONNECT:
      if (bytes.length < UDP_CONNECT_REPLY_BYTES) throw malformed("is too short for a connect reply");
      return {
        action: "connect",
        transactionId,
        connectionId: { high: bytes.readUInt32BE(8), low: bytes.readUInt32BE(12) },
      };
    case ACTION_ANNOUNCE:
      return { action: "announce", transactionId, reply: parseAnnounce(bytes, family) };
    case ACTION_SCRAPE:
      return { action: "scrape", transactionId, entries: parseScrape(bytes) };
    case ACTION_ERROR:
      return {
        action: "error",
        transactionId,
        message: bytes.toString("utf8", UDP_REPLY_HEADER_BYTES, UDP_REPLY_HEADER_BYTES + ANNOUNCE_MESSAGE_BYTES_MAX),
      };
    default:
      throw malformed("has an unknown action");
  }
}

function parseAnnounce(bytes: Buffer, family: "ipv4" | "ipv6"): AnnounceReply {
  if (bytes.length < UDP_ANNOUNCE_REPLY_HEADER_BYTES) throw malformed("is too short for an announce reply");
  const interval = bytes.readUInt32BE(8);
  return {
    intervalSeconds:
      interval === 0 ? ANNOUNCE_INTERVAL_DEFAULT_SECONDS : Math.min(interval, ANNOUNCE_INTERVAL_MAX_SECONDS),
    minIntervalSeconds: null,
    incomplete: bytes.readUInt32BE(12),
    complete: bytes.readUInt32BE(16),
    downloaded: null,
    peers: decodeCompact(bytes.subarray(UDP_ANNOUNCE_REPLY_HEADER_BYTES), family),
    externalAddress: null,
    warning: null,
    trackerId: null,
  };
}

function parseScrape(bytes: Buffer): ScrapeEntry[] {
  const entries: ScrapeEntry[] = [];
  for (let at = UDP_REPLY_HEADER_BYTES; at + SCRAPE_ENTRY_BYTES <= bytes.length; at += SCRAPE_ENTRY_BYTES) {
    entries.push({
      complete: bytes.readUInt32BE(at),
      downloaded: bytes.readUInt32BE(at + 4),
      incomplete: bytes.readUInt32BE(at + 8),
    });
  }
  return entries;
}

function malformed(what: string): AnnounceError {
  return new AnnounceError("announce.reply", `The tracker's datagram ${what}.`, false);
}

/** The entries of a scrape reply under the info-hashes that were asked for, in order; the rest are left out. */
export function scrapeEntriesByHash(
  infoHashes: readonly InfoHash[],
  entries: readonly ScrapeEntry[],
): Map<InfoHash, ScrapeEntry> {
  const map = new Map<InfoHash, ScrapeEntry>();
  infoHashes.forEach((infoHash, index) => {
    const entry = entries[index];
    if (entry !== undefined) map.set(infoHash, entry);
  });
  return map;
}

/** Writes 16 bytes, as many as the request had. Returns the length. */
export function writeUdpConnectReply(target: Buffer, transactionId: number, high: number, low: number): number {
  target.writeUInt32BE(ACTION_CONNECT, 0);
  target.writeUInt32BE(transactionId >>> 0, 4);
  target.writeUInt32BE(high >>> 0, 8);
  target.writeUInt32BE(low >>> 0, 12);
  return UDP_CONNECT_REPLY_BYTES;
}

/**
 * Writes the 20 bytes before the peers; the caller puts the compact peers behind them (from
 * UDP_ANNOUNCE_REPLY_HEADER_BYTES on) and sends both. Returns 20.
 */
export function writeUdpAnnounceReply(
  target: Buffer,
  transactionId: number,
  intervalSeconds: number,
  incomplete: number,
  complete: number,
): number {
  target.writeUInt32BE(ACTION_ANNOUNCE, 0);
  target.writeUInt32BE(transactionId >>> 0, 4);
  target.writeUInt32BE(intervalSeconds, 8);
  target.writeUInt32BE(incomplete, 12);
  target.writeUInt32BE(complete, 16);
  return UDP_ANNOUNCE_REPLY_HEADER_BYTES;
}

/** Writes 8 + 12 · n bytes. Returns the length. */
export function writeUdpScrapeReply(target: Buffer, transactionId: number, entries: readonly ScrapeEntry[]): number {
  target.writeUInt32BE(ACTION_SCRAPE, 0);
  target.writeUInt32BE(transactionId >>> 0, 4);
  let at = UDP_REPLY_HEADER_BYTES;
  for (const entry of entries) {
    target.writeUInt32BE(entry.complete, at);
    target.writeUInt32BE(entry.downloaded, at + 4);
    target.writeUInt32BE(entry.incomplete, at + 8);
    at += SCRAPE_ENTRY_BYTES;
  }
  return at;
}

/** Writes 8 bytes and the text, cut where the target ends. Returns the length. */
export function writeUdpErrorReply(target: Buffer, transactionId: number, message: string): number {
  target.writeUInt32BE(ACTION_ERROR, 0);
  target.writeUInt32BE(transactionId >>> 0, 4);
  return UDP_REPLY_HEADER_BYTES + target.write(message, UDP_REPLY_HEADER_BYTES, "utf8");
}
