// Private torrents (BEP 27) on the wire: no peer exchange is offered or sent, and nothing is said on the local network. A
// public torrent beside it shows that the test would have heard.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { decode } from "../../src/bencode/index.ts";
import type { BencodeDict } from "../../src/bencode/index.ts";
import { Child } from "../processes/child.ts";
import { missing } from "../processes/clients/installed.ts";
import { Network } from "../processes/network.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { get, seed, Upswarm } from "../processes/upswarm.ts";
import { WireTap } from "../processes/wire-tap.ts";
import { Release } from "./release.ts";

const root = scratchFolder();
const EXTENDED_ID = 20;
const listener = fileURLToPath(new URL("../processes/lsd-listener.js", import.meta.url));

for (const [index, kind] of (["private", "public"] as const).entries()) {
  test(`a ${kind} torrent ${kind === "private" ? "offers no" : "offers"} peer exchange`, async () => {
    const release = await Release.make(root, 700 + index, 300_001, ...(kind === "private" ? ["--private"] : []));
    const { hybrid } = release.torrents();
    const { child, peer } = await seed(hybrid, release.path, "--local-discovery", "off");
    await using _seeding = child;
    await using tap = await WireTap.open(peer);
    const offers = new Map<string, boolean>();
    let exchangeCount = 0;
    tap.onMessage = ({ from, id, payload }) => {
      if (id !== EXTENDED_ID) return;
      if (payload[0] !== 0) exchangeCount++;
      else offers.set(from, (decode(payload.subarray(1)) as BencodeDict).dict("m")?.has("ut_pex") ?? false);
    };
    await using getting = get(hybrid, join(release.folder, "got"), "--peer", tap.listen, "--local-discovery", "off");
    await getting.result();
    const isPublic = kind === "public";
    assert.deepEqual(Object.fromEntries(offers), { client: isPublic, server: isPublic });
    if (!isPublic) assert.equal(exchangeCount, 0);
  });
}

test("nobody hears of a private torrent on the local network", { skip: missing("iproute2") }, async () => {
  using network = new Network();
  const [here, there] = [network.addHost(), network.addHost()];
  const [command = "", ...argv] = network.on(there)([process.execPath, listener]);
  await using hearing = new Child("lsd-listener", command, argv);
  await hearing.until("listening", ({ lines }) => (lines.includes("listening") ? true : undefined));
  const [secret, open] = [await Release.make(root, 710, 300_001, "--private"), await Release.make(root, 711, 300_001)];
  const seedOn = (release: Release): Upswarm =>
    new Upswarm(["seed", release.torrents().hybrid, release.path, "--listen", ":0"], network.on(here));
  await using first = seedOn(secret);
  await first.object(0);
  // The other one was started later: when it is heard, the first had its time.
  await using second = seedOn(open);
  await second.object(0);
  const heard = (release: Release): boolean =>
    release.infoHashes.some((infoHash) => hearing.lines.includes(infoHash.slice(0, 40)));
  await hearing.until("the public one", () => (heard(open) ? true : undefined));
  assert.equal(heard(secret), false);
});
