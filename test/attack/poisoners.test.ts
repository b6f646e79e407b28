// Peers that send other bytes, one in ten and every other one. What it costs in time is measured by scripts/poison.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { contentsOf } from "../../src/engine/engine-fixture.test.ts";
import { poisonedDownload } from "./poisoned-swarm.ts";

async function checkPoisoned(t: TestContext, liarCount: number): Promise<void> {
  const options = { honestCount: 10 - liarCount, liarCount, lengthBytes: 8_000_001 };
  const { torrent, payload, finalPath, heardLiars } = await poisonedDownload(t, options);
  assert.deepEqual(await contentsOf(finalPath), await contentsOf(payload.path));
  const { bannedPeers, bytes } = torrent.stats();
  assert.ok(heardLiars > 0, "a liar was asked");
  assert.ok(bytes.hashFailed > 0, "and lied");
  // Every liar that was asked, and nobody else.
  assert.equal(bannedPeers, heardLiars);
  assert.equal(bytes.sitePeers + bytes.otherPeers, options.lengthBytes);
}

test("with 10 % liars a download completes, no bad byte is ever seen, and the liar is banned", async (t) => {
  await checkPoisoned(t, 1);
});

test("with 50 % liars a download completes, no bad byte is ever seen, and the liars are banned", async (t) => {
  await checkPoisoned(t, 5);
});
