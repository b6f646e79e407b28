// The requests of the UDP tracker protocol (BEP 15), both ways.
// Invariant: what is read was checked for length first, and options behind an announce (BEP 41) are skipped, never trusted.
// The claimed IPv4 address of an announce is not even read: the source address of the datagram is the peer's.

import {
  ANNOUNCE_SCRAPE_HASHES_MAX,
  ANNOUNCE_URL_DATA_BYTES_MAX,
  idBytes,
  parseInfoHash,
  parsePeerId,
} from "../core/index.ts";
import type { InfoHash, PeerId } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import { siteOfUrlData } from "./site-parameter.ts";
import type { AnnounceEvent, AnnounceRequest } from "./types.ts";
import {
  ACTION_ANNOUNCE,
  ACTION_CONNECT,
  ACTION_SCRAPE,
  INFO_HASH_BYTES,
  PROTOCOL_HIGH,
  PROTOCOL_LOW,
  UDP_ANNOUNCE_REQUEST_BYTES,
  UDP_CONNECT_REQUEST_BYTES,
  UDP_REQUEST_HEADER_BYTES,
} from "./udp-layout.ts";
import type { ConnectionId } from "./udp-layout.ts";

const events: readonly AnnounceEvent[] = ["none", "completed", "started", "stopped"];
const optionEnd = 0;
const optionNop = 1;
const optionUrlData = 2;
/** Sent as `left` where it is not known: one block, as a client that has something to fetch. */
export const LEFT_UNKNOWN_BYTES = 16_384;

/** An announce as it lies in the datagram. What a tracker's hot path never asks for is decoded when asked for. */
export class UdpAnnounceRequest implements AnnounceRequest {
  readonly action = "announce";
  readonly port: number;
  readonly left: number;
  readonly event: AnnounceEvent;
  readonly numWant: number | null;
  readonly #bytes: Buffer;

  /** `bytes` hold an announce: see parseUdpRequest. @throws AnnounceError */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.left = readCount(bytes, 64);
    const event = events[bytes.readUInt32BE(80)];
    if (event === undefined) throw new AnnounceError("announce.event", "The event is not one of BEP 15.", true);
    this.event = event;
    const wanted = bytes.readInt32BE(92);
    this.numWant = wanted < 0 ? null : wanted;
    this.port = bytes.readUInt16BE(96);
    if (this.port === 0) throw new AnnounceError("announce.port", "Nobody can be reached at port 0.", true);
  }

  get transactionId(): number {
    return udpTransactionId(this.#bytes);
  }

  get infoHash(): InfoHash {
    return parseInfoHash(this.#bytes.subarray(UDP_REQUEST_HEADER_BYTES, UDP_REQUEST_HEADER_BYTES + INFO_HASH_BYTES));
  }

  /** The info-hash as five words, the first byte on top. */
  readInfoHash(words: Int32Array): void {
    readWords(this.#bytes, UDP_REQUEST_HEADER_BYTES, words);
  }

  get downloaded(): number {
    return readCount(this.#bytes, 56);
  }

  get uploaded(): number {
    return readCount(this.#bytes, 72);
  }

  get key(): number {
    return this.#bytes.readUInt32BE(88);
  }

  /** From the URL data (BEP 41), which few announces have. */
  get site(): string | null {
    if (this.#bytes.length === UDP_ANNOUNCE_REQUEST_BYTES) return null;
    return siteOfUrlData(udpUrlData(this.#bytes));
  }

  get peerId(): PeerId {
    return parsePeerId(this.#bytes.subarray(36, 56));
  }
}

/** A scrape as it lies in the datagram. */
export class UdpScrapeRequest {
  readonly action = "scrape";
  /** Info-hashes, 1 … ANNOUNCE_SCRAPE_HASHES_MAX. */
  readonly count: number;
  readonly #bytes: Buffer;

  /** `bytes` hold a scrape: see parseUdpRequest. @throws AnnounceError announce.length */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.count = Math.floor((bytes.length - UDP_REQUEST_HEADER_BYTES) / INFO_HASH_BYTES);
    if (this.count === 0 || this.count > ANNOUNCE_SCRAPE_HASHES_MAX) {
      throw new AnnounceError(
        "announce.length",
        `A scrape has 1 to ${ANNOUNCE_SCRAPE_HASHES_MAX} info-hashes of 20 bytes.`,
        true,
      );
    }
  }

  get transactionId(): number {
    return udpTransactionId(this.#bytes);
  }

  get infoHashes(): readonly InfoHash[] {
    return Array.from({ length: this.count }, (_, index) => {
      const at = UDP_REQUEST_HEADER_BYTES + index * INFO_HASH_BYTES;
      return parseInfoHash(this.#bytes.subarray(at, at + INFO_HASH_BYTES));
    });
  }

  /** One of the info-hashes, 0 … count - 1, as five words, the first byte on top. */
  readInfoHash(index: number, words: Int32Array): void {
    readWords(this.#bytes, UDP_REQUEST_HEADER_BYTES + index * INFO_HASH_BYTES, words);
  }
}

export type UdpRequest =
  | { readonly action: "connect"; readonly transactionId: number }
  | UdpAnnounceRequest
  | UdpScrapeRequest;

/**
 * What a datagram claims to be, without throwing, for a server that must look at the connection id before anything else.
 * `garbage` is what no client of BEP 15 sends; `request` needs a connection id, which is at its beginning.
 */
export function peekUdpRequest(bytes: Buffer): "connect" | "request" | "garbage" {
  if (bytes.length < UDP_REQUEST_HEADER_BYTES) return "garbage";
  const action = bytes.readUInt32BE(8);
  if (action === ACTION_CONNECT) {
    return bytes.readUInt32BE(0) === PROTOCOL_HIGH && bytes.readUInt32BE(4) === PROTOCOL_LOW ? "connect" : "garbage";
  }
  return action === ACTION_ANNOUNCE || action === ACTION_SCRAPE ? "request" : "garbage";
}

/** The transaction id of a request that is not garbage. */
export function udpTransactionId(bytes: Buffer): number {
  return bytes.readUInt32BE(12);
}

/** @throws AnnounceError announce.length, announce.action, announce.event, announce.port */
export function parseUdpRequest(bytes: Buffer): UdpRequest {
  if (bytes.length < UDP_REQUEST_HEADER_BYTES) {
    throw new AnnounceError("announce.length", "A datagram of a tracker's client has at least 16 bytes.", false);
  }
  if (peekUdpRequest(bytes) === "garbage") {
    throw new AnnounceError("announce.action", "The datagram is no connect, announce or scrape of BEP 15.", false);
  }
  const action = bytes.readUInt32BE(8);
  if (action === ACTION_CONNECT) return { action: "connect", transactionId: udpTransactionId(bytes) };
  if (action === ACTION_SCRAPE) return new UdpScrapeRequest(bytes);
  if (bytes.length < UDP_ANNOUNCE_REQUEST_BYTES) {
    throw new AnnounceError("announce.length", "An announce has at least 98 bytes.", true);
  }
  return new UdpAnnounceRequest(bytes);
}

function readWords(bytes: Buffer, from: number, words: Int32Array): void {
  for (let word = 0; word < INFO_HASH_BYTES / 4; word++) words[word] = bytes.readInt32BE(from + word * 4);
}

/** 64 bits as a number; beyond 2^53 (no file has that many bytes) it is the largest safe integer. */
function readCount(bytes: Buffer, at: number): number {
  const value = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** Writes 16 bytes. Returns the length. */
export function writeUdpConnectRequest(target: Buffer, transactionId: number): number {
  target.writeUInt32BE(PROTOCOL_HIGH, 0);
  target.writeUInt32BE(PROTOCOL_LOW, 4);
  target.writeUInt32BE(ACTION_CONNECT, 8);
  target.writeUInt32BE(transactionId >>> 0, 12);
  return UDP_CONNECT_REQUEST_BYTES;
}

/**
 * Writes 98 bytes, and the path and query of the tracker's URL where `urlData` is given (BEP 41). Returns the length.
 * @throws AnnounceError announce.length where urlData is too long
 */
export function writeUdpAnnounceRequest(
  target: Buffer,
  connectionId: ConnectionId,
  transactionId: number,
  request: AnnounceRequest,
  urlData = "",
): number {
  writeHeader(target, connectionId, ACTION_ANNOUNCE, transactionId);
  target.write(request.infoHash, 16, 20, "hex");
  target.write(request.peerId, 36, 20, "hex");
  writeCount(target, request.downloaded, 56);
  writeCount(target, request.left ?? LEFT_UNKNOWN_BYTES, 64);
  writeCount(target, request.uploaded, 72);
  target.writeUInt32BE(events.indexOf(request.event), 80);
  target.writeUInt32BE(0, 84);
  target.writeUInt32BE(request.key >>> 0, 88);
  target.writeInt32BE(request.numWant ?? -1, 92);
  target.writeUInt16BE(request.port, 96);
  return writeUrlData(target, urlData);
}

function writeUrlData(target: Buffer, urlData: string): number {
  const bytes = Buffer.from(urlData, "latin1");
  if (bytes.length > ANNOUNCE_URL_DATA_BYTES_MAX) {
    throw new AnnounceError("announce.length", "The tracker's URL is too long for a datagram.", false);
  }
  let at = UDP_ANNOUNCE_REQUEST_BYTES;
  for (let from = 0; from < bytes.length; from += 255) {
    const part = bytes.subarray(from, from + 255);
    target.writeUInt8(optionUrlData, at);
    target.writeUInt8(part.length, at + 1);
    target.set(part, at + 2);
    at += 2 + part.length;
  }
  return at;
}

/** The URL data of an announce (BEP 41), "" where it has none; what follows a malformed option is ignored. */
export function udpUrlData(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let at = UDP_ANNOUNCE_REQUEST_BYTES;
  while (at < bytes.length) {
    const option = bytes.readUInt8(at);
    if (option === optionEnd) break;
    if (option === optionNop) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) break;
    if (option === optionUrlData) parts.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return Buffer.concat(parts).toString("latin1");
}

/** Writes 16 + 20 · n bytes, n = 1 … 74. Returns the length. @throws AnnounceError announce.length */
export function writeUdpScrapeRequest(
  target: Buffer,
  connectionId: ConnectionId,
  transactionId: number,
  infoHashes: readonly InfoHash[],
): number {
  if (infoHashes.length === 0 || infoHashes.length > ANNOUNCE_SCRAPE_HASHES_MAX) {
    throw new AnnounceError(
      "announce.length",
      `A scrape asks for 1 to ${ANNOUNCE_SCRAPE_HASHES_MAX} info-hashes.`,
      false,
    );
  }
  writeHeader(target, connectionId, ACTION_SCRAPE, transactionId);
  infoHashes.forEach((infoHash, index) => {
    target.set(idBytes(infoHash), UDP_REQUEST_HEADER_BYTES + index * INFO_HASH_BYTES);
  });
  return UDP_REQUEST_HEADER_BYTES + infoHashes.length * INFO_HASH_BYTES;
}

function writeHeader(target: Buffer, connectionId: ConnectionId, action: number, transactionId: number): void {
  target.writeUInt32BE(connectionId.high, 0);
  target.writeUInt32BE(connectionId.low, 4);
  target.writeUInt32BE(action, 8);
  target.writeUInt32BE(transactionId >>> 0, 12);
}

function writeCount(target: Buffer, value: number, at: number): void {
  target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  target.writeUInt32BE(value % 2 ** 32, at + 4);
}
