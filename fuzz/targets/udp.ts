// Datagrams of the UDP tracker protocol (BEP 15, 41), both ends.

import assert from "node:assert/strict";
import {
  AnnounceError,
  parseUdpReply,
  parseUdpRequest,
  peekUdpRequest,
  udpUrlData,
  writeUdpAnnounceReply,
  writeUdpAnnounceRequest,
  writeUdpConnectReply,
  writeUdpConnectRequest,
  writeUdpErrorReply,
  writeUdpScrapeReply,
  writeUdpScrapeRequest,
} from "../../src/announce/index.ts";
import { ANNOUNCE_SCRAPE_HASHES_MAX, ANNOUNCE_PEERS_MAX } from "../../src/core/index.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import { infoHash, request } from "./announce.ts";

const connectionId = { high: 1, low: 2 };

function datagram(write: (target: Buffer) => number): Buffer {
  const target = Buffer.alloc(2_048);
  return target.subarray(0, write(target));
}

export const udpRequest: FuzzTarget = {
  name: "udp-request",
  corpus: [
    datagram((target) => writeUdpConnectRequest(target, 7)),
    datagram((target) => writeUdpAnnounceRequest(target, connectionId, 8, request)),
    datagram((target) => writeUdpAnnounceRequest(target, connectionId, 8, request, "/announce?site=office")),
    datagram((target) => writeUdpScrapeRequest(target, connectionId, 9, [infoHash, infoHash])),
  ],
  tokens: ["\u0000\u0000\u0004\u0017\u0027\u0010\u0019\u0080", "\u0002\u00ff", "\u0001", "\u0000", "site="],
  isBencoded: false,
  check: (input) => {
    const kind = peekUdpRequest(input);
    return accepts(AnnounceError, () => {
      const parsed = parseUdpRequest(input);
      assert.equal(kind, parsed.action === "connect" ? "connect" : "request");
      if (parsed.action === "scrape") assert.ok(parsed.infoHashes.length <= ANNOUNCE_SCRAPE_HASHES_MAX);
      if (parsed.action !== "announce") return;
      assert.ok(udpUrlData(input).length <= input.length);
      assert.ok(parsed.site === null || parsed.site.length <= input.length);
      const written = datagram((target) => writeUdpAnnounceRequest(target, connectionId, parsed.transactionId, parsed));
      const again = parseUdpRequest(written);
      assert.ok(again.action === "announce");
      for (const key of ["infoHash", "peerId", "port", "event", "key", "numWant", "uploaded", "left"] as const) {
        assert.deepEqual(again[key], parsed[key], key);
      }
    });
  },
};

export const udpReply: FuzzTarget = {
  name: "udp-reply",
  corpus: [
    datagram((target) => writeUdpConnectReply(target, 7, 1, 2)),
    datagram(
      (target) =>
        writeUdpAnnounceReply(target, 8, 1800, 4, 3) + target.write("\u0001\u0002\u0003\u0004\u0005\u0006", 20),
    ),
    datagram((target) => writeUdpScrapeReply(target, 9, [{ complete: 1, downloaded: 2, incomplete: 3 }])),
    datagram((target) => writeUdpErrorReply(target, 9, "no")),
  ],
  tokens: [
    "\u0000\u0000\u0000\u0000",
    "\u0000\u0000\u0000\u0001",
    "\u0000\u0000\u0000\u0002",
    "\u0000\u0000\u0000\u0003",
  ],
  isBencoded: false,
  check: (input) => {
    const results = (["ipv4", "ipv6"] as const).map((family) =>
      accepts(AnnounceError, () => {
        const parsed = parseUdpReply(input, family);
        if (parsed.action !== "announce") return;
        assert.ok(parsed.reply.peers.length <= Math.min(ANNOUNCE_PEERS_MAX, input.length / 6));
        assert.ok(parsed.reply.intervalSeconds >= 1, `interval ${parsed.reply.intervalSeconds}`);
        for (const { port } of parsed.reply.peers) assert.ok(port >= 1 && port <= 65_535, `port ${port}`);
      }),
    );
    return results.includes(true);
  },
};
