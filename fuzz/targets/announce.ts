// Announces over HTTP, both ends, and on the local network: what is accepted is within the limits and reads back.

import assert from "node:assert/strict";
import {
  encodeAnnounceReply,
  encodeAnnounceUrl,
  encodeFailure,
  encodeLocalAnnounce,
  encodeScrapeReply,
  encodeScrapeUrl,
  parseAnnounceQuery,
  parseAnnounceReply,
  parseLocalAnnounce,
  parseScrapeQuery,
  parseScrapeReply,
  AnnounceError,
} from "../../src/announce/index.ts";
import type { AnnounceRequest } from "../../src/announce/index.ts";
import {
  ANNOUNCE_PEERS_MAX,
  ANNOUNCE_SCRAPE_HASHES_MAX,
  idBytes,
  LOCAL_ANNOUNCE_HASHES_MAX,
  parseInfoHash,
  parsePeerId,
} from "../../src/core/index.ts";
import type { InfoHash } from "../../src/core/index.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

export const infoHash: InfoHash = parseInfoHash("00112233445566778899aabbccddeeff25260a20");

export const request: AnnounceRequest = {
  infoHash,
  peerId: parsePeerId(Buffer.from("-UP0100-\u0000\u0001%&=+abcdef", "latin1")),
  port: 6881,
  uploaded: 1,
  downloaded: 2 ** 40,
  left: 77,
  event: "started",
  numWant: 50,
  key: 0xdead_beef,
  site: "office",
};

const announceUrl = "http://tracker.example/announce";

function queryOf(url: string | null): string {
  return (url ?? "").split("?")[1] ?? "";
}

export const httpQuery: FuzzTarget = {
  name: "http-query",
  corpus: [
    Buffer.from(queryOf(encodeAnnounceUrl(announceUrl, request, "id"))),
    Buffer.from(queryOf(encodeScrapeUrl(announceUrl, [infoHash]))),
  ],
  tokens: [
    "&",
    "=",
    "%",
    "%00",
    "%zz",
    "info_hash=",
    "peer_id=",
    "port=0",
    "left=-1",
    "event=",
    "numwant=",
    "compact=0",
    "key=",
    "ip=",
  ],
  isBencoded: false,
  check: (input) => {
    const query = input.toString("latin1");
    const isAnnounce = accepts(AnnounceError, () => {
      const parsed = parseAnnounceQuery(query);
      assert.ok(parsed.port >= 1 && parsed.port <= 65_535);
      const again = parseAnnounceQuery(queryOf(encodeAnnounceUrl(announceUrl, parsed, parsed.trackerId)));
      for (const key of ["infoHash", "peerId", "port", "uploaded", "downloaded", "event", "numWant", "key"] as const) {
        assert.deepEqual(again[key], parsed[key], key);
      }
    });
    const isScrape = accepts(AnnounceError, () => {
      const infoHashes = parseScrapeQuery(query);
      assert.ok(infoHashes.length >= 1 && infoHashes.length <= ANNOUNCE_SCRAPE_HASHES_MAX);
    });
    return isAnnounce || isScrape;
  },
};

const reply = {
  intervalSeconds: 1800,
  minIntervalSeconds: 60,
  complete: 3,
  incomplete: 4,
  downloaded: 5,
  peers: Buffer.from([10, 0, 0, 1, 26, 225, 10, 0, 0, 2, 0, 1]),
  peers6: Buffer.concat([Buffer.alloc(15), Buffer.from([1, 0, 1])]),
  externalAddress: "10.0.0.9",
  warning: "slow down",
  trackerId: "abc",
};

export const httpReply: FuzzTarget = {
  name: "http-reply",
  corpus: [
    encodeAnnounceReply(reply),
    encodeAnnounceReply(reply, "dictionary"),
    encodeFailure("no such torrent", 90_000),
    encodeFailure("gone", "never"),
    encodeScrapeReply([[idBytes(infoHash).toString("latin1"), { complete: 1, downloaded: 2, incomplete: 3 }]]),
  ],
  tokens: [
    "interval",
    "min interval",
    "peers",
    "peers6",
    "ip",
    "port",
    "failure reason",
    "retry in",
    "never",
    "external ip",
    "files",
  ].concat(["tracker id", "warning message", "complete", "::1", "127.0.0.1"]),
  isBencoded: true,
  check: (input) => {
    const isAnnounce = accepts(AnnounceError, () => {
      const outcome = parseAnnounceReply(input);
      if (outcome.kind === "failure") return;
      const { peers, intervalSeconds, minIntervalSeconds } = outcome.reply;
      assert.ok(peers.length <= ANNOUNCE_PEERS_MAX);
      for (const { port } of peers) assert.ok(port >= 1 && port <= 65_535, `port ${port}`);
      assert.ok(intervalSeconds >= 1, `interval ${intervalSeconds}`);
      assert.ok(minIntervalSeconds === null || minIntervalSeconds >= 0);
    });
    return accepts(AnnounceError, () => void parseScrapeReply(input)) || isAnnounce;
  },
};

export const localAnnounce: FuzzTarget = {
  name: "local-announce",
  corpus: [
    encodeLocalAnnounce("ipv4", { port: 6881, infoHashes: [infoHash], cookie: "abc" }),
    encodeLocalAnnounce("ipv6", { port: 1, infoHashes: [infoHash], cookie: null }),
  ],
  tokens: ["\r\n", "Port: ", "Infohash: ", "cookie: ", "BT-SEARCH * HTTP/1.1", ":", "65536", "0"],
  isBencoded: false,
  check: (input) => {
    const announce = parseLocalAnnounce(input);
    if (announce === null) return false;
    assert.ok(announce.port >= 1 && announce.port <= 65_535);
    assert.ok(announce.infoHashes.length >= 1 && announce.infoHashes.length <= LOCAL_ANNOUNCE_HASHES_MAX);
    assert.deepEqual(parseLocalAnnounce(encodeLocalAnnounce("ipv4", announce)), announce);
    return true;
  },
};
