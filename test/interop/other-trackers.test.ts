// Trackers of others, over HTTP and UDP: they are all that a seed and a download of ours know of each other.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { missing } from "../processes/clients/installed.ts";
import { bittorrentTracker, opentracker } from "../processes/clients/trackers.ts";
import { freePort } from "../processes/free-port.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { get, seed } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { Release } from "./release.ts";

const root = scratchFolder();
const LENGTH_BYTES = 500_001;
const quiet = ["--local-discovery", "off"];

for (const [index, name] of (["opentracker", "bittorrent-tracker"] as const).entries()) {
  for (const [at, scheme] of (["http", "udp"] as const).entries()) {
    test(`get and seed find each other by ${name} over ${scheme}`, { skip: missing(name) }, async () => {
      const release = await Release.make(root, 600 + 2 * index + at, LENGTH_BYTES);
      const port = await freePort();
      const infoHashes = release.infoHashes.map((infoHash) => infoHash.slice(0, 40));
      await using tracker = name === "opentracker" ? opentracker(port, infoHashes) : bittorrentTracker(port);
      await accepting(port);
      const { hybrid } = release.torrents({ trackers: [`${scheme}://127.0.0.1:${port}/announce`] });
      await using _seeding = (await seed(hybrid, release.path, ...quiet)).child;
      const into = `${release.folder}/got`;
      await using getting = get(hybrid, into, ...quiet);
      const { bytes } = await getting.result<GetResult>();
      assert.deepEqual([bytes.sitePeers, bytes.hashFailed], [LENGTH_BYTES, 0]);
      assert.equal(release.receivedIn(into), release.sha256);
      assert.equal(tracker.process.exitCode, null, "the tracker is still there");
      rmSync(into, { recursive: true });
    });
  }
}

/** Resolves when something accepts connections there: neither tracker says so. */
async function accepting(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const deadline = setTimeout(() => reject(new Error(`nothing listens on port ${port}`)), 20_000);
  const attempt = (): void => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", () => setTimeout(attempt, 50));
  };
  attempt();
  await promise;
  clearTimeout(deadline);
}
