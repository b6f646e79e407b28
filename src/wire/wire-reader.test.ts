import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeHashes, encodeHashReject, encodeHashRequest } from "./hash-messages.ts";
import {
  encodeAllowedFast,
  encodeBare,
  encodeBitfield,
  encodeCancel,
  encodeDhtPort,
  encodeExtended,
  encodeHave,
  encodeKeepAlive,
  encodeReject,
  encodeRequest,
  encodeSuggest,
  writePieceHeader,
} from "./messages.ts";
import { RecordingHandler } from "./recording-handler.ts";
import { WireReader } from "./wire-reader.ts";

function reader(): { handler: RecordingHandler; wire: WireReader } {
  const handler = new RecordingHandler();
  return { handler, wire: new WireReader(handler, { fast: true, extension: true }) };
}

/** Feeds through one reused buffer that is overwritten after each read, as a socket's is. */
function feed(wire: WireReader, bytes: Buffer, cuts: readonly number[]): void {
  const receive = Buffer.alloc(bytes.length);
  let at = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    bytes.copy(receive, 0, at, cut);
    wire.read(receive, cut - at);
    receive.fill(0xee);
    at = cut;
  }
}

function rawMessage(id: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(5 + payloadBytes);
  bytes.writeUInt32BE(1 + payloadBytes);
  bytes[4] = id;
  return bytes;
}

function piece(index: number, begin: number, block: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  writePieceHeader(header, 0, index, begin, block.length);
  return Buffer.concat([header, block]);
}

const root = Buffer.alloc(32, 7);
const hashRequest = { piecesRoot: root, baseLayer: 1, index: 512, length: 512, proofLayers: 0xffffffff };
const hashLine = `${root.toString("hex")} 1 512 512 4294967295`;

/** Each message with the calls that it means. */
const MESSAGES: readonly (readonly [Buffer, ...string[]])[] = [
  [encodeKeepAlive(), "keepAlive"],
  [encodeBare("choke"), "choke"],
  [encodeBare("unchoke"), "unchoke"],
  [encodeBare("interested"), "interested"],
  [encodeBare("notInterested"), "notInterested"],
  [encodeHave(0xffffffff), "have 4294967295"],
  [encodeRequest(1, 2, 0x80000000), "request 1 2 2147483648"],
  [piece(4, 5, Buffer.from("abc")), "pieceStart 4 5 3", "pieceEnd 4 5 3 0061626300"],
  [encodeCancel(1, 2, 3), "cancel 1 2 3"],
  [encodeDhtPort(6881), "dhtPort 6881"],
  [encodeSuggest(9), "suggest 9"],
  [encodeReject(3, 2, 1), "reject 3 2 1"],
  [encodeAllowedFast(8), "allowedFast 8"],
  [encodeExtended(3, Buffer.from("d"), Buffer.from("e")), "extended 3 6465"],
  [encodeExtended(0), "extended 0 "],
  [encodeHashRequest(hashRequest), `hashRequest ${hashLine}`],
  [encodeHashes(hashRequest, Buffer.alloc(64, 1)), `hashes ${hashLine} ${"01".repeat(64)}`],
  [encodeHashReject(hashRequest), `hashReject ${hashLine}`],
  [rawMessage(99, 3)],
  [rawMessage(99, 0)],
];
/** Only one of these may come, so each stands first in a sequence of its own. */
const OPENINGS: readonly (readonly [Buffer, string])[] = [
  [encodeBitfield(Buffer.from([0xa0, 0x01])), "bitfield a001"],
  [encodeBare("haveAll"), "haveAll"],
  [encodeBare("haveNone"), "haveNone"],
];

test("WireReader delivers every message the same in every two reads, and a byte at a time", () => {
  for (const opening of OPENINGS) {
    const sequence = [opening, ...MESSAGES];
    const bytes = Buffer.concat(sequence.map(([message]) => message));
    const expected = sequence.flatMap(([, ...calls]) => calls);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { handler, wire } = reader();
      feed(wire, bytes, [cut]);
      assert.deepEqual(handler.calls, expected, `cut at ${cut}`);
    }
    const { handler, wire } = reader();
    feed(wire, bytes, Array.from(bytes.keys()));
    assert.deepEqual(handler.calls, expected);
  }
});

test("WireReader gives the same calls for any messages split in any way", () => {
  const message = fc.oneof(
    fc.nat(MESSAGES.length - 1).map((at) => MESSAGES[at]?.[0] ?? Buffer.alloc(0)),
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((block) => piece(1, 0, block)),
    fc.uint8Array({ maxLength: 9000 }).map((payload) => encodeExtended(2, payload)),
  );
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (all, where) => {
        const bytes = Buffer.concat(all);
        const whole = reader();
        whole.wire.read(bytes, bytes.length);
        const split = reader();
        feed(
          split.wire,
          bytes,
          where.map((part) => Math.floor(part * bytes.length)),
        );
        assert.deepEqual(split.handler.calls, whole.handler.calls);
      },
    ),
  );
});

test("WireReader reads from the middle of a buffer and from a plain Uint8Array", () => {
  const { handler, wire } = reader();
  const bytes = new Uint8Array(Buffer.concat([Buffer.alloc(68, 1), encodeHave(5), Buffer.alloc(9, 0xff)]));
  wire.read(bytes, 77, 68);
  assert.deepEqual(handler.calls, ["have 5"]);
});

test("WireReader.stop() in a callback ends delivery in the middle of a read", () => {
  const sequence = [encodeHave(1), encodeBare("choke"), piece(1, 0, Buffer.from("x")), encodeHave(2)];
  const bytes = Buffer.concat(sequence);
  for (const stopAt of ["have 1", "choke", "pieceStart 1 0 1"]) {
    const { handler, wire } = reader();
    handler.onCall = (call): void => {
      if (call === stopAt) wire.stop();
    };
    wire.read(bytes, bytes.length);
    wire.read(bytes, bytes.length);
    assert.equal(handler.calls.at(-1), stopAt);
    assert.equal(wire.blockInProgress, false);
  }
});

test("WireReader is stopped by a handler that throws, and passes the error on", () => {
  const { handler, wire } = reader();
  const bytes = Buffer.concat([encodeHave(1), encodeHave(2)]);
  handler.onCall = (): void => {
    throw new RangeError("from the handler");
  };
  assert.throws(() => wire.read(bytes, bytes.length), RangeError);
  wire.read(bytes, bytes.length);
  assert.deepEqual(handler.calls, ["have 1"]);
});
