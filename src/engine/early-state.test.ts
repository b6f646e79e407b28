import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_COUNT_MAX } from "../core/index.ts";
import { EarlyState } from "./early-state.ts";

test("EarlyState refuses pieces that no torrent has, and what does not fit the torrent that it was", () => {
  const early = new EarlyState();
  assert.throws(() => early.have(PIECE_COUNT_MAX), { code: "wire.length" });
  early.have(20);
  assert.throws(() => early.told(20), { code: "wire.length" });
  const long = new EarlyState();
  long.pieces(Buffer.alloc(3));
  assert.throws(() => long.told(8), { code: "wire.length" });
  const spare = new EarlyState();
  spare.pieces(Buffer.from([0xff]));
  assert.throws(() => spare.told(7), { code: "wire.length" });
});

test("EarlyState.told() is what was said, in whatever order it was said", () => {
  const early = new EarlyState();
  assert.equal(early.told(16), null);
  early.pieces("none");
  assert.equal(early.told(16), "none");
  early.have(9);
  assert.deepEqual(early.told(16), Uint8Array.of(0, 0x40));
  early.pieces(Buffer.from([0x80, 0x01]));
  assert.deepEqual(early.told(16), Uint8Array.of(0x80, 0x41));
  early.dontHave(0);
  early.dontHave(9);
  assert.deepEqual(early.told(16), Uint8Array.of(0, 0x01));
  early.pieces("all");
  assert.equal(early.told(16), "all");
});
