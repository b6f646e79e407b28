import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapStatistics } from "node:v8";
import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import { encodeHave, writePieceHeader } from "./messages.ts";
import { RecordingHandler } from "./recording-handler.ts";
import { WireReader } from "./wire-reader.ts";

const ALL = { fast: true, extension: true };

function blockMessage(index: number, begin: number, block: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  writePieceHeader(header, 0, index, begin, block.length);
  return Buffer.concat([header, block]);
}

function patterned(length: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff));
}

/** Counts without recording: what the engine's own handler is like. */
class CountingHandler extends RecordingHandler {
  blocks = 0;
  override pieceStart(_index: number, begin: number): boolean {
    this.pieceTargetOffset = begin;
    return true;
  }
  override pieceEnd(): void {
    this.blocks += 1;
  }
}

test("WireReader copies blocks to their places in shared memory and touches nothing beside them", () => {
  const handler = new CountingHandler();
  handler.pieceTarget = Buffer.from(new SharedArrayBuffer(3 * BLOCK_LENGTH_BYTES)).fill(0xaa);
  const wire = new WireReader(handler, ALL);
  const last = patterned(100, 1);
  const first = patterned(BLOCK_LENGTH_BYTES, 2);
  const bytes = Buffer.concat([blockMessage(0, 2 * BLOCK_LENGTH_BYTES, last), blockMessage(0, 0, first)]);
  const receive = Buffer.alloc(1000);
  for (let at = 0; at < bytes.length; at += receive.length) {
    const count = bytes.copy(receive, 0, at, at + receive.length);
    wire.read(receive, count);
  }
  assert.equal(handler.blocks, 2);
  const gap = Buffer.alloc(BLOCK_LENGTH_BYTES, 0xaa);
  const rest = Buffer.alloc(BLOCK_LENGTH_BYTES - 100, 0xaa);
  assert.ok(handler.pieceTarget.equals(Buffer.concat([first, gap, last, rest])));
});

test("WireReader skips a block that is unwanted and goes on after it", () => {
  const handler = new RecordingHandler();
  handler.wantsBlock = (index): boolean => index !== 1;
  const wire = new WireReader(handler, ALL);
  const block = patterned(50, 0);
  const bytes = Buffer.concat([blockMessage(1, 0, block), encodeHave(3), blockMessage(2, 0, block)]);
  for (let at = 0; at < bytes.length; at += 20) wire.read(bytes, Math.min(at + 20, bytes.length), at);
  assert.deepEqual(
    handler.calls.map((call) => call.split(" ").slice(0, 2).join(" ")),
    ["pieceStart 1", "have 3", "pieceStart 2", "pieceEnd 2"],
  );
});

test("WireReader.discardBlock() leaves the target alone from then on", () => {
  const handler = new CountingHandler();
  handler.pieceTarget = Buffer.alloc(BLOCK_LENGTH_BYTES);
  const wire = new WireReader(handler, ALL);
  const bytes = Buffer.concat([blockMessage(0, 0, Buffer.alloc(BLOCK_LENGTH_BYTES, 1)), encodeHave(7)]);
  wire.read(bytes, 13 + 100);
  assert.equal(wire.blockInProgress, true);
  wire.discardBlock();
  handler.pieceTarget.fill(2);
  wire.read(bytes, bytes.length, 13 + 100);
  assert.ok(handler.pieceTarget.equals(Buffer.alloc(BLOCK_LENGTH_BYTES, 2)));
  assert.equal(handler.blocks, 0);
  assert.deepEqual(handler.calls, ["have 7"]);
});

test("WireReader keeps the target it was given, whatever the handler's fields say meanwhile", () => {
  const handler = new CountingHandler();
  const mine = Buffer.alloc(10);
  const other = Buffer.alloc(10);
  handler.pieceTarget = mine;
  const wire = new WireReader(handler, ALL);
  const bytes = blockMessage(0, 0, Buffer.alloc(10, 1));
  wire.read(bytes, 15);
  handler.pieceTarget = other;
  wire.read(bytes, bytes.length, 15);
  assert.deepEqual([mine, other], [Buffer.alloc(10, 1), Buffer.alloc(10)]);
});

test("WireReader takes a target that is too short for a bug of its owner", () => {
  const handler = new CountingHandler();
  handler.pieceTarget = Buffer.alloc(9);
  const wire = new WireReader(handler, ALL);
  const bytes = blockMessage(0, 0, Buffer.alloc(10, 1));
  assert.throws(() => wire.read(bytes, bytes.length), { name: "AssertionError" });
});

test("WireReader makes no buffer for a block, and next to no garbage", (t) => {
  const handler = new CountingHandler();
  handler.pieceTarget = Buffer.from(new SharedArrayBuffer(BLOCK_LENGTH_BYTES));
  const wire = new WireReader(handler, ALL);
  // Two blocks and a half in a read, so that headers and blocks are cut in every way that a busy socket cuts them.
  const stream = Buffer.concat(Array.from({ length: 5 }, () => blockMessage(1, 0, patterned(BLOCK_LENGTH_BYTES, 3))));
  const cut = 2 * (BLOCK_LENGTH_BYTES + 13) + 7;
  const deliver = (blocks: number): void => {
    for (let count = 0; count < blocks; count += 5) {
      wire.read(stream, cut);
      wire.read(stream, stream.length, cut);
    }
  };
  const views = t.mock.method(Buffer.prototype, "subarray");
  const made = [t.mock.method(Buffer, "alloc"), t.mock.method(Buffer, "allocUnsafe"), t.mock.method(Buffer, "from")];
  // The engine allocates while it compiles, so the best of some rounds counts; a view a block would show in each.
  const bytesPerBlock = Array.from({ length: 10 }, () => {
    const before = getHeapStatistics().total_allocated_bytes;
    deliver(10_000);
    return (getHeapStatistics().total_allocated_bytes - before) / 10_000;
  });
  assert.equal(handler.blocks, 100_000);
  assert.deepEqual(
    [views, ...made].map(({ mock }) => mock.callCount()),
    [0, 0, 0, 0],
  );
  // A view alone is about 100 bytes.
  assert.ok(Math.min(...bytesPerBlock) < 64, `bytes a block: ${bytesPerBlock.join(", ")}`);
});
