import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { FileTimes } from "./file-times.ts";

test("isOurs() knows the time of the last write of any thread, and of no other file", () => {
  const times = FileTimes.of([{ sizeBytes: 1, modifiedNs: 5n }, null, { sizeBytes: 1, modifiedNs: 7n }]);
  const other = new FileTimes(times.memory);
  other.wrote(2, 2n ** 62n);
  assert.deepEqual([times.isOurs(0, 5n), times.isOurs(0, 6n), times.isOurs(2, 2n ** 62n)], [true, false, true]);
});

test("a file has one writer at a time, until a thread ended that may have held it", async () => {
  const times = FileTimes.of([null]);
  assert.equal(times.hold(0), true);
  const waiting = new Worker(
    `const { FileTimes } = await import(${JSON.stringify(new URL("./file-times.ts", import.meta.url).href)});
     const { parentPort, workerData } = await import("node:worker_threads");
     parentPort.postMessage("waits");
     parentPort.postMessage(new FileTimes(workerData).hold(0));`,
    { eval: true, workerData: times.memory },
  );
  const said: unknown[] = [];
  const ended = new Promise((resolve) => waiting.once("exit", resolve));
  const begun = new Promise((resolve) => waiting.once("message", resolve));
  waiting.on("message", (message) => said.push(message));
  await begun;
  assert.deepEqual(said, ["waits"]);
  times.abandon();
  await ended;
  assert.deepEqual(said, ["waits", false]);
  times.release(0);
  assert.equal(times.hold(0), false, "what was abandoned stays so");
});
