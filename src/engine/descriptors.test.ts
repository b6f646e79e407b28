import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Endpoint } from "../core/index.ts";
import { StorageWorkers } from "../storage/index.ts";
import {
  assertDelivered,
  download,
  next,
  openSession,
  publish,
  seed,
  until,
  type Published,
} from "./engine-fixture.test.ts";

/** Threads that are out of descriptors for their first so many files. */
function shortOfDescriptors(t: TestContext, times: number): StorageWorkers {
  const workers = new StorageWorkers({ count: 1, faults: [{ call: "open", code: "EMFILE", times }] });
  t.after(() => workers[Symbol.asyncDispose]());
  return workers;
}

async function seeds(t: TestContext, payload: Published, count: number): Promise<Endpoint[]> {
  const all = Array.from({ length: count }, () => seed(t, payload, { maxUploadRate: 200_000 }));
  return (await Promise.all(all)).map(({ endpoint }) => endpoint);
}

test("for want of descriptors half of the connections close, and the download goes on by itself", async (t) => {
  const payload = await publish(t);
  const peers = await seeds(t, payload, 4);
  const events: string[] = [];
  const log = { write: (_level: string, event: string) => void events.push(event) };
  const session = await openSession(t, { workers: shortOfDescriptors(t, 3), log });
  const { torrent } = await download(t, payload.metainfo, peers, {}, session);
  const warnings: unknown[] = [];
  torrent.on("warning", (error) => warnings.push(error));
  await until(() => events.includes("torrent.descriptors-short"), "connections make room");
  await until(() => torrent.stats().peers <= 2, "half of the connections are closed");
  await assertDelivered(torrent, payload);
  assert.ok(torrent.stats().peers <= 2, "none was added");
  assert.deepEqual(warnings, []);
});

test("with one connection there is nothing to close: that there are too few descriptors is a warning", async (t) => {
  const payload = await publish(t);
  const peers = await seeds(t, payload, 1);
  const session = await openSession(t, { workers: shortOfDescriptors(t, 1) });
  const { torrent } = await download(t, payload.metainfo, peers, {}, session);
  const warning = (await next(torrent, "warning")) as { code: string };
  assert.equal(warning.code, "storage.open-files");
  torrent.retry();
  await assertDelivered(torrent, payload);
});
