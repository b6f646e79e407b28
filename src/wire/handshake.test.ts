import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseInfoHash, parsePeerId } from "../core/index.ts";
import { encodeHandshake, HandshakeParser, parseHandshake } from "./handshake.ts";
import { WireError } from "./wire-error.ts";

const infoHash = parseInfoHash("11".repeat(20));
const peerId = parsePeerId("22".repeat(20));
const ALL = { extension: true, fast: true, v2: true, dht: true };

test("HandshakeParser refuses another protocol at its first wrong byte", () => {
  const good = encodeHandshake({ flags: ALL, infoHash, peerId });
  for (let at = 0; at < 20; at++) {
    const parser = new HandshakeParser();
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
    assert.equal(parser.read(bad, at), at);
    assert.throws(() => parser.read(bad, at + 1, at), { name: "WireError", code: "wire.handshake" }, `byte ${at}`);
  }
  const http = Buffer.from("GET / HTTP/1.1\r\n");
  assert.throws(() => new HandshakeParser().read(http, 1), { code: "wire.handshake" });
});

test("parseHandshake() refuses one that is cut off", () => {
  const good = encodeHandshake({ flags: ALL, infoHash, peerId });
  for (const length of [0, 1, 19, 20, 47, 48, 67]) {
    assert.throws(() => parseHandshake(good.subarray(0, length)), { code: "wire.handshake" }, `${length} bytes`);
  }
});

test("HandshakeParser gives the info-hash after 48 bytes and the peer id after 68, at every split", () => {
  const bytes = Buffer.concat([encodeHandshake({ flags: ALL, infoHash, peerId }), Buffer.from("messages")]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parser = new HandshakeParser();
    const receive = Buffer.from(bytes);
    assert.equal(parser.read(receive, cut), Math.min(cut, 68));
    assert.equal(parser.infoHash, cut >= 48 ? infoHash : null, `cut at ${cut}`);
    assert.deepEqual(parser.flags, cut >= 48 ? ALL : null);
    assert.equal(parser.peerId, cut >= 68 ? peerId : null);
    receive.fill(0, 0, cut);
    assert.equal(parser.read(receive, receive.length, cut), Math.max(cut, 68));
    assert.deepEqual([parser.flags, parser.infoHash, parser.peerId], [ALL, infoHash, peerId]);
  }
});

test("encodeHandshake() sets the bits that the extensions name", () => {
  const none = { extension: false, fast: false, v2: false, dht: false };
  const cases = {
    extension: "0000000000100000",
    fast: "0000000000000004",
    v2: "0000000000000010",
    dht: "0000000000000001",
  };
  for (const [flag, reserved] of Object.entries(cases)) {
    const bytes = encodeHandshake({ flags: { [flag]: true }, infoHash, peerId });
    assert.equal(bytes.toString("hex", 20, 28), reserved);
    assert.deepEqual(parseHandshake(bytes).flags, { ...none, [flag]: true });
  }
  assert.equal(encodeHandshake({ flags: {}, infoHash, peerId }).toString("hex", 20, 28), "0".repeat(16));
});

test("parseHandshake() takes any reserved bits, info-hash and peer id, and throws only WireError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.uint8Array({ maxLength: 80 }), (tail, garbage) => {
      const bytes = Buffer.concat([Buffer.from("\u0013BitTorrent protocol", "latin1"), tail]);
      const { infoHash, peerId } = parseHandshake(bytes);
      assert.equal(infoHash + peerId, bytes.toString("hex", 28));
      assert.throws(() => parseHandshake(garbage), WireError);
    }),
  );
});
