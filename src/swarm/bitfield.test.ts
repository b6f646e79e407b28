import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bitfield } from "./bitfield.ts";

test("Bitfield.isValid() refuses a wrong length and any spare bit", () => {
  assert.ok(Bitfield.isValid(Uint8Array.of(0xff, 0x80), 9));
  assert.ok(Bitfield.isValid(Uint8Array.of(0xff), 8));
  assert.ok(!Bitfield.isValid(Uint8Array.of(0xff), 9));
  assert.ok(!Bitfield.isValid(Uint8Array.of(0xff, 0, 0), 9));
  for (const spare of [0x40, 0x01]) assert.ok(!Bitfield.isValid(Uint8Array.of(0xff, 0x80 | spare), 9));
});

test("Bitfield leaves spare bits and bytes of its source out, so that full means every piece", () => {
  const field = new Bitfield(9, Uint8Array.of(0xff, 0xff, 0xff));
  assert.equal(field.count, 9);
  assert.ok(field.isFull);
  assert.deepEqual([...field.bytes], [0xff, 0x80]);
  assert.ok(!field.has(9) && !field.has(-1) && !field.has(1_000));
  const all = new Bitfield(9);
  all.addAll();
  assert.deepEqual(all.bytes, field.bytes);
});

test("Bitfield copies its source", () => {
  const source = Uint8Array.of(0);
  const field = new Bitfield(8, source);
  field.add(0);
  assert.equal(source[0], 0);
});

test("Bitfield is a set that knows its size, after any history", () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const field = new Bitfield(21);
      const model = new Set<number>();
      for (const [adds, piece] of steps) {
        assert.equal(adds ? field.add(piece) : field.delete(piece), adds ? !model.has(piece) : model.has(piece));
        if (adds) model.add(piece);
        else model.delete(piece);
      }
      assert.equal(field.count, model.size);
      for (let piece = 0; piece < 21; piece++) assert.equal(field.has(piece), model.has(piece));
      const copy = new Bitfield(21, field.bytes);
      assert.equal(copy.count, model.size);
      assert.ok(Bitfield.isValid(field.bytes, 21));
      field.clear();
      assert.equal(field.count, 0);
    }),
  );
});
