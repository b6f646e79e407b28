// The datagrams of local discovery (BEP 14), both ways: "I listen on this port and have these torrents", in the form of an
// HTTP request over multicast. What is read comes from anybody on the network, so whatever is not as it should be makes
// the whole datagram count as nothing. The sender's address is the datagram's source, never a header.

import {
  LOCAL_ANNOUNCE_BYTES_MAX,
  LOCAL_ANNOUNCE_COOKIE_BYTES_MAX,
  LOCAL_ANNOUNCE_HASHES_MAX,
  parseInfoHash,
} from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";

export const LOCAL_GROUPS = { ipv4: "239.192.152.143", ipv6: "ff15::efc0:988f" } as const;
export const LOCAL_PORT = 6771;

const REQUEST_LINE = "BT-SEARCH * HTTP/1.1";

export interface LocalAnnounce {
  /** Where the sender accepts peers, 1 … 65535. */
  readonly port: number;
  /** 1 to LOCAL_ANNOUNCE_HASHES_MAX. */
  readonly infoHashes: readonly InfoHash[];
  /** Opaque; null where the sender gives none. */
  readonly cookie: string | null;
}

/** `infoHashes`: at most LOCAL_ANNOUNCE_HASHES_MAX. */
export function encodeLocalAnnounce(family: "ipv4" | "ipv6", announce: LocalAnnounce): Buffer {
  const group = family === "ipv4" ? LOCAL_GROUPS.ipv4 : `[${LOCAL_GROUPS.ipv6}]`;
  const lines = [
    REQUEST_LINE,
    `Host: ${group}:${LOCAL_PORT}`,
    `Port: ${announce.port}`,
    ...announce.infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    ...(announce.cookie === null ? [] : [`cookie: ${announce.cookie}`]),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n\r\n`, "latin1");
}

/** Null for what is none, or asks for more than the limits. Headers that we do not know are passed over. */
export function parseLocalAnnounce(bytes: Buffer): LocalAnnounce | null {
  if (bytes.length > LOCAL_ANNOUNCE_BYTES_MAX) return null;
  const [first, ...lines] = bytes.toString("latin1").split("\r\n");
  if (first !== REQUEST_LINE) return null;
  let port = 0;
  let cookie: string | null = null;
  const infoHashes = new Set<InfoHash>();
  for (const line of lines) {
    if (line === "") break;
    const [, name = "", value = ""] = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    switch (name.toLowerCase()) {
      case "port":
        port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
        break;
      case "infohash":
        if (!/^[0-9a-fA-F]{40}$/.test(value)) return null;
        infoHashes.add(parseInfoHash(value));
        break;
      case "cookie":
        if (value.length > LOCAL_ANNOUNCE_COOKIE_BYTES_MAX) return null;
        cookie = value;
    }
  }
  if (port < 1 || port > 65_535 || infoHashes.size === 0 || infoHashes.size > LOCAL_ANNOUNCE_HASHES_MAX) return null;
  return { port, infoHashes: [...infoHashes], cookie };
}
