import assert from "node:assert/strict";
import { test } from "node:test";
import type { TcpConnection } from "../net/index.ts";
import { BufferPool } from "../storage/index.ts";
import { encodeHave } from "../wire/index.ts";
import { Outbox } from "./outbox.ts";

test("blocks that have left are told and give their memory back; small messages alone are not told", () => {
  const sent: { bytes: number; flushed: (() => void) | null }[] = [];
  const connection: Pick<TcpConnection, "writeAll"> = {
    writeAll: (parts, flushed) => sent.push({ bytes: Buffer.concat(parts).length, flushed }),
  };
  let told = 0;
  const outbox = new Outbox();
  const flush = (): void => outbox.flush(connection as TcpConnection, () => told++);
  outbox.push(encodeHave(1));
  flush();
  assert.deepEqual([...sent], [{ bytes: 9, flushed: null }]);

  const pool = new BufferPool({ budgetBytes: 65_536 });
  const buffer = pool.acquire(32_768);
  assert.ok(buffer !== null);
  outbox.pushRun(buffer, 0, 0, 32_768);
  outbox.push(encodeHave(2));
  flush();
  buffer.release();
  assert.ok(pool.usedBytes > 0, "what is being sent is held");
  assert.equal(sent[1]?.bytes, 2 * (13 + 16_384) + 9);
  sent[1]?.flushed?.();
  assert.equal(told, 1);
  assert.equal(pool.usedBytes, 0);
});
