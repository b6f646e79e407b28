// The announcers of the tracker bench: who they are, and the requests that they send. Peer i announces torrent
// i mod torrents from source i mod sources under a port of its own, so that no two are one peer and no address meets a
// tracker's limits. All of them lack something: whoever lists no seeds to seeds has no less to write than the others.
// Written with the codec that the trackers' clients use.

import { createHash } from "node:crypto";
import {
  encodeAnnounceUrl,
  encodeScrapeUrl,
  writeUdpAnnounceRequest,
  writeUdpScrapeRequest,
} from "../src/announce/index.ts";
import type { AnnounceRequest, ConnectionId } from "../src/announce/index.ts";
import { parseInfoHash, parsePeerId } from "../src/core/index.ts";
import type { InfoHash } from "../src/core/index.ts";

/** Addresses that announce: a tracker of ours takes 4,096 peers of one in a swarm, and a million have to fit in one. */
export const SOURCES = 256;
/** Info-hashes in one scrape. */
const SCRAPED = 10;
const PORT_FIRST = 1024;
const PORT_AT = 96;
/** What stock clients ask for. */
const WANTED = 50;

/** Loopback has all of 127.0.0.0/8. */
export function sourceAddress(source: number): string {
  return `127.1.${source >> 7}.${(source & 127) + 1}`;
}

export function infoHashOf(torrent: number): InfoHash {
  return parseInfoHash(createHash("sha1").update(`torrent ${torrent}`).digest());
}

export class AnnouncerCrowd {
  readonly torrents: number;
  readonly peers: number;
  readonly #infoHashes: readonly InfoHash[];
  readonly #hashBytes: Buffer;
  /** What stands before and behind the port in an announce's path. */
  readonly #paths = new Map<number, readonly [before: string, behind: string]>();

  constructor(torrents: number, peers: number) {
    this.torrents = torrents;
    this.peers = peers;
    this.#infoHashes = Array.from({ length: torrents }, (_, torrent) => infoHashOf(torrent));
    this.#hashBytes = Buffer.from(this.#infoHashes.join(""), "hex");
  }

  /** One of the source's peers. */
  randomPeer(source: number): number {
    const own = Math.floor((this.peers - source + SOURCES - 1) / SOURCES);
    return source + SOURCES * Math.floor(Math.random() * own);
  }

  /** An announce as a datagram, in which `aimUdpAnnounce` changes who announces what. */
  udpAnnounce(connectionId: ConnectionId): Buffer {
    const bytes = Buffer.alloc(98);
    writeUdpAnnounceRequest(bytes, connectionId, 1, this.#request(0));
    return bytes;
  }

  aimUdpAnnounce(bytes: Buffer, peer: number): void {
    const from = (peer % this.torrents) * 20;
    this.#hashBytes.copy(bytes, 16, from, from + 20);
    bytes.writeUInt16BE(portOf(peer), PORT_AT);
  }

  udpScrape(connectionId: ConnectionId): Buffer {
    const bytes = Buffer.alloc(16 + 20 * SCRAPED);
    const infoHashes = this.#scraped(0);
    return bytes.subarray(0, writeUdpScrapeRequest(bytes, connectionId, 1, infoHashes));
  }

  httpAnnouncePath(peer: number): string {
    const torrent = peer % this.torrents;
    let parts = this.#paths.get(torrent);
    if (parts === undefined) {
      const [before = "", behind = ""] = encodeAnnounceUrl("/announce", this.#request(peer)).split(/(?<=&port=)\d+/);
      parts = [before, behind];
      this.#paths.set(torrent, parts);
    }
    return `${parts[0]}${portOf(peer)}${parts[1]}`;
  }

  httpScrapePath(peer: number): string {
    return encodeScrapeUrl("/announce", this.#scraped(peer)) ?? "";
  }

  #scraped(first: number): InfoHash[] {
    const count = Math.min(SCRAPED, this.torrents);
    return Array.from({ length: count }, (_, at) => this.#infoHashes[(first + at) % this.torrents] as InfoHash);
  }

  #request(peer: number): AnnounceRequest {
    return {
      infoHash: this.#infoHashes[peer % this.torrents] as InfoHash,
      peerId: parsePeerId(Buffer.from("-UP0100-loadload0000")),
      port: portOf(peer),
      uploaded: 0,
      downloaded: 0,
      left: 1_000_000,
      event: "none",
      numWant: WANTED,
      key: 7,
    };
  }
}

function portOf(peer: number): number {
  return PORT_FIRST + Math.floor(peer / SOURCES);
}
