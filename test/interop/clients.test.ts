// Every stock client against us, both ways, by every way of finding each other. Each client is on a host of its own.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { clientKinds } from "../processes/clients/catalogue.ts";
import type { ClientKind } from "../processes/clients/catalogue.ts";
import { here } from "../processes/clients/stock-client.ts";
import { installed, missing } from "../processes/clients/installed.ts";
import { freePort } from "../processes/free-port.ts";
import { Network } from "../processes/network.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { RangeServer } from "../processes/range-server.ts";
import { Upswarm } from "../processes/upswarm.ts";
import { fromThem, toThem, TRACKER_PORT, transferWays } from "./exchange.ts";
import type { Ends } from "./exchange.ts";
import { hearOfPeers, tellOfPeers } from "./exchange-of-peers.ts";
import { Release } from "./release.ts";
import { isTableAsked, Table } from "./table.ts";

const LENGTH_BYTES = 600_001;
/** At the rate of exchange-of-peers.ts it lasts for minutes: until peers have told each other of peers. */
const LONG_BYTES = 7_000_001;

/** Tests that run at once: most of the time they wait for some client's timer. */
const CONCURRENCY = 10;

const root = scratchFolder();
const table = new Table();
let releaseCount = 0;
let network: Network;
let tracking: Upswarm;

/** One that no other test has. */
async function newRelease(lengthBytes: number, ...argv: readonly string[]): Promise<Release> {
  return await Release.make(root, 100 + releaseCount++, lengthBytes, ...argv);
}

/** One outcome of the table, and how it is found. */
interface Cell {
  readonly row: string;
  /** What the client has not; undefined where it has it. */
  readonly lacking: string | undefined;
  /** Why it is not tried every day. */
  readonly unless?: string | false;
  readonly run: () => Promise<void>;
}

function cellsOf(kind: ClientKind): readonly Cell[] {
  const ends = async (...argv: readonly string[]): Promise<Ends> => {
    const release = await newRelease(LENGTH_BYTES, ...argv);
    return { network, kind, release, ours: network.addHost(), theirs: network.addHost() };
  };
  return [
    ...transferWays.flatMap((way) => [
      { row: `${way}: we get from it`, lacking: kind.lacks[way], run: async () => await fromThem(await ends(), way) },
      { row: `${way}: it gets from us`, lacking: kind.lacks[way], run: async () => await toThem(await ends(), way) },
    ]),
    {
      row: "private torrent: it gets from us",
      lacking: undefined,
      run: async () => await toThem(await ends("--private"), "HTTP tracker"),
    },
    {
      row: "web seed: it gets from one of ours",
      lacking: kind.lacks["web seed"],
      run: async () => await byWebSeed(kind),
    },
    {
      row: "peer exchange: we hear of a peer from it",
      lacking: kind.tells === "never" ? "it reads peer exchanges and sends none" : kind.lacks["peer exchange"],
      unless: kind.tells === "seldom" && !isTableAsked() && "it takes minutes; UPSWARM_WRITE_TABLE=1 runs it",
      run: async () => await hearOfPeers({ network, kind, release: await newRelease(LONG_BYTES) }),
    },
    {
      row: "peer exchange: it hears of a peer from us",
      lacking: kind.lacks["peer exchange"],
      run: async () => await tellOfPeers({ network, kind, release: await newRelease(LONG_BYTES) }),
    },
  ];
}

async function byWebSeed(kind: ClientKind): Promise<void> {
  const release = await newRelease(LENGTH_BYTES);
  await using server = await RangeServer.open(join(release.folder, "published"));
  const source = release.torrents({ webSeeds: [`${server.url}${release.name}`] })[kind.takes];
  const folder = join(release.folder, "by-web-seed");
  await using client = kind.start({ on: here, source, folder, port: await freePort() });
  await client.complete();
  await client.settle();
  assert.equal(release.receivedIn(folder), release.sha256);
  assert.ok(server.sentBytes >= LENGTH_BYTES);
}

describe("stock clients", { concurrency: CONCURRENCY }, () => {
  before(async () => {
    if (installed.iproute2 === null) return;
    network = new Network();
    const argv = ["tracker", "--http", `:${TRACKER_PORT}`, "--udp", `:${TRACKER_PORT}`];
    tracking = new Upswarm(argv, network.on(0));
    await tracking.object(0);
  });

  after(async () => {
    if (isTableAsked()) table.write();
    if (installed.iproute2 === null) return;
    const { refused } = await tracking.stop<{ refused: number }>();
    network[Symbol.dispose]();
    assert.equal(refused, 0, "our tracker understood every client");
  });

  for (const kind of clientKinds) {
    const installation = missing(kind.name, "iproute2");
    const cells = cellsOf(kind);
    for (const { row, lacking, unless = false } of cells) {
      const outcome = installation === false && unless === false ? "failed" : "not tried";
      table.set(row, kind.name, lacking === undefined ? outcome : `no: ${lacking}`);
    }
    // Those that wait longest begin first.
    for (const { row, lacking, unless = false, run } of cells.toReversed()) {
      if (lacking !== undefined) continue;
      test(`${kind.name}: ${row}`, { skip: installation || unless }, async () => {
        await run();
        table.set(row, kind.name, "yes");
      });
    }
  }
});
