import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BufferPool, type PieceBuffer } from "./buffer-pool.ts";

const KIB = 1024;

test("acquire() refuses beyond the budget and tells when memory is back", async () => {
  const pool = new BufferPool({ budgetBytes: 64 * KIB });
  const a = pool.acquire(32 * KIB);
  const b = pool.acquire(20 * KIB);
  assert(a !== null && b !== null);
  assert.equal(b.bytes.length, 20 * KIB);
  assert.equal(pool.usedBytes, 64 * KIB, "sizes are rounded up to a power of two");
  let calls = 0;
  const unsubscribe = pool.onAvailable(() => calls++);
  a.release();
  await Promise.resolve();
  assert.equal(calls, 0, "nobody was refused");
  const again = pool.acquire(32 * KIB);
  assert.equal(pool.acquire(1), null);
  again?.release();
  assert.equal(calls, 0, "never inside release");
  await Promise.resolve();
  assert.equal(calls, 1);
  unsubscribe();
  const c = pool.acquire(32 * KIB);
  assert.equal(pool.acquire(1), null);
  c?.release();
  b.release();
  await Promise.resolve();
  assert.equal(calls, 1);
  assert.equal(pool.usedBytes, 0);
});

test("acquire() grants one buffer larger than the budget when none is in use", () => {
  const pool = new BufferPool({ budgetBytes: 64 * KIB });
  const small = pool.acquire(1);
  assert.equal(pool.acquire(1024 * KIB), null);
  small?.release();
  const large = pool.acquire(1024 * KIB);
  assert.equal(large?.bytes.length, 1024 * KIB);
  assert.equal(pool.acquire(1), null);
  large?.release();
});

test("memory is recycled within its size class", () => {
  const pool = new BufferPool({ budgetBytes: 256 * KIB });
  const a = pool.acquire(60 * KIB);
  const memory = a?.bytes.buffer;
  assert(memory instanceof SharedArrayBuffer);
  a?.release();
  assert.equal(pool.acquire(16 * KIB)?.bytes.buffer === memory, false);
  assert.equal(pool.acquire(64 * KIB)?.bytes.buffer, memory);
});

test("a buffer lives until its last reference is released, and is not released twice", () => {
  const pool = new BufferPool({ budgetBytes: 16 * KIB });
  const buffer = pool.acquire(1);
  assert(buffer !== null);
  buffer.retain();
  buffer.release();
  assert.equal(pool.acquire(1), null);
  buffer.release();
  assert.throws(() => buffer.release(), /released too often/);
  assert.throws(() => buffer.retain(), /was retained/);
  assert(pool.acquire(1) !== null);
});

test("whatever is acquired and released, the budget holds and no two buffers share memory", () => {
  const step = fc.oneof(
    fc.record({ acquire: fc.integer({ min: 1, max: 200 * KIB }) }),
    fc.record({ release: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new BufferPool({ budgetBytes: 512 * KIB });
      const out: PieceBuffer[] = [];
      for (const now of steps) {
        const buffer = "acquire" in now ? pool.acquire(now.acquire) : null;
        if (buffer !== null) out.push(buffer);
        if ("release" in now) out.splice(now.release % Math.max(out.length, 1), 1)[0]?.release();
        assert(pool.usedBytes <= 512 * KIB && pool.peakBytes <= 512 * KIB);
        assert.equal(new Set(out.map(({ bytes }) => bytes.buffer)).size, out.length);
      }
      for (const buffer of out) buffer.release();
      assert.equal(pool.usedBytes, 0);
    }),
  );
});
