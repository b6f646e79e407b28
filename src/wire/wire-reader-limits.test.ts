import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BLOCK_LENGTH_BYTES,
  EXTENDED_MAX_BYTES,
  GATHER_FIRST_BYTES,
  HASH_LAYERS_MAX,
  HASH_REQUEST_LENGTH_MAX,
  PIECE_COUNT_MAX,
  UNKNOWN_MESSAGE_MAX_BYTES,
} from "../core/index.ts";
import { MessageId } from "./message-ids.ts";
import {
  encodeAllowedFast,
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHave,
  encodeKeepAlive,
  encodeReject,
  encodeSuggest,
} from "./messages.ts";
import { RecordingHandler } from "./recording-handler.ts";
import { WireError } from "./wire-error.ts";
import { WireReader } from "./wire-reader.ts";

const ALL = { fast: true, extension: true };

function reader(negotiated: { fast: boolean; extension: boolean } = ALL): {
  handler: RecordingHandler;
  wire: WireReader;
} {
  const handler = new RecordingHandler();
  return { handler, wire: new WireReader(handler, negotiated) };
}

function rawMessage(id: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(5 + payloadBytes);
  bytes.writeUInt32BE(1 + payloadBytes);
  bytes[4] = id;
  return bytes;
}

test("WireReader refuses every message whose length is not that of its type", () => {
  const fixed: Record<number, number> = {
    0: 0,
    1: 0,
    2: 0,
    3: 0,
    4: 4,
    6: 12,
    8: 12,
    9: 2,
    13: 4,
    14: 0,
    15: 0,
    16: 12,
    17: 4,
    21: 48,
    23: 48,
  };
  for (const [id, payloadBytes] of Object.entries(fixed)) {
    for (const wrong of [payloadBytes - 1, payloadBytes + 1, 0xffff, 0xfffffffe].filter((length) => length >= 0)) {
      const { handler, wire } = reader();
      const head = rawMessage(Number(id), 0);
      head.writeUInt32BE(wrong + 1);
      assert.throws(() => wire.read(head, 5), { name: "WireError", code: "wire.length" }, `id ${id}, ${wrong} bytes`);
      assert.equal(wire.stopped, true);
      assert.deepEqual(handler.calls, []);
    }
  }
});

test("WireReader refuses messages below and above their limits before it takes memory for them", () => {
  const hashesMax = 48 + 32 * (HASH_REQUEST_LENGTH_MAX + HASH_LAYERS_MAX);
  const cases: readonly (readonly [id: number, good: readonly number[], bad: readonly number[]])[] = [
    [MessageId.piece, [9, 8 + BLOCK_LENGTH_BYTES], [0, 7, 8, 9 + BLOCK_LENGTH_BYTES, 0x7fffffff]],
    [MessageId.bitfield, [1, PIECE_COUNT_MAX / 8], [0, PIECE_COUNT_MAX / 8 + 1, 0xfffffffe]],
    [MessageId.extended, [1, 1 + EXTENDED_MAX_BYTES], [0, 2 + EXTENDED_MAX_BYTES, 0xfffffffe]],
    [MessageId.hashes, [80, hashesMax], [0, 47, 48, 79, 81, hashesMax + 32, 0xfffffffe]],
    [99, [0, UNKNOWN_MESSAGE_MAX_BYTES - 1], [UNKNOWN_MESSAGE_MAX_BYTES, 0xfffffffe]],
  ];
  for (const [id, good, bad] of cases) {
    for (const payloadBytes of good) {
      const { wire } = reader();
      const bytes = Buffer.concat([rawMessage(id, payloadBytes), encodeKeepAlive()]);
      assert.doesNotThrow(() => {
        wire.read(bytes, 7);
        wire.read(bytes, bytes.length, 7);
      }, `id ${id}, ${payloadBytes} bytes`);
    }
    for (const payloadBytes of bad) {
      const { wire } = reader();
      const before = wire.heldBytes;
      const head = rawMessage(id, 0);
      head.writeUInt32BE(payloadBytes + 1);
      assert.throws(() => wire.read(head, 5), { code: "wire.length" }, `id ${id}, ${payloadBytes} bytes`);
      assert.equal(wire.heldBytes, before);
    }
  }
});

test("WireReader demands the bitfield of the torrent once its piece count is known", () => {
  for (const [pieceCount, bytes] of [
    [1, 1],
    [8, 1],
    [9, 2],
    [16, 2],
    [17, 3],
  ] as const) {
    const exact = reader();
    exact.wire.setPieceCount(pieceCount);
    const message = encodeBitfield(Buffer.alloc(bytes));
    exact.wire.read(message, message.length);
    assert.deepEqual(exact.handler.calls, [`bitfield ${"00".repeat(bytes)}`]);
    for (const wrong of [bytes - 1, bytes + 1]) {
      const { wire } = reader();
      wire.setPieceCount(pieceCount);
      const message = encodeBitfield(Buffer.alloc(wrong));
      assert.throws(() => wire.read(message, message.length), { code: "wire.length" });
    }
  }
});

test("WireReader refuses a late have none and a second have all", () => {
  const [all, none] = [encodeBare("haveAll"), encodeBare("haveNone")];
  for (const pair of [
    [encodeBitfield(Buffer.from([0xa0])), none],
    [all, none],
    [none, none],
    [all, all],
  ]) {
    const { handler, wire } = reader();
    const bytes = Buffer.concat(pair);
    assert.throws(() => wire.read(bytes, bytes.length), { code: "wire.order" });
    assert.equal(handler.calls.length, 1);
  }
});

test("WireReader takes a bitfield and have all later on, as aria2 sends them in the place of many have", () => {
  const { handler, wire } = reader();
  const bitfield = encodeBitfield(Buffer.from([0xa0]));
  const bytes = Buffer.concat([encodeBare("haveNone"), encodeHave(3), bitfield, bitfield, encodeBare("haveAll")]);
  wire.read(bytes, bytes.length);
  assert.deepEqual(handler.calls, ["haveNone", "have 3", "bitfield a0", "bitfield a0", "haveAll"]);
});

test("WireReader refuses the messages of extensions that were not agreed upon", () => {
  const fast = [
    encodeSuggest(1),
    encodeBare("haveAll"),
    encodeBare("haveNone"),
    encodeReject(1, 2, 3),
    encodeAllowedFast(1),
  ];
  for (const message of fast) {
    const { handler, wire } = reader({ fast: false, extension: true });
    assert.throws(() => wire.read(message, message.length), { code: "wire.extension" });
    assert.deepEqual(handler.calls, []);
  }
  const { wire } = reader({ fast: true, extension: false });
  const message = encodeExtended(0, Buffer.from("de"));
  assert.throws(() => wire.read(message, message.length), { code: "wire.extension" });
});

test("WireReader holds little for a long message that does not come", () => {
  const { wire } = reader();
  const before = wire.heldBytes;
  const head = rawMessage(MessageId.bitfield, PIECE_COUNT_MAX / 8);
  wire.read(head, 6);
  assert.equal(wire.heldBytes, before + GATHER_FIRST_BYTES);
  for (let at = 6; at < head.length; at += 1000) {
    const end = Math.min(at + 1000, head.length - 1);
    wire.read(head, end, at);
    assert.ok(wire.heldBytes <= before + Math.max(GATHER_FIRST_BYTES, 2 * end), `${wire.heldBytes} at ${end}`);
  }
  wire.read(head, head.length, head.length - 1);
  assert.equal(wire.heldBytes, before);
});

test("WireReader throws nothing but WireError at garbage and holds no more than it was sent", () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.integer({ min: 0, max: 24 }), fc.nat(70), fc.uint8Array({ maxLength: 90 }))
      .map(([id, length, rest]) => Buffer.concat([Buffer.from([0, 0, 0, length, id]), rest])),
  );
  fc.assert(
    fc.property(fc.array(garbage, { maxLength: 8 }), (parts) => {
      const { wire } = reader();
      const before = wire.heldBytes;
      let sent = 0;
      try {
        for (const part of parts) {
          sent += part.length;
          wire.read(part, part.length);
          assert.ok(wire.heldBytes <= before + Math.max(GATHER_FIRST_BYTES, 2 * sent));
        }
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
        assert.equal(wire.stopped, true);
      }
    }),
    { numRuns: 500 },
  );
});
