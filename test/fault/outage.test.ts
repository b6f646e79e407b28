// Short outages; `npm run fault -- outage` has them last a minute, and the cable is out in test/interop/outage.test.ts.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise, scratchFolder, treeOf } from "../processes/payloads.ts";
import { create, get, seed, tracker } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { runOutage } from "./outage.ts";

const OUTAGE_MS = 2_000;

for (const [name, what] of [
  ["seed-suspended", "whose seed was suspended"],
  ["get-suspended", "that was suspended itself"],
] as const) {
  test(`a download ${what} goes on by itself and is whole`, async (t) => {
    const { flowsAfterMs, duplicateBytes } = await runOutage(name, OUTAGE_MS);
    t.diagnostic(`bytes flow ${Math.round(flowsAfterMs)} ms after; ${duplicateBytes} came twice`);
  });
}

test("a tracker that is gone is told of once, and the swarm goes on without it", async () => {
  const root = scratchFolder();
  const payload = join(root, "release");
  mkdirSync(payload);
  writeFileSync(join(payload, "data"), noise(3_000_000));
  const file = join(root, "release.torrent");
  const tracking = await tracker();
  await using trackerChild = tracking.child;
  await create(payload, file, "--tracker", tracking.http, "--piece-length", "64KiB");
  const local = ["--local-discovery", "off", "--allow-loopback-tracker-path"];
  const { child } = await seed(file, payload, "--max-upload", "1MB/s", ...local);
  await using seeding = child;
  await using getting = get(file, join(root, "received"), ...local);
  await getting.progress(({ phase, doneBytes }) => phase === "downloading" && doneBytes > 0);
  trackerChild.kill("SIGKILL");
  const { bytes } = await getting.result<GetResult>();
  assert.equal(bytes.sitePeers, 3_000_000);
  assert.deepEqual(treeOf(join(root, "received", "release")), treeOf(payload));
  for (const { err } of [seeding, getting]) {
    const told = err.split("\n").filter((line) => line.includes("tracker.failed"));
    assert.ok(told.length <= 1, told.join("\n"));
  }
  // Nobody was told yet: who comes now asks a tracker that is not there, and says so.
  await using late = get(file, join(root, "late"), ...local);
  const failed = /warn +tracker\.failed .*cannot be reached/;
  await late.until("the tracker's failure", ({ err }) => (failed.test(err) ? true : undefined));
});
