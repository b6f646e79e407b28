import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { encodeLocalAnnounce, LOCAL_GROUPS, parseLocalAnnounce } from "../announce/index.ts";
import {
  formatEndpoint,
  LOCAL_ANNOUNCE_GAP_MS,
  LOCAL_ANNOUNCE_HASHES_MAX,
  LOCAL_ANNOUNCE_INTERVAL_MS,
  LOCAL_ANNOUNCES_HEARD_PER_MINUTE,
  parseInfoHash,
  silentLog,
} from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { MulticastGroup } from "../net/index.ts";
import { until } from "./engine-fixture.test.ts";
import { LocalDiscovery } from "./local-discovery.ts";
import type { LocalTorrent } from "./local-discovery.ts";

const NETWORKS = { addresses: ["127.0.0.1"], ipv4: ["127.0.0.1"], ipv6: [] };
const hashOf = (at: number): InfoHash => parseInfoHash(at.toString(16).padStart(40, "0"));

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  const listening = once(socket, "listening");
  socket.bind(0);
  await listening;
  const { port } = socket.address();
  socket.close();
  return port;
}

class FakeTorrent implements LocalTorrent {
  readonly found: string[] = [];
  readonly localInfoHashes: readonly InfoHash[];

  constructor(...infoHashes: InfoHash[]) {
    this.localInfoHashes = infoHashes;
  }

  foundLocally(endpoint: Parameters<LocalTorrent["foundLocally"]>[0], infoHash: InfoHash): void {
    this.found.push(`${formatEndpoint(endpoint)} ${infoHash.slice(-2)}`);
  }
}

/** Local discovery over loopback, a clock of its own, and somebody who listens and speaks. */
async function scene(t: TestContext, torrents: readonly LocalTorrent[]) {
  const port = await freeUdpPort();
  const time = { now: 0 };
  const open = async (listenPort: number, of: readonly LocalTorrent[]): Promise<LocalDiscovery> => {
    const discovery = await LocalDiscovery.open({
      clock: { now: () => time.now, wallMs: () => time.now },
      log: silentLog,
      listen: { address: "127.0.0.1", port: listenPort },
      torrents: () => of,
      port,
      networks: NETWORKS,
    });
    t.after(() => discovery[Symbol.asyncDispose]());
    return discovery;
  };
  const heard: Buffer[] = [];
  const other = await MulticastGroup.open({
    group: LOCAL_GROUPS.ipv4,
    port,
    interfaces: NETWORKS.ipv4,
    onDatagram: (bytes) => void heard.push(bytes),
  });
  t.after(() => other[Symbol.asyncDispose]());
  return { time, other, heard, open, discovery: await open(6001, torrents) };
}

test("two machines of a network find each other by the torrents that they share", async (t) => {
  const ours = new FakeTorrent(hashOf(1), hashOf(2));
  const theirs = new FakeTorrent(hashOf(2), hashOf(3));
  const { open, discovery } = await scene(t, [ours]);
  const neighbour = await open(6002, [theirs]);
  discovery.tick(0);
  await until(() => theirs.found.length > 0, "the neighbour has heard of us");
  neighbour.tick(0);
  await until(() => ours.found.length > 0, "we have heard of the neighbour");
  assert.deepEqual(theirs.found, ["127.0.0.1:6001 02"]);
  assert.deepEqual(ours.found, ["127.0.0.1:6002 02"], "Our own datagram is none of a peer.");
});

test("a torrent that is private, or may be, is neither told nor found", async (t) => {
  const torrent = new FakeTorrent();
  const { discovery, other, heard } = await scene(t, [torrent]);
  discovery.tick(0);
  other.send(encodeLocalAnnounce("ipv4", { port: 7000, infoHashes: [hashOf(1)], cookie: null }));
  await until(() => heard.length > 0, "the datagram has come");
  assert.equal(heard.length, 1, "Nothing was told.");
  assert.deepEqual(torrent.found, []);
});

test("announces leave once a minute at most, and each torrent again after five; what does not fit waits", async (t) => {
  const all = Array.from({ length: LOCAL_ANNOUNCE_HASHES_MAX + 3 }, (_, at) => hashOf(at));
  const { discovery, heard } = await scene(t, [new FakeTorrent(...all)]);
  const counts = (): (number | undefined)[] => heard.map((bytes) => parseLocalAnnounce(bytes)?.infoHashes.length);
  for (const now of [0, 1, LOCAL_ANNOUNCE_GAP_MS - 1]) discovery.tick(now);
  await until(() => heard.length >= 1, "the first has come");
  for (const now of [LOCAL_ANNOUNCE_GAP_MS, 2 * LOCAL_ANNOUNCE_GAP_MS, LOCAL_ANNOUNCE_INTERVAL_MS - 1]) {
    discovery.tick(now);
  }
  await until(() => heard.length >= 2, "the rest has come");
  assert.deepEqual(counts(), [LOCAL_ANNOUNCE_HASHES_MAX, 3]);
  discovery.tick(LOCAL_ANNOUNCE_INTERVAL_MS);
  await until(() => heard.length >= 3, "the first come again");
  assert.deepEqual(counts(), [LOCAL_ANNOUNCE_HASHES_MAX, 3, LOCAL_ANNOUNCE_HASHES_MAX]);
});

test("a flood of announces is heeded up to its limit a minute", async (t) => {
  const torrent = new FakeTorrent(hashOf(1));
  const { other, time, heard } = await scene(t, [torrent]);
  const send = (port: number): void =>
    other.send(encodeLocalAnnounce("ipv4", { port, infoHashes: [hashOf(1)], cookie: null }));
  // In portions, since a socket's buffer does not hold them all.
  for (let sent = 0; sent < LOCAL_ANNOUNCES_HEARD_PER_MINUTE;) {
    for (let portion = 0; portion < 50; portion++) send(1 + sent++);
    await until(() => torrent.found.length === sent, "the portion has come");
  }
  const { length } = heard;
  for (const port of [60_001, 60_002]) send(port);
  await until(() => heard.length >= length + 2, "two more have come");
  time.now += 60_000;
  send(60_003);
  await until(() => torrent.found.at(-1) === "127.0.0.1:60003 01", "another minute has begun");
  assert.equal(torrent.found.length, LOCAL_ANNOUNCES_HEARD_PER_MINUTE + 1);
});

test("what is no announce is passed over", async (t) => {
  const torrent = new FakeTorrent(hashOf(1));
  const { other } = await scene(t, [torrent]);
  other.send(Buffer.from("hello"));
  other.send(Buffer.alloc(1_500, "x"));
  other.send(encodeLocalAnnounce("ipv4", { port: 7_001, infoHashes: [hashOf(1)], cookie: null }));
  await until(() => torrent.found.length > 0, "the announce has come");
  assert.deepEqual(torrent.found, ["127.0.0.1:7001 01"]);
});
