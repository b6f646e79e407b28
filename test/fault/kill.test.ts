// A `get` that is killed (-9) ten times at random moments of one download, and once more when its last byte arrives. It is
// watched on the wire, between it and the only seed.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/core/index.ts";
import { parseMetainfo } from "../../src/metainfo/index.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { WireTap } from "../processes/wire-tap.ts";
import { GetRun } from "./get-run.ts";

const KILLS = 10;

const root = scratchFolder();
const received = join(root, "received");
const artifact = join(received, "release");

test("get, killed ten times and once at its last byte, resumes, and is sent again only what was in flight", async (t) => {
  const seedNumber = Number(process.env["UPSWARM_TEST_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`UPSWARM_TEST_SEED=${seedNumber}`);
  const random = seededRandom(seedNumber);
  const published = writeFolder(join(root, "release"), { largeBytes: 24_000_000 });
  const tree = treeOf(published);
  const file = join(root, "release.torrent");
  await create(published, file, "--piece-length", "64KiB");
  const { layout } = parseMetainfo(readFileSync(file));
  const { child, peer } = await seed(file, published, "--max-upload", "16MB/s");
  await using seeding = child;
  await using tap = await WireTap.open(peer);

  let sentBytes = 0;
  let inFlightBytes = 0;
  let kills = 0;
  const announced = new Set<number>();
  for (let round = 0; round <= KILLS; round++) {
    const run = new GetRun(layout);
    const isLast = round === KILLS;
    const leftBytes = Math.max(1, layout.lengthBytes - sentBytes);
    const killAtBytes = random.int(Math.ceil((2 * leftBytes) / (KILLS - round + 2)));
    await using getting = get(file, received, "--peer", tap.listen);
    let isKilled = false;
    tap.onMessage = (message) => {
      if (isKilled) return;
      run.see(message);
      assert.equal(existsSync(artifact), false, "nothing stands under the final name before it is whole");
      isKilled = isLast ? run.isAll : run.receivedBytes >= killAtBytes;
      if (isKilled) getting.kill("SIGKILL");
    };
    await getting.ended;
    const again = [...run.whole].filter((piece) => announced.has(piece));
    assert.deepEqual(again, [], "no piece is sent again that was announced before");
    for (const piece of run.announced) announced.add(piece);
    kills += isKilled ? 1 : 0;
    sentBytes += run.receivedBytes;
    inFlightBytes += run.inFlightBytes;
    if (existsSync(artifact)) assert.deepEqual(treeOf(artifact), tree, "what has the final name is whole");
  }
  assert.equal(kills, KILLS + 1);
  assert.ok(announced.size > layout.pieceCount / 2, `${announced.size} of ${layout.pieceCount} pieces were announced`);

  tap.onMessage = () => {};
  await using finishing = get(file, received, "--peer", tap.listen);
  const { bytes } = await finishing.result<GetResult>();
  assert.deepEqual(treeOf(artifact), tree);
  assert.equal(bytes.local + bytes.sitePeers, layout.lengthBytes);
  assert.deepEqual(readdirSync(received), ["release"], "no .part, journal or lock is left");

  const { uploadedBytes } = await seeding.stop<{ uploadedBytes: number }>();
  const againBytes = uploadedBytes - layout.lengthBytes;
  t.diagnostic(`of ${layout.lengthBytes} bytes ${againBytes} were sent again; in flight: at most ${inFlightBytes}`);
  assert.ok(againBytes >= 0 && againBytes <= inFlightBytes, `${againBytes} bytes were sent again`);
});
