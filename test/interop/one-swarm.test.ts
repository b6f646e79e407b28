// All of them in one swarm with us, some by the hybrid torrent and some by its v1 twin. Pieces cross between the two through
// our clients, which have both.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { TestContext } from "node:test";
import { clientKinds } from "../processes/clients/catalogue.ts";
import type { ClientName } from "../processes/clients/catalogue.ts";
import { installed, missing } from "../processes/clients/installed.ts";
import type { StockClient } from "../processes/clients/stock-client.ts";
import { Network } from "../processes/network.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { CLIENT_PORT, TRACKER_PORT } from "./exchange.ts";
import { Release } from "./release.ts";
import type { Torrents } from "./release.ts";

const root = scratchFolder();
const quiet = ["--local-discovery", "off", "--listen", ":7000"];
let network: Network;
let tracking: Upswarm;

before(async () => {
  if (installed.iproute2 === null) return;
  network = new Network();
  tracking = new Upswarm(["tracker", "--http", `:${TRACKER_PORT}`, "--udp", `:${TRACKER_PORT}`], network.on(0));
  await tracking.object(0);
});

after(async () => {
  if (installed.iproute2 === null) return;
  await tracking.stop();
  network[Symbol.dispose]();
});

function trackers(): readonly string[] {
  return [`http://${network.address(0)}:${TRACKER_PORT}/announce`];
}

function start(name: ClientName, torrents: Torrents, folder: string, isSeed = false): StockClient {
  const kind = clientKinds.find((client) => client.name === name);
  assert.ok(kind !== undefined);
  const source = torrents[kind.takes];
  const on = network.on(network.addHost());
  return kind.start({ on, source, folder, port: CLIENT_PORT, isSeed, peerExchange: true });
}

/** Ours, on a host of its own, by the hybrid torrent. */
function startGet(torrents: Torrents, into: string): Upswarm {
  const argv = ["get", torrents.hybrid, "-o", into, "--seed-for", "forever", ...quiet];
  return new Upswarm(argv, network.on(network.addHost()));
}

/** Everybody at once, from one slow origin. */
async function allTogether(t: TestContext, names: readonly ClientName[]): Promise<void> {
  const release = await Release.make(root, 500, 12_000_001);
  const torrents = release.torrents({ trackers: trackers() });
  // Slow enough that nobody is done before the others have come: Transmission thinks about it for ten seconds.
  const argv = ["seed", torrents.hybrid, release.path, "--twin", torrents.twin, "--super", "--max-upload", "600KiB/s"];
  await using origin = new Upswarm([...argv, ...quiet], network.on(network.addHost()));
  await origin.object(0);
  await using first = startGet(torrents, join(release.folder, "first"));
  await using second = startGet(torrents, join(release.folder, "second"));
  await using stack = new AsyncDisposableStack();
  const clients = names.map((name) => stack.use(start(name, torrents, join(release.folder, name))));
  await Promise.all([first.object(0), second.object(0), ...clients.map((client) => client.complete())]);
  await Promise.all(clients.map((client) => client.settle()));
  for (const folder of ["first", "second", ...names]) {
    assert.equal(release.receivedIn(join(release.folder, folder)), release.sha256, folder);
  }
  const { uploadedBytes } = await origin.stop<{ uploadedBytes: number }>();
  const copies = uploadedBytes / release.lengthBytes;
  t.diagnostic(`the origin sent ${copies.toFixed(2)} copies to ${names.length + 2} clients`);
  assert.ok(copies < 4, `${copies} copies for ${names.length + 2} clients`);
}

describe("one swarm", { concurrency: 3 }, () => {
  const names = clientKinds.map(({ name }) => name);

  test(
    "six stock clients and two of ours complete, and the origin sends few copies",
    {
      skip: missing(...names, "iproute2"),
    },
    async (t) => await allTogether(t, names),
  );

  for (const [index, [from, to]] of (
    [
      ["libtorrent", "Transmission"],
      ["Transmission", "libtorrent"],
    ] as const
  ).entries()) {
    const what = from === "libtorrent" ? "hybrid torrent to the v1 twin" : "v1 twin to the hybrid torrent";

    test(
      `pieces cross from the ${what} through a get: ${from} has them, ${to} wants them`,
      { skip: missing(from, to, "iproute2") },
      async () => {
        const release = await Release.make(root, 501 + index, 600_001);
        const torrents = release.torrents({ trackers: trackers() });
        const folder = join(release.folder, "has");
        mkdirSync(folder);
        copyFileSync(release.path, join(folder, release.name));
        await using _seeding = start(from, torrents, folder, true);
        await using ours = startGet(torrents, join(release.folder, "ours"));
        const into = join(release.folder, "wants");
        await using client = start(to, torrents, into);
        const { bytes } = await ours.object<GetResult>(0);
        assert.equal(bytes.hashFailed, 0);
        await client.complete();
        await client.settle();
        assert.equal(release.receivedIn(into), release.sha256);
      },
    );
  }
});
