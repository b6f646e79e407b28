import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecordSlab } from "./record-slab.ts";

const sizes = fc.constantFrom(4, 8, 16, 32);

test("RecordSlab never gives the same memory to two, in whatever order blocks come and go", () => {
  const steps = fc.array(fc.record({ records: sizes, freeFirst: fc.boolean(), at: fc.nat() }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (script) => {
      const slab = new RecordSlab(3);
      const held: { block: number; records: number; mark: number }[] = [];
      script.forEach(({ records, freeFirst, at }, step) => {
        if (freeFirst && held.length > 0) {
          const [freed] = held.splice(at % held.length, 1);
          if (freed !== undefined) slab.free(freed.block, freed.records);
        }
        const block = slab.allocate(records);
        slab.words(block).fill(step, slab.base(block), slab.base(block) + records * 3);
        held.push({ block, records, mark: step });
      });
      for (const { block, records, mark } of held) {
        const own = slab.words(block).subarray(slab.base(block), slab.base(block) + records * 3);
        assert.ok(own.every((word) => word === mark));
      }
    }),
    { numRuns: 60 },
  );
});

test("RecordSlab joins what was freed: a page that was full of small blocks serves large ones", () => {
  const slab = new RecordSlab(4);
  const small = Array.from({ length: 1024 }, () => slab.allocate(4));
  const full = slab.sizeBytes;
  for (const block of small) slab.free(block, 4);
  for (let count = 0; count < 128; count++) slab.allocate(32);
  assert.equal(slab.sizeBytes, full);
  slab.allocate(4);
  assert.equal(slab.sizeBytes, 2 * full);
});

test("10,000 swarms that grow side by side leave little behind", () => {
  const slab = new RecordSlab(4);
  let blocks = Array.from({ length: 10_000 }, () => slab.allocate(4));
  for (const records of [8, 16]) {
    blocks = blocks.map((block) => {
      const larger = slab.allocate(records);
      slab.free(block, records / 2);
      return larger;
    });
  }
  assert.ok(slab.sizeBytes < 1.05 * 10_000 * 16 * 16, `${slab.sizeBytes}`);
});
