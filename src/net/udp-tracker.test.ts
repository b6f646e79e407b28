import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import {
  parseUdpRequest,
  udpTimeoutMs,
  udpUrlData,
  writeUdpAnnounceReply,
  writeUdpConnectReply,
} from "../announce/index.ts";
import { writeUdpErrorReply, writeUdpScrapeReply } from "../announce/index.ts";
import type { AnnounceRequest, UdpRequest } from "../announce/index.ts";
import { encodeCompact, parseInfoHash, parsePeerId } from "../core/index.ts";
import type { Clock } from "../core/index.ts";
import { rejection, serveUdp, unaborted } from "./local-server.test.ts";
import type { UdpServer } from "./local-server.test.ts";
import { TrackerClient } from "./tracker-client.ts";
import type { TrackerClientOptions } from "./tracker-client.ts";
import { strictUrlPolicy } from "./url-policy.ts";

const infoHash = parseInfoHash("0123456789abcdef0123456789abcdef01234567");
const request: AnnounceRequest = {
  infoHash,
  peerId: parsePeerId(Buffer.from("-US0100-abcdefghijkl")),
  port: 6_881,
  uploaded: 2 ** 40,
  downloaded: 2,
  left: 3,
  event: "started",
  numWant: null,
  key: 0xdeadbeef,
};
const options = { signal: unaborted };
/** Nine attempts, the first ones quick. */
const quick: TrackerClientOptions = { udpTimeoutMs: (attempt) => (attempt > 8 ? null : 10 * 2 ** attempt) };
/** Only for tests in which nothing is lost. */
const patient: TrackerClientOptions = { udpTimeoutMs };

interface Tracker {
  readonly heard: UdpRequest[];
  /** Answers as BEP 15 wants; connection ids count up from 1. */
  readonly answer: (datagram: Buffer, from: RemoteInfo, server: UdpServer) => void;
}

function tracker(peer = "192.0.2.9"): Tracker {
  const heard: UdpRequest[] = [];
  let connectionId = 0;
  const answer: Tracker["answer"] = (datagram, from, server) => {
    const asked = parseUdpRequest(datagram);
    heard.push(asked);
    server.send(replyTo(asked, asked.action === "connect" ? ++connectionId : 0, peer), from);
  };
  return { heard, answer };
}

function replyTo(asked: UdpRequest, connectionId: number, peer: string, transactionId = asked.transactionId): Buffer {
  const target = Buffer.alloc(1_000);
  if (asked.action === "connect")
    return target.subarray(0, writeUdpConnectReply(target, transactionId, 0, connectionId));
  if (asked.action === "scrape") {
    const entries = asked.infoHashes.map(() => ({ complete: 1, downloaded: 2, incomplete: 3 }));
    return target.subarray(0, writeUdpScrapeReply(target, transactionId, entries));
  }
  const length = writeUdpAnnounceReply(target, transactionId, 1_800, 5, 4);
  return Buffer.concat([target.subarray(0, length), encodeCompact({ address: peer, port: 7_000 })]);
}

void test("TrackerClient announces and scrapes over UDP with one connection id for a minute", async () => {
  let now = 0;
  const clock: Clock = { now: () => now, wallMs: () => 0 };
  const { heard, answer } = tracker();
  await using server = await serveUdp(answer);
  await using client = new TrackerClient({ ...patient, clock });
  const reply = await client.announce(server.url("/announce"), request, options);
  assert.deepEqual(
    [reply.intervalSeconds, reply.incomplete, reply.complete, reply.peers],
    [1_800, 5, 4, [{ address: "192.0.2.9", port: 7_000 }]],
  );
  const announced = heard[1];
  assert.ok(announced?.action === "announce");
  for (const key of Object.keys(request) as (keyof AnnounceRequest)[]) assert.equal(announced[key], request[key], key);
  now = 59_999;
  const entries = await client.scrape(server.url(""), [infoHash], options);
  assert.deepEqual(entries.get(infoHash), { complete: 1, downloaded: 2, incomplete: 3 });
  now = 60_000;
  await client.announce(server.url("/announce"), request, options);
  assert.deepEqual(
    heard.map((asked) => asked.action),
    ["connect", "announce", "scrape", "connect", "announce"],
  );
  assert.equal(new Set(heard.map((asked) => asked.transactionId)).size, 5);
});

void test("TrackerClient speaks to UDP trackers over IPv6 and reads IPv6 peers", async () => {
  await using server = await serveUdp(tracker("2001:db8::9").answer, "::1");
  await using client = new TrackerClient(patient);
  const reply = await client.announce(server.url("/announce", "[::1]"), request, options);
  assert.deepEqual(reply.peers, [{ address: "2001:db8::9", port: 7_000 }]);
});

void test("TrackerClient repeats what was lost on the way", async () => {
  const { heard, answer } = tracker();
  let lost = 0;
  await using server = await serveUdp((datagram, from, self) => {
    // Two connects and two announces.
    const isConnect = datagram.readUInt32BE(8) === 0;
    if ((isConnect && lost < 2) || (!isConnect && lost < 4)) lost += 1;
    else answer(datagram, from, self);
  });
  await using client = new TrackerClient(quick);
  assert.equal((await client.announce(server.url("/announce"), request, options)).peers.length, 1);
  assert.equal(lost, 4);
  assert.equal(heard.at(-1)?.action, "announce");
});

void test("TrackerClient counts the waits over connect and announce together and gives up at the schedule's end", async () => {
  const waits: number[] = [];
  await using server = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    if (asked.action === "connect") self.send(replyTo(asked, 1, "192.0.2.9"), from);
  });
  const schedule = (attempt: number): number | null => (waits.push(attempt), attempt > 3 ? null : 5);
  await using client = new TrackerClient({ udpTimeoutMs: schedule });
  const error = await rejection(client.announce(server.url("/announce"), request, options), "net.timeout");
  assert.equal(error.retryable, true);
  assert.deepEqual(waits, [0, 1, 2, 3, 4]);
});

void test("TrackerClient ignores answers with a wrong transaction id or from another source", async () => {
  const { answer } = tracker();
  const stranger = createSocket("udp4");
  stranger.bind(0, "127.0.0.1");
  await once(stranger, "listening");
  let forged = 0;
  await using server = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    const forgery = replyTo(asked, 666, "198.51.100.66");
    self.send(replyTo(asked, 666, "198.51.100.66", asked.transactionId ^ 1), from);
    self.send(Buffer.from("short"), from);
    stranger.send(forgery, from.port, from.address, () => {
      forged += 1;
      answer(datagram, from, self);
    });
  });
  await using client = new TrackerClient(patient);
  const reply = await client.announce(server.url("/announce"), request, options);
  assert.deepEqual(reply.peers, [{ address: "192.0.2.9", port: 7_000 }]);
  assert.equal(forged, 2);
  stranger.close();
});

void test("TrackerClient reports a UDP tracker's error, and asks for a new connection id where an old one is refused", async () => {
  let generation = 1;
  const heard: string[] = [];
  await using server = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    heard.push(asked.action);
    const target = Buffer.alloc(200);
    if (asked.action === "connect" || datagram.readUInt32BE(4) === generation) {
      self.send(replyTo(asked, generation, "192.0.2.9"), from);
    } else {
      self.send(target.subarray(0, writeUdpErrorReply(target, asked.transactionId, "bad connection id")), from);
    }
  });
  await using client = new TrackerClient(patient);
  await client.announce(server.url("/announce"), request, options);
  generation = 2;
  await client.announce(server.url("/announce"), request, options);
  assert.deepEqual(heard, ["connect", "announce", "announce", "connect", "announce"]);

  await using refusing = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    const target = Buffer.alloc(200);
    const error = target.subarray(0, writeUdpErrorReply(target, asked.transactionId, "torrent not allowed"));
    self.send(asked.action === "connect" ? replyTo(asked, 1, "") : error, from);
  });
  const failure = await rejection(client.announce(refusing.url(""), request, options), "net.tracker-failure");
  assert.match(failure.message, /torrent not allowed/);
  assert.equal(failure.retryable, true);
});

void test("TrackerClient rejects a damaged answer and an answer to another question", async () => {
  await using damaged = await serveUdp((datagram, from, self) => {
    self.send(replyTo(parseUdpRequest(datagram), 1, "192.0.2.9").subarray(0, 12), from);
  });
  await using confused = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    const scraped = Buffer.alloc(8);
    writeUdpScrapeReply(scraped, asked.transactionId, []);
    self.send(asked.action === "connect" ? replyTo(asked, 1, "") : scraped, from);
  });
  await using client = new TrackerClient(patient);
  for (const server of [damaged, confused]) {
    await rejection(client.announce(server.url("/announce"), request, options), "net.tracker-reply");
  }
});

void test("TrackerClient asks the other addresses of a UDP tracker where one is silent", async () => {
  await using server = await serveUdp(tracker().answer);
  await using client = new TrackerClient({ ...quick, resolve: async () => ["127.0.0.2", "127.0.0.1"] });
  assert.equal((await client.announce(server.url("/announce", "t.example"), request, options)).peers.length, 1);
});

void test("TrackerClient answers by one family where the other is silent", async () => {
  await using server = await serveUdp(tracker().answer);
  await using client = new TrackerClient({ ...patient, resolve: async () => ["::1", "127.0.0.1"] });
  assert.equal((await client.announce(server.url("/announce", "dual.example"), request, options)).peers.length, 1);
});

void test("TrackerClient tells a UDP tracker the URL's path and query where they say something", async () => {
  const told: string[] = [];
  await using server = await serveUdp((datagram, from, self) => {
    const asked = parseUdpRequest(datagram);
    if (asked.action === "announce") told.push(udpUrlData(datagram));
    self.send(replyTo(asked, 1, "192.0.2.9"), from);
  });
  const policy = { ...strictUrlPolicy, allowLoopbackTrackerPath: true, allowLocalTrackerQuery: true };
  await using client = new TrackerClient({ ...patient, policy });
  for (const path of ["", "/", "/announce", "/pass/announce", "/announce?key=1"]) {
    await client.announce(server.url(path), request, options);
  }
  assert.deepEqual(told, ["", "", "", "/pass/announce", "/announce?key=1"]);
});

void test("TrackerClient stops at its signal and at its end, with all that is open", async () => {
  const heard = Promise.withResolvers<void>();
  await using server = await serveUdp(() => heard.resolve());
  const client = new TrackerClient(patient);
  const controller = new AbortController();
  const aborted = client.announce(server.url("/announce"), request, { signal: controller.signal });
  const open = client.announce(server.url("/announce"), request, options);
  await heard.promise;
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  await client[Symbol.asyncDispose]();
  await rejection(open, "net.connect");
  await rejection(client.announce(server.url("/announce"), request, options), "net.connect");
});
