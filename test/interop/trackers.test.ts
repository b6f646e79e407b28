// Our tracker as libtorrent sees it, over HTTP and UDP: it is all that both ends know of each other.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise, scratchFolder, sha256 } from "../processes/payloads.ts";
import { missing } from "../processes/clients/installed.ts";
import { Libtorrent } from "../processes/clients/libtorrent.ts";
import { create, get, seed, tracker } from "../processes/upswarm.ts";

const root = scratchFolder();
const skip = missing("libtorrent");
const payload = join(root, "update.bin");
writeFileSync(payload, noise(700_001));
const wanted = sha256(payload);

for (const kind of ["http", "udp"] as const) {
  for (const format of ["v1", "v2", "hybrid"] as const) {
    const name = `${kind}-${format}`;

    test(`libtorrent and get find each other by the ${kind} tracker: ${format}`, { skip }, async () => {
      const { child, ...urls } = await tracker();
      await using tracking = child;
      const file = join(root, `${name}.torrent`);
      await create(payload, file, "--format", format, "--tracker", urls[kind]);
      await using theirSeed = new Libtorrent({ torrent: file, folder: root, seed: true });
      await theirSeed.event("tracker_reply");
      const here = join(root, `get-${name}`);
      await using getting = get(file, here);
      await getting.result();
      assert.equal(sha256(join(here, "update.bin")), wanted);
      await checkStop(tracking, kind);
    });

    test(`libtorrent finds seed by the ${kind} tracker: ${format}`, { skip }, async () => {
      const { child, ...urls } = await tracker();
      await using tracking = child;
      const file = join(root, `seed-${name}.torrent`);
      await create(payload, file, "--format", format, "--tracker", urls[kind]);
      await using _seeding = (await seed(file, payload)).child;
      const there = join(root, `lt-${name}`);
      await using theirs = new Libtorrent({ torrent: file, folder: there });
      await theirs.event("tracker_reply");
      await theirs.event("finished");
      assert.equal(sha256(join(there, "update.bin")), wanted);
      await checkStop(tracking, kind);
    });
  }
}

/** The tracker ends well, and counted announces of its kind. */
async function checkStop(tracking: { stop<T extends object>(): Promise<T> }, kind: "http" | "udp"): Promise<void> {
  const totals = await tracking.stop<{ announces: number; connects: number; refused: number }>();
  assert.ok(totals.announces >= 2, `${totals.announces} announces`);
  assert.equal(totals.refused, 0);
  assert.equal(totals.connects > 0, kind === "udp");
}
