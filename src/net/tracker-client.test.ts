import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  encodeAnnounceReply,
  encodeFailure,
  encodeScrapeReply,
  parseAnnounceQuery,
  parseScrapeQuery,
} from "../announce/index.ts";
import type { AnnounceRequest } from "../announce/index.ts";
import { encodeCompact, parseInfoHash, parsePeerId } from "../core/index.ts";
import { rejection, serveHttp, unaborted } from "./local-server.test.ts";
import { TrackerClient } from "./tracker-client.ts";
import { strictUrlPolicy } from "./url-policy.ts";

const infoHash = parseInfoHash("0123456789abcdef0123456789abcdef01234567");
const request: AnnounceRequest = {
  infoHash,
  peerId: parsePeerId(Buffer.from("-US0100-abcdefghijkl")),
  port: 6_881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: "started",
  numWant: 50,
  key: 0xdeadbeef,
};
const options = { signal: unaborted };

function replyWith(port: number): Buffer {
  return encodeAnnounceReply({
    intervalSeconds: 900,
    complete: 4,
    incomplete: 5,
    downloaded: 6,
    peers: encodeCompact({ address: "192.0.2.1", port }),
    peers6: encodeCompact({ address: "2001:db8::1", port }),
  });
}

void test("TrackerClient announces over HTTP: the tracker reads what was asked and its peers come back", async () => {
  const queries: string[] = [];
  await using server = await serveHttp((incoming, response) => {
    queries.push(incoming.url?.split("?")[1] ?? "");
    response.end(replyWith(7_000));
  });
  await using client = new TrackerClient();
  const reply = await client.announce(server.url("/announce"), request, { ...options, trackerId: "id 1" });
  const heard = parseAnnounceQuery(queries[0] ?? "");
  assert.deepEqual(
    { ...request, trackerId: "id 1" },
    Object.fromEntries(Object.keys({ ...request, trackerId: 1 }).map((key) => [key, heard[key as keyof typeof heard]])),
  );
  assert.equal(queries.length, 1, "127.0.0.1 has no IPv6 address to announce over too");
  assert.equal(reply.intervalSeconds, 900);
  assert.deepEqual(reply.peers, [
    { address: "192.0.2.1", port: 7_000 },
    { address: "2001:db8::1", port: 7_000 },
  ]);
});

void test("TrackerClient announces over both families of a host, or over the one that is asked for", async () => {
  await using four = await serveHttp((_, response) => response.end(replyWith(4_000)), "127.0.0.1");
  const seen: string[] = [];
  // The same port on both families, as a tracker has it.
  await using six = await serveHttp(
    (incoming, response) => {
      seen.push(incoming.socket.remoteAddress ?? "");
      response.end(replyWith(6_000));
    },
    "::1",
    four.port,
  );
  await using client = new TrackerClient({ resolve: async () => ["::1", "127.0.0.1"] });
  const url = four.url("/announce", "dual.example");
  assert.equal(six.port, four.port);
  const ports = (await client.announce(url, request, options)).peers.map((peer) => peer.port);
  assert.deepEqual(
    ports.toSorted((a, b) => a - b),
    [4_000, 4_000, 6_000, 6_000],
  );
  assert.deepEqual(seen, ["::1"]);
  const only = await client.announce(url, request, { ...options, families: ["ipv4"] });
  assert.deepEqual(
    only.peers.map((peer) => peer.port),
    [4_000, 4_000],
  );
  assert.equal(seen.length, 1);
});

void test("TrackerClient succeeds where one family succeeds, and leaves out the family that the host has not", async () => {
  await using server = await serveHttp((_, response) => response.end(replyWith(1)), "::1");
  await using client = new TrackerClient({ resolve: async () => ["127.0.0.1", "::1"] });
  assert.equal((await client.announce(server.url("/announce", "dual.example"), request, options)).peers.length, 2);
  const lost = client.announce(server.url("/announce", "dual.example"), request, { ...options, families: ["ipv4"] });
  await rejection(lost, "net.connect");
  await using single = new TrackerClient({ resolve: async () => ["127.0.0.1"] });
  const error = await rejection(
    single.announce(server.url("/announce", "v4.example"), request, options),
    "net.connect",
  );
  assert.match(error.message, /ECONNREFUSED/, "the error of the family that the host has");
});

void test("TrackerClient reports a failure reason with when to come back, whatever the status", async () => {
  const bodies = [encodeFailure("not registered", 600_000), encodeFailure("go away", "never"), encodeFailure("hm")];
  await using server = await serveHttp((incoming, response) => {
    response.statusCode = incoming.url?.includes("uploaded=2") === true ? 403 : 200;
    response.end(bodies[Number(/uploaded=(\d)/.exec(incoming.url ?? "")?.[1])]);
  });
  await using client = new TrackerClient();
  const fail = async (uploaded: number) =>
    await rejection(client.announce(server.url("/announce"), { ...request, uploaded }, options), "net.tracker-failure");
  const later = await fail(0);
  assert.match(later.message, /not registered/);
  assert.deepEqual([later.retryable, later.retryAfterMs], [true, 600_000]);
  assert.deepEqual([(await fail(1)).retryable, (await fail(1)).retryAfterMs], [false, null]);
  assert.match((await fail(2)).message, /hm/);
});

void test("TrackerClient rejects garbage, too long a reply and a status without a reason", async () => {
  const answers: Record<string, [number, Buffer | string]> = {
    "1": [200, "<html>"],
    "2": [200, "d8:intervali900e5:peers"],
    "3": [200, ""],
    "4": [200, Buffer.alloc(2_000_000, "d")],
    "5": [200, gzipSync(Buffer.alloc(2_000_000))],
    "6": [404, "<html>"],
    "7": [500, ""],
  };
  await using server = await serveHttp((incoming, response) => {
    const key = /uploaded=(\d)/.exec(incoming.url ?? "")?.[1] ?? "";
    const [status, body] = answers[key] ?? [500, ""];
    response.writeHead(status, key === "5" ? { "content-encoding": "gzip" } : {}).end(body);
  });
  await using client = new TrackerClient();
  const announce = (uploaded: number) => client.announce(server.url("/announce"), { ...request, uploaded }, options);
  for (const uploaded of [1, 2, 3]) {
    assert.equal((await rejection(announce(uploaded), "net.tracker-reply")).retryable, true);
  }
  await rejection(announce(4), "net.reply-too-long");
  await rejection(announce(5), "net.reply-too-long");
  assert.equal((await rejection(announce(6), "net.not-found")).retryable, true);
  assert.equal((await rejection(announce(7), "net.http-status")).status, 500);
});

void test("TrackerClient unpacks gzip and scrapes over HTTP", async () => {
  const paths: string[] = [];
  await using server = await serveHttp((incoming, response) => {
    const [path = "", query = ""] = incoming.url?.split("?") ?? [];
    paths.push(path);
    const entry = { complete: 1, downloaded: 2, incomplete: 3 };
    const body = encodeScrapeReply(parseScrapeQuery(query).map((hash) => [hash, entry] as const));
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body));
  });
  await using client = new TrackerClient();
  const entries = await client.scrape(server.url("/announce"), [infoHash], options);
  assert.deepEqual([...entries], [[infoHash, { complete: 1, downloaded: 2, incomplete: 3 }]]);
  assert.deepEqual(paths, ["/scrape"]);
  await using lenient = new TrackerClient({ policy: { ...strictUrlPolicy, allowLoopbackTrackerPath: true } });
  const noScrape = lenient.scrape(server.url("/track"), [infoHash], options);
  await rejection(noScrape, "net.tracker-no-scrape");
});

void test("TrackerClient applies the URL policy to the tracker's own URL, not to the arguments it adds", async () => {
  await using server = await serveHttp((_, response) => response.end(replyWith(1)));
  await using client = new TrackerClient();
  await client.announce(server.url("/announce"), request, options);
  // The unspecified address is this machine too.
  for (const host of ["127.0.0.1", "0.0.0.0", "[::]", "[::ffff:0.0.0.0]"]) {
    const url = server.url("/admin", host);
    await rejection(client.announce(url, request, options), "net.policy-loopback-tracker-path");
  }
  await rejection(client.announce(server.url("/announce?a=b"), request, options), "net.policy-local-tracker-query");
  await rejection(client.announce("wss://t.example/announce", request, options), "net.policy-scheme");
  await rejection(client.announce("udp://127.0.0.1/announce", request, options), "net.url-syntax");
  await rejection(client.announce("udp://127.0.0.1:1/x", request, options), "net.policy-loopback-tracker-path");
});

void test("TrackerClient stops at its signal", async () => {
  const controller = new AbortController();
  await using server = await serveHttp(() => controller.abort(new Error("shutting down")));
  await using client = new TrackerClient();
  const { signal } = controller;
  await assert.rejects(client.announce(server.url("/announce"), request, { signal }), /shutting down/);
});
