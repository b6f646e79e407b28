import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ANNOUNCE_SCRAPE_HASHES_MAX, parseInfoHash, parsePeerId } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import type { AnnounceRequest } from "./types.ts";
import {
  parseUdpRequest,
  peekUdpRequest,
  udpUrlData,
  writeUdpAnnounceRequest,
  writeUdpConnectRequest,
  writeUdpScrapeRequest,
} from "./udp-request.ts";

const connectionId = { high: 0xfedc_ba98, low: 0x7654_3210 };
const request: AnnounceRequest = {
  infoHash: parseInfoHash("01".repeat(20)),
  peerId: parsePeerId("02".repeat(20)),
  port: 6881,
  uploaded: 3,
  downloaded: 2 ** 40 + 1,
  left: 0,
  event: "started",
  numWant: null,
  key: 0xffff_fffe,
};

function announceBytes(changes: Partial<AnnounceRequest> = {}, urlData = ""): Buffer {
  const target = Buffer.alloc(2048, 0xaa);
  return target.subarray(0, writeUdpAnnounceRequest(target, connectionId, 7, { ...request, ...changes }, urlData));
}

function refused(code: string, replyAllowed: boolean): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AnnounceError);
    assert.equal(error.code, code);
    assert.equal(error.replyAllowed, replyAllowed);
    return true;
  };
}

test("parseUdpRequest() rejects every truncation of an announce, and allows no reply without a transaction id", () => {
  const bytes = announceBytes();
  assert.equal(bytes.length, 98);
  for (let length = 0; length < 98; length++) {
    assert.throws(() => parseUdpRequest(bytes.subarray(0, length)), refused("announce.length", length >= 16));
  }
});

test("parseUdpRequest() rejects an unknown action, event and port 0", () => {
  const action = announceBytes();
  action.writeUInt32BE(3, 8);
  assert.throws(() => parseUdpRequest(action), refused("announce.action", false));
  const event = announceBytes();
  event.writeUInt32BE(4, 80);
  assert.throws(() => parseUdpRequest(event), refused("announce.event", true));
  assert.throws(() => parseUdpRequest(announceBytes({ port: 0 })), refused("announce.port", true));
});

test("peekUdpRequest() takes a connect without the protocol's constant for garbage", () => {
  const bytes = Buffer.alloc(16);
  assert.equal(writeUdpConnectRequest(bytes, 9), 16);
  assert.equal(bytes.toString("hex", 0, 8), "0000041727101980");
  assert.equal(peekUdpRequest(bytes), "connect");
  assert.deepEqual(parseUdpRequest(bytes), { action: "connect", transactionId: 9 });
  bytes.writeUInt8(1, 7);
  assert.equal(peekUdpRequest(bytes), "garbage");
  assert.equal(peekUdpRequest(Buffer.alloc(15)), "garbage");
});

test("an announce survives the datagram, whatever its numbers", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.record({
        port: fc.integer({ min: 1, max: 65_535 }),
        uploaded: fc.maxSafeNat(),
        downloaded: fc.maxSafeNat(),
        left: fc.maxSafeNat(),
        event: fc.constantFrom("none", "completed", "started", "stopped" as const),
        numWant: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
        key: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      }),
      (hash, id, numbers) => {
        const sent: AnnounceRequest = { ...numbers, infoHash: parseInfoHash(hash), peerId: parsePeerId(id) };
        const parsed = parseUdpRequest(announceBytes(sent));
        assert.equal(parsed.action, "announce");
        const { infoHash, peerId, port, uploaded, downloaded, left, event, numWant, key } = parsed;
        assert.deepEqual({ infoHash, peerId, port, uploaded, downloaded, left, event, numWant, key }, sent);
      },
    ),
  );
});

test("parseUdpRequest() reads numbers beyond 2^53 as the largest safe integer", () => {
  const bytes = announceBytes();
  bytes.fill(0xff, 64, 72);
  const parsed = parseUdpRequest(bytes);
  assert.ok(parsed.action === "announce" && parsed.left === Number.MAX_SAFE_INTEGER);
});

test("options behind an announce are skipped and the URL data is found among them, however long", () => {
  const path = `/announce?passkey=${"k".repeat(600)}`;
  const bytes = announceBytes({}, path);
  assert.equal(udpUrlData(bytes), path);
  assert.equal(parseUdpRequest(bytes).action, "announce");
  const odd = Buffer.concat([announceBytes(), Buffer.from([1, 1, 9, 2, 0, 0, 2, 1, 0x2f, 0, 2, 1, 0x41])]);
  assert.equal(udpUrlData(odd), "/");
  assert.equal(udpUrlData(Buffer.concat([announceBytes(), Buffer.from([2, 200, 0x41])])), "");
  assert.throws(() => announceBytes({}, "x".repeat(2000)), refused("announce.length", false));
});

test("a scrape carries its info-hashes in order, and none or too many are refused", () => {
  const hashes = Array.from({ length: ANNOUNCE_SCRAPE_HASHES_MAX }, (_, i) =>
    parseInfoHash(i.toString(16).padStart(40, "0")),
  );
  const target = Buffer.alloc(2048);
  const length = writeUdpScrapeRequest(target, connectionId, 5, hashes);
  const parsed = parseUdpRequest(target.subarray(0, length));
  assert.ok(parsed.action === "scrape");
  assert.equal(parsed.transactionId, 5);
  assert.deepEqual(parsed.infoHashes, hashes);
  const words = new Int32Array(5);
  for (let index = 0; index < parsed.count; index++) {
    parsed.readInfoHash(index, words);
    assert.deepEqual([...words], [0, 0, 0, 0, index]);
  }
  assert.throws(() => parseUdpRequest(target.subarray(0, 16)), refused("announce.length", true));
  assert.throws(() => parseUdpRequest(target.subarray(0, length + 20)), refused("announce.length", true));
  assert.throws(() => writeUdpScrapeRequest(target, connectionId, 5, []), refused("announce.length", false));
});

test("no datagram makes parseUdpRequest() or udpUrlData() throw anything but an AnnounceError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 3 }), (noise, action) => {
      const bytes = Buffer.from(noise);
      if (bytes.length >= 12) bytes.writeUInt32BE(action, 8);
      assert.equal(typeof udpUrlData(bytes), "string");
      try {
        parseUdpRequest(bytes);
      } catch (error) {
        assert.ok(error instanceof AnnounceError);
      }
    }),
  );
});
