import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ThreadTime } from "./thread-time.ts";

const canTell = process.platform === "linux";
test("waitedMs() grows where threads wait for processors", { skip: !canTell && "needs /proc" }, async () => {
  const time = new ThreadTime();
  const first = time.waitedMs();
  assert.ok(first >= 0 && Number.isFinite(first), String(first));
  const others = Array.from({ length: availableParallelism() * 2 }, () => new Worker("for (;;);", { eval: true }));
  try {
    const endsAt = performance.now() + 20_000;
    while (time.waitedMs() < first + 5 && performance.now() < endsAt) await new Promise((done) => setImmediate(done));
    assert.ok(time.waitedMs() >= first + 5, `it waited ${time.waitedMs() - first} ms`);
  } finally {
    await Promise.all(others.map((other) => other.terminate()));
  }
  time[Symbol.dispose]();
  time[Symbol.dispose]();
  assert.equal(time.waitedMs(), 0, "nothing is told once it is closed");
});
