import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeCompact, parseInfoHash } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import {
  parseUdpReply,
  scrapeEntriesByHash,
  writeUdpAnnounceReply,
  writeUdpConnectReply,
  writeUdpErrorReply,
  writeUdpScrapeReply,
} from "./udp-reply.ts";
import { isConnectionIdFresh, udpTimeoutMs } from "./udp-schedule.ts";

test("parseUdpReply() rejects what is too short and what has no known action", () => {
  const announce = Buffer.alloc(20);
  writeUdpAnnounceReply(announce, 1, 60, 0, 0);
  for (let length = 0; length < 20; length++) {
    assert.throws(() => parseUdpReply(announce.subarray(0, length), "ipv4"), AnnounceError);
  }
  const connect = Buffer.alloc(16);
  writeUdpConnectReply(connect, 1, 2, 3);
  assert.throws(() => parseUdpReply(connect.subarray(0, 15), "ipv4"), AnnounceError);
  connect.writeUInt32BE(4, 0);
  assert.throws(() => parseUdpReply(connect, "ipv4"), AnnounceError);
});

test("no datagram makes parseUdpReply() throw anything but an AnnounceError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("ipv4", "ipv6" as const), (noise, family) => {
      const bytes = Buffer.from(noise);
      if (bytes.length > 3) bytes.fill(0, 0, 3);
      try {
        parseUdpReply(bytes, family);
      } catch (error) {
        assert.ok(error instanceof AnnounceError);
      }
    }),
  );
});

test("a connect reply is 16 bytes and brings the connection id", () => {
  const bytes = Buffer.alloc(16);
  assert.equal(writeUdpConnectReply(bytes, 0xffff_ffff, 0x8000_0001, 0xffff_ffff), 16);
  assert.deepEqual(parseUdpReply(bytes, "ipv4"), {
    action: "connect",
    transactionId: 0xffff_ffff,
    connectionId: { high: 0x8000_0001, low: 0xffff_ffff },
  });
});

test("an announce reply brings counts and peers of the datagram's family", () => {
  for (const [family, address] of [
    ["ipv4", "192.0.2.7"],
    ["ipv6", "2001:db8::7"],
  ] as const) {
    const header = Buffer.alloc(20);
    assert.equal(writeUdpAnnounceReply(header, 5, 1800, 11, 22), 20);
    const parsed = parseUdpReply(Buffer.concat([header, encodeCompact({ address, port: 6881 })]), family);
    assert.ok(parsed.action === "announce");
    assert.equal(parsed.transactionId, 5);
    assert.equal(parsed.reply.intervalSeconds, 1800);
    assert.equal(parsed.reply.incomplete, 11);
    assert.equal(parsed.reply.complete, 22);
    assert.deepEqual(parsed.reply.peers, [{ address, port: 6881 }]);
  }
});

test("a scrape reply brings an entry for each info-hash, and a short one leaves the rest out", () => {
  const hashes = [parseInfoHash("aa".repeat(20)), parseInfoHash("bb".repeat(20))];
  const entry = { complete: 1, downloaded: 2, incomplete: 3 };
  const bytes = Buffer.alloc(64);
  const parsed = parseUdpReply(bytes.subarray(0, writeUdpScrapeReply(bytes, 6, [entry])), "ipv4");
  assert.ok(parsed.action === "scrape");
  assert.deepEqual([...scrapeEntriesByHash(hashes, parsed.entries)], [[hashes[0], entry]]);
});

test("writeUdpErrorReply() cuts a text that is too long for the target", () => {
  const bytes = Buffer.alloc(20);
  assert.equal(writeUdpErrorReply(bytes, 8, "withdrawn by the publisher"), 20);
  assert.deepEqual(parseUdpReply(bytes, "ipv4"), { action: "error", transactionId: 8, message: "withdrawn by" });
});

test("udpTimeoutMs() doubles from 15 s to 3,840 s and then gives up", () => {
  const waits = Array.from({ length: 10 }, (_, attempt) => udpTimeoutMs(attempt));
  assert.deepEqual(waits, [15e3, 30e3, 60e3, 120e3, 240e3, 480e3, 960e3, 1920e3, 3840e3, null]);
  assert.equal(isConnectionIdFresh(1000, 60_999), true);
  assert.equal(isConnectionIdFresh(1000, 61_000), false);
});
