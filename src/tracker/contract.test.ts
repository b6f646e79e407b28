// What a tracker does, whatever it is asked over: each script runs over HTTP and UDP, on IPv4 and IPv6, and in mixed
// company, on real sockets of loopback.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { AnnounceReply, AnnounceRequest } from "../announce/index.ts";
import { parseInfoHash, parsePeerId, seededRandom } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { createTracker } from "./create-tracker.ts";
import type { Tracker, TrackerOptions } from "./create-tracker.ts";
import { httpClient, udpClient } from "./test-clients.test.ts";
import type { TestClient } from "./test-clients.test.ts";

const infoHash = parseInfoHash(`00ff${"80".repeat(18)}`);
const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

interface World extends AsyncDisposable {
  readonly tracker: Tracker;
  readonly clock: { nowMs: number };
  /** Two announcers, of the kinds that this run is about. */
  readonly one: TestClient;
  readonly other: TestClient;
  readonly own: string;
}

type Kind = "http" | "udp";

async function open(kinds: readonly [Kind, Kind], host: string, options: TrackerOptions = {}): Promise<World> {
  const clock = { nowMs: 5_000_000 };
  const tracker = await createTracker({
    http: { host, port: 0 },
    udp: { host, port: 0 },
    intervalSeconds: 1800,
    clock: { now: () => clock.nowMs, wallMs: () => 0 },
    random: seededRandom(11),
    ...options,
  });
  const [one, other] = await Promise.all(
    kinds.map(async (kind) => {
      const endpoint = tracker[kind][0];
      assert.ok(endpoint !== undefined);
      return kind === "http" ? httpClient(endpoint) : udpClient(endpoint);
    }),
  );
  assert.ok(one !== undefined && other !== undefined);
  const close = async (): Promise<void> => {
    await Promise.all([one, other, tracker].map((part) => part[Symbol.asyncDispose]()));
  };
  return { tracker, clock, one, other, own: host, [Symbol.asyncDispose]: close };
}

function request(port: number, changes: Partial<AnnounceRequest> = {}): AnnounceRequest {
  const peerId = parsePeerId(port.toString(16).padStart(40, "0"));
  const counts = { uploaded: 0, downloaded: 0, left: 1, event: "started", numWant: null, key: 1 } as const;
  return { infoHash, peerId, port, ...counts, ...changes };
}

async function told(client: TestClient, asked: AnnounceRequest): Promise<AnnounceReply> {
  const outcome = await client.announce(asked);
  assert.ok(outcome.kind === "reply", JSON.stringify(outcome));
  return outcome.reply;
}

async function failure(client: TestClient, asked: AnnounceRequest): Promise<string> {
  const outcome = await client.announce(asked);
  assert.ok(outcome.kind === "failure");
  return outcome.message;
}

const companies: readonly (readonly [Kind, Kind])[] = [
  ["http", "http"],
  ["udp", "udp"],
  ["http", "udp"],
  ["udp", "http"],
];

for (const kinds of companies) {
  const company = kinds.join(" and ");

  for (const host of hasIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
    test(`${company} announcers on ${host} see each other under their source addresses`, async () => {
      await using world = await open(kinds, host);
      assert.deepEqual((await told(world.one, request(1001))).peers, []);
      const reply = await told(world.other, request(1002, { left: 0 }));
      assert.deepEqual(reply.peers, [{ address: host, port: 1001 }]);
      assert.deepEqual([reply.complete, reply.incomplete, reply.intervalSeconds], [1, 1, 1800]);
      assert.deepEqual((await told(world.one, request(1001))).peers, [{ address: host, port: 1002 }]);
    });
  }

  test(`${company}: completed, stopped and scrape keep the counts`, async () => {
    await using world = await open(kinds, "127.0.0.1");
    await told(world.one, request(1001));
    await told(world.other, request(1001, { event: "completed", left: 0 }));
    await told(world.one, request(1001, { event: "completed", left: 0 }));
    await told(world.other, request(1002));
    const unknown = parseInfoHash("77".repeat(20));
    const scraped = await world.one.scrape([infoHash, unknown]);
    assert.ok(scraped.kind === "reply");
    assert.deepEqual(scraped.entries.get(infoHash), { complete: 1, downloaded: 1, incomplete: 1 });
    assert.deepEqual(scraped.entries.get(unknown), { complete: 0, downloaded: 0, incomplete: 0 });
    const stopped = await told(world.other, request(1001, { event: "stopped", left: 0 }));
    assert.deepEqual([stopped.complete, stopped.incomplete, stopped.peers], [0, 1, []]);
  });

  test(`${company}: numwant is obeyed, 0 included, and bounded`, async () => {
    await using world = await open(kinds, "127.0.0.1");
    for (let port = 1; port <= 250; port++) await told(port % 2 === 0 ? world.one : world.other, request(port));
    for (const [numWant, count] of [
      [0, 0],
      [7, 7],
      [null, 50],
      [100_000, 200],
    ] as const) {
      const { peers } = await told(world.other, request(9999, { numWant }));
      assert.equal(peers.length, count);
      assert.equal(new Set(peers.map(({ port }) => port)).size, count);
    }
  });

  test(`${company}: a silent peer expires after two intervals`, async () => {
    await using world = await open(kinds, "127.0.0.1");
    await told(world.one, request(1001));
    world.clock.nowMs += 3_600_000;
    assert.equal((await told(world.other, request(1002))).peers.length, 1);
    world.clock.nowMs += 1000;
    assert.deepEqual((await told(world.other, request(1002))).peers, []);
  });

  test(`${company}: a torrent that is withdrawn or not allowed fails with the reason`, async () => {
    const other: InfoHash = parseInfoHash("22".repeat(20));
    await using world = await open(kinds, "127.0.0.1", { allow: [infoHash] });
    await told(world.one, request(1001));
    assert.match(await failure(world.other, request(1002, { infoHash: other })), /does not serve/);
    world.tracker.withdraw(infoHash, "Withdrawn: see https://vendor.example/");
    assert.match(await failure(world.one, request(1001)), /^Withdrawn: see https:/);
    assert.match(await failure(world.other, request(1002)), /^Withdrawn: see https:/);
    world.tracker.restore(infoHash);
    assert.deepEqual((await told(world.other, request(1002))).peers, []);
  });

  test(`${company}: who is over the limit of an address is told of peers but not listed`, async () => {
    await using world = await open(kinds, "127.0.0.1", { limits: { peersPerAddressPerSwarmMax: 2 } });
    await told(world.one, request(1001));
    await told(world.other, request(1002));
    assert.equal((await told(world.other, request(1003))).peers.length, 2);
    assert.equal(world.tracker.stats().peers, 2);
  });
}
