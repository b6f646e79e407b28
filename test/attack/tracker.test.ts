// Those who attack a tracker: by replays, forged senders and inventions; and trackers that attack their clients, by replies
// that are none or never end, and by listing addresses that they want to have knocked at.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { encodeAnnounceReply, parseUdpReply } from "../../src/announce/index.ts";
import type { AnnounceRequest } from "../../src/announce/index.ts";
import {
  ANNOUNCE_CONNECTION_ID_SERVER_MS,
  ANNOUNCE_REPLY_BYTES_MAX,
  encodeCompact,
  parseInfoHash,
  parsePeerId,
  PEER_LIST_PER_ADDRESS_MAX,
} from "../../src/core/index.ts";
import type { Endpoint } from "../../src/core/index.ts";
import { assertDelivered, download, openSession, publish, seed, until } from "../../src/engine/engine-fixture.test.ts";
import { serveHttp } from "../../src/engine/http-server.test.ts";
import { ownAddress, withoutNetwork } from "../../src/net/local-server.test.ts";
import { createTracker } from "../../src/tracker/index.ts";
import type { Tracker } from "../../src/tracker/index.ts";
import { announceBytes, genuineAnnounce, httpClient, UdpProbe } from "../../src/tracker/test-clients.test.ts";

function endpointOfUdp(tracker: Tracker): Endpoint {
  return tracker.udp[0] ?? assert.fail("no UDP");
}

const onNetwork = { skip: withoutNetwork };
const loopback = { host: "127.0.0.1", port: 0 };

test("a recorded announce, replayed a thousand times, lists nobody new, and from elsewhere or later lists nobody", async () => {
  let nowMs = 1_000_000;
  await using tracker = await createTracker({ udp: loopback, clock: { now: () => nowMs, wallMs: () => nowMs } });
  const at = endpointOfUdp(tracker);
  await using probe = await UdpProbe.open(at);
  await using stranger = await UdpProbe.open(at, "127.0.0.2");
  const id = await probe.connect();
  const recorded = announceBytes(id);
  const replays = Array.from({ length: 1_000 }, () => recorded);
  assert.equal((await probe.answersTo(replays)).length, replays.length, "BEP 15 repeats what was lost");
  assert.equal(tracker.stats().peers, 1);
  assert.deepEqual(await stranger.answersTo(replays), []);
  assert.deepEqual(
    await stranger.answersTo([announceBytes(id, { event: "stopped" })]),
    [],
    "nor does it end somebody's entry",
  );
  nowMs += ANNOUNCE_CONNECTION_ID_SERVER_MS + 1_000;
  assert.deepEqual(await probe.answersTo([recorded]), []);
  const { peers, swarms, ignored } = tracker.stats();
  assert.deepEqual({ peers, swarms, ignored }, { peers: 1, swarms: 1, ignored: replays.length + 2 });
});

const invented = (isSameSwarm: boolean): Partial<AnnounceRequest> => ({
  infoHash: isSameSwarm ? genuineAnnounce.infoHash : parseInfoHash(randomBytes(20)),
  peerId: parsePeerId(randomBytes(20)),
  port: 1 + (randomBytes(2).readUInt16BE() % 65_535),
});

test("inventions over UDP and HTTP fill a tracker to its limits and no further, and its swarms are served", async () => {
  const limits = { swarmsMax: 500, peersMax: 1_200, peersPerSwarmMax: 1_000 };
  await using tracker = await createTracker({ udp: loopback, http: loopback, limits });
  await using probe = await UdpProbe.open(endpointOfUdp(tracker));
  await using http = httpClient(tracker.http[0] ?? assert.fail("no HTTP"));
  const id = await probe.connect();
  await probe.send(announceBytes(id));
  let peerBytes = 0;
  for (let round = 0; round < 20; round++) {
    await probe.answersTo(Array.from({ length: 500 }, (_, index) => announceBytes(id, invented(index % 2 === 0))));
    for (let index = 0; index < 20; index++) await http.announce({ ...genuineAnnounce, ...invented(index % 2 === 0) });
    const stats = tracker.stats();
    assert.ok(stats.swarms <= limits.swarmsMax && stats.peers <= limits.peersMax, JSON.stringify(stats));
    if (round === 10) ({ peerBytes } = stats);
    if (round > 10) assert.ok(stats.peerBytes <= peerBytes, "full is full");
  }
  assert.equal(tracker.stats().swarms, limits.swarmsMax);
  const over = await http.announce({ ...genuineAnnounce, infoHash: parseInfoHash(randomBytes(20)) });
  assert.equal(over.kind, "failure", "a swarm too many is refused");
  const reply = parseUdpReply(await probe.send(announceBytes(id, { port: 7_000 })), "ipv4");
  assert.ok(reply.action === "announce" && reply.reply.peers.length > 0);
  assert.equal((await http.announce(genuineAnnounce)).kind, "reply");
});

function listing(peers: readonly Endpoint[], intervalSeconds = 1_800): Buffer {
  const compact = Buffer.concat(peers.map(encodeCompact));
  const counts = { complete: 1, incomplete: 1, downloaded: 1 };
  return encodeAnnounceReply({
    intervalSeconds,
    minIntervalSeconds: intervalSeconds,
    ...counts,
    peers: compact,
    peers6: Buffer.alloc(0),
  });
}

test("replies that are garbage, or never end, lead to the next tracker, and the download completes", async (t) => {
  const payload = await publish(t);
  const honest = await seed(t, payload);
  let endlessBytes = 0;
  const bodies: readonly Buffer[] = [
    randomBytes(1_000),
    Buffer.from("d8:intervali1800e5:peers1000000:"),
    Buffer.from("l".repeat(100_000)),
    Buffer.from("d8:intervali-99999999999999999999999e5:peers6:abcdefe"),
    Buffer.alloc(0),
  ];
  const garbage = await Promise.all(bodies.map((body) => serveHttp(t, (_request, response) => response.end(body))));
  const endless = await serveHttp(t, (_request, response) => {
    const write = (): void => {
      while (!response.destroyed) {
        endlessBytes += 65_536;
        if (!response.write(Buffer.alloc(65_536, "d"))) break;
      }
    };
    response.on("drain", write);
    write();
  });
  const right = await serveHttp(t, (_request, response) => response.end(listing([honest.endpoint])));
  const trackers = [...garbage, endless, right].map(({ url }) => `${url}/announce`);
  const { torrent } = await download(t, payload.metainfo, [], { trackers });
  await assertDelivered(torrent, payload);
  // For each of the torrent's info-hashes: what is taken, and what waits in the buffers between the two.
  assert.ok(endlessBytes > 0 && endlessBytes < 3 * (ANNOUNCE_REPLY_BYTES_MAX + 16_000_000), `${endlessBytes} bytes`);
});

interface Victim {
  readonly at: readonly Endpoint[];
  /** Ports that somebody connected to, and how often anybody did. */
  readonly hit: ReadonlySet<number>;
  readonly knocks: () => number;
}

/** Listens at some ports of an address and closes whatever comes. */
async function victim(t: TestContext, address: string, portCount: number): Promise<Victim> {
  const hit = new Set<number>();
  let count = 0;
  const at: Endpoint[] = [];
  for (let index = 0; index < portCount; index++) {
    const server = createServer((socket) => {
      hit.add(port);
      count++;
      socket.on("error", () => {}).destroy();
    });
    server.listen(0, address);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    at.push({ address, port });
    t.after(() => server.close());
  }
  return { at, hit, knocks: () => count };
}

test("a tracker that asks for an announce every moment gets one, and garbage addresses do no harm", async (t) => {
  const payload = await publish(t, { version: "1" });
  let announces = 0;
  const junk = ["0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1"].map((address) => ({ address, port: 9 }));
  const deaf = await victim(t, "127.0.0.1", 1);
  const restless = await serveHttp(t, (_request, response) => {
    announces++;
    response.end(listing([...junk, ...deaf.at], 0));
  });
  const { torrent } = await download(t, payload.metainfo, [], { trackers: [`${restless.url}/announce`] });
  // Long enough for several announces, had it its way.
  await until(() => deaf.knocks() >= 2, "a peer was tried twice");
  assert.equal(announces, 1);
  torrent.addPeer((await seed(t, payload)).endpoint);
  await assertDelivered(torrent, payload);
});

test("of hundreds of ports of one address that a tracker lists a few are knocked at", onNetwork, async (t) => {
  const payload = await publish(t, { version: "1" });
  const { at, hit } = await victim(t, ownAddress ?? "", 10 * PEER_LIST_PER_ADDRESS_MAX);
  const amplifying = await serveHttp(t, (_request, response) => response.end(listing(at)));
  const { torrent } = await download(t, payload.metainfo, [], { trackers: [`${amplifying.url}/announce`] });
  await until(() => hit.size === PEER_LIST_PER_ADDRESS_MAX, "those were knocked at");
  torrent.addPeer((await seed(t, payload)).endpoint);
  await assertDelivered(torrent, payload);
  assert.equal(hit.size, PEER_LIST_PER_ADDRESS_MAX);
});

test("a tracker on another machine leads to no address of our own one", onNetwork, async (t) => {
  const payload = await publish(t, { version: "1" });
  const own = await victim(t, "127.0.0.1", 5);
  const session = await openSession(t, { listen: { host: ownAddress ?? "", port: 0 } });
  const honest = await seed(t, payload, {}, session);
  const unspecified = own.at.map(({ port }) => ({ address: "0.0.0.0", port }));
  const { url } = await serveHttp(
    t,
    (_request, response) => response.end(listing([...own.at, ...unspecified, honest.endpoint])),
    ownAddress,
  );
  const { torrent } = await download(t, payload.metainfo, [], { trackers: [`${url}/announce`] });
  await assertDelivered(torrent, payload);
  assert.equal(own.hit.size, 0);
  assert.equal(torrent.stats().knownPeers, 1);
});
