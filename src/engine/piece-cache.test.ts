import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_CACHE_BYTES, systemClock } from "../core/index.ts";
import type { PieceIndex } from "../core/index.ts";
import { BufferPool } from "../storage/index.ts";
import type { PieceStore } from "../storage/index.ts";
import { PieceCache } from "./piece-cache.ts";

const PIECE_BYTES = 1_048_576;

function cacheOf(pool: BufferPool): { cache: PieceCache; read: (piece: number) => Promise<boolean> } {
  let loaded = Promise.withResolvers<void>();
  const cache = new PieceCache({
    pool,
    store: { readPiece: async () => {} } as unknown as PieceStore,
    lengthOf: () => PIECE_BYTES,
    onLoaded: () => loaded.resolve(),
    clock: systemClock,
    onReadError: (_piece, error) => loaded.reject(error),
  });
  const read = async (piece: number): Promise<boolean> => {
    loaded = Promise.withResolvers();
    if (!cache.load(piece as PieceIndex)) return false;
    await loaded.promise;
    return true;
  };
  return { cache, read };
}

test("PieceCache gets memory for its first piece from the caches of torrents that nobody asks any more", async () => {
  const cacheCount = 3;
  const pool = new BufferPool({ budgetBytes: cacheCount * PIECE_CACHE_BYTES });
  const idle = Array.from({ length: cacheCount }, () => cacheOf(pool));
  const pieces = PIECE_CACHE_BYTES / PIECE_BYTES;
  for (const { read } of idle) for (let piece = 0; piece < pieces; piece++) assert.ok(await read(piece));
  assert.equal(pool.usedBytes, pool.budgetBytes);
  const { cache, read } = cacheOf(pool);
  for (let piece = 0; piece < pieces; piece++) assert.ok(await read(piece), `piece ${piece}`);
  const fairShare = pool.budgetBytes / (cacheCount + 1);
  for (const { heldBytes } of [cache, ...idle.map((one) => one.cache)]) {
    assert.ok(Math.abs(heldBytes - fairShare) <= PIECE_BYTES, `${heldBytes} of ${fairShare}`);
  }
  for (const one of [cache, ...idle.map((each) => each.cache)]) one.clear();
  assert.equal(pool.usedBytes, 0);
  assert.ok(!pool.reclaim(), "who is closed holds nothing");
});
