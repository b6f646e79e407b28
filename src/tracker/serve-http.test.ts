import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { parseAnnounceReply } from "../announce/index.ts";
import type { AnnounceOutcome } from "../announce/index.ts";
import { formatEndpoint, seededRandom } from "../core/index.ts";
import { createTracker } from "./create-tracker.ts";
import type { Tracker, TrackerOptions } from "./create-tracker.ts";
import { fetchBytes } from "./test-clients.test.ts";

const announce = `/announce?info_hash=${"%ff".repeat(20)}&peer_id=-UP0100-abcdefghijkl&left=5&port=`;

const open = (options: TrackerOptions = {}): Promise<Tracker> =>
  createTracker({ http: { host: "127.0.0.1", port: 0 }, random: seededRandom(1), ...options });

async function ask(tracker: Tracker, path: string): Promise<{ status: number; body: Buffer }> {
  const endpoint = tracker.http[0];
  assert.ok(endpoint !== undefined);
  return fetchBytes(`http://${formatEndpoint(endpoint)}${path}`);
}

async function outcomeOf(tracker: Tracker, path: string): Promise<AnnounceOutcome> {
  const { status, body } = await ask(tracker, path);
  assert.equal(status, 200);
  return parseAnnounceReply(body);
}

/** Sends raw bytes and returns what comes back until the connection ends. */
async function raw(tracker: Tracker, text: string): Promise<string> {
  const socket = connect(tracker.http[0]?.port ?? 0, "127.0.0.1");
  let answer = "";
  socket.on("data", (part) => (answer += part.toString("latin1")));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

test("serveHttp() answers a malformed announce with a failure reason that says what is wrong", async () => {
  await using tracker = await open();
  for (const [path, reason] of [
    ["/announce", /info_hash/],
    ["/announce?info_hash=abc", /info_hash/],
    [`${announce}0`, /port/],
    [`${announce}80&left=%zz`, /percent/],
    ["/scrape", /info-hashes/],
  ] as const) {
    const outcome = await outcomeOf(tracker, path);
    assert.ok(outcome.kind === "failure");
    assert.match(outcome.message, reason);
  }
  assert.equal(tracker.stats().refused, 5);
});

/** The lines of a reply, its date apart. */
function fieldsOf(reply: string): string[] {
  assert.match(reply, /\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
  return reply.replace(/\r\nDate: [^\r]*/, "").split("\r\n");
}

test("serveHttp() gives a plain announce the reply that any other gets by Node, field by field", async () => {
  await using tracker = await open({ limits: { httpKeepAliveMs: 1_000 } });
  let byNode = 0;
  const count = (): void => void byNode++;
  subscribe("http.server.request.start", count);
  const targets = [`${announce}6881`, "/announce?x", "/scrape?info_hash=abcdefghijklmnopqrst"];
  await Promise.all(
    targets.flatMap((target) =>
      ["", "Connection: close\r\n"].map(async (connection) => {
        const request = `GET ${target} HTTP/1.1\r\nHost: t\r\n${connection}`;
        // The second of them has a header that no announcer sends.
        const [plain, other] = await Promise.all(
          ["", "X-Other: 1\r\n"].map((header) => raw(tracker, `${request}${header}\r\n`)),
        );
        assert.deepEqual(fieldsOf(plain ?? ""), fieldsOf(other ?? ""));
        assert.equal(plain?.split("\r\n\r\n")[1], other?.split("\r\n\r\n")[1]);
      }),
    ),
  );
  unsubscribe("http.server.request.start", count);
  assert.equal(byNode, 2 * targets.length, "the others alone");
});

test("serveHttp() lists the connection's address, whatever ip and X-Forwarded-For claim", async () => {
  await using tracker = await open();
  const answer = await raw(
    tracker,
    `GET ${announce}6881&ip=192.0.2.9&ipv6=2001:db8::9 HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 192.0.2.8\r\nConnection: close\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const outcome = await outcomeOf(tracker, `${announce}6882`);
  assert.ok(outcome.kind === "reply");
  assert.deepEqual(outcome.reply.peers, [{ address: "127.0.0.1", port: 6881 }]);
  assert.equal(outcome.reply.externalAddress, "127.0.0.1");
});

test("serveHttp() sends dictionaries to a client that asks for compact=0", async () => {
  await using tracker = await open();
  await outcomeOf(tracker, `${announce}6881`);
  const { body } = await ask(tracker, `${announce}6882&compact=0`);
  assert.ok(body.toString("latin1").includes("5:peersld2:ip9:127.0.0.14:porti6881eee"));
});

test("serveHttp() answers an IPv4 peer on a dual-stack socket with IPv4 peers", async () => {
  await using tracker = await open({ http: { host: "::", port: 0 } });
  const port = tracker.http[0]?.port ?? 0;
  await fetchBytes(`http://127.0.0.1:${port}${announce}6881`);
  const outcome = parseAnnounceReply((await fetchBytes(`http://127.0.0.1:${port}${announce}6882`)).body);
  assert.ok(outcome.kind === "reply");
  assert.deepEqual(outcome.reply.peers, [{ address: "127.0.0.1", port: 6881 }]);
});

test("serveHttp() knows its paths and methods, and that a load balancer asks for its health", async () => {
  await using tracker = await open();
  assert.equal((await ask(tracker, "/health")).status, 200);
  for (const path of ["/", "/announce/", "/announce/x", "/stats", "//announce", "/ANNOUNCE"]) {
    assert.equal((await ask(tracker, path)).status, 404, path);
  }
  assert.match(
    await raw(tracker, "POST /announce HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n"),
    /^HTTP\/1\.1 405 /,
  );
  assert.match(await raw(tracker, "\0\x01garbage\r\n\r\n"), /^HTTP\/1\.1 400 /);
});

test("serveHttp() refuses a head beyond its limit", async () => {
  await using tracker = await open();
  const { status } = await ask(tracker, `${announce}1&x=${"x".repeat(20_000)}`);
  assert.equal(status, 431);
  const outcome = await outcomeOf(tracker, `${announce}1&x=${"x".repeat(9000)}`);
  assert.ok(outcome.kind === "failure");
});

test("serveHttp() closes an address's connection above its limit, and takes one again when another has ended", async () => {
  await using tracker = await open({ limits: { httpConnectionsPerAddressMax: 2 } });
  const port = tracker.http[0]?.port ?? 0;
  const held = await Promise.all(
    [1, 2].map(async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    }),
  );
  const third = connect(port, "127.0.0.1");
  third.on("error", () => {});
  await once(third, "close");
  const elsewhere = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" });
  elsewhere.write("GET /health HTTP/1.1\r\nHost: t\r\n\r\n");
  await once(elsewhere, "data");
  elsewhere.destroy();
  // Answered and closed by the tracker, so that it knows of the end before the next connection comes.
  held[0]?.write("GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  held[0]?.resume();
  await once(held[0] as (typeof held)[number], "close");
  assert.equal((await ask(tracker, "/health")).status, 200);
  for (const socket of held) socket.destroy();
});

test("serveHttp() ends connections that send no head, half a body, or nothing more", async () => {
  const limits = { httpHeadersTimeoutMs: 100, httpRequestTimeoutMs: 100, httpKeepAliveMs: 100 };
  await using tracker = await open({ limits });
  const head = "GET /health HTTP/1.1\r\nHost: t\r\n";
  assert.match(await raw(tracker, head), /^HTTP\/1\.1 408 /);
  assert.match(await raw(tracker, `${head}Content-Length: 9\r\n\r\nhalf`), /^HTTP\/1\.1 200 /);
  assert.match(await raw(tracker, `${head}\r\n`), /^HTTP\/1\.1 200 /);
});

test("serveHttp() ends the connection of a GET that has a body, however it is announced, and keeps the others", async () => {
  const limits = { httpHeadersTimeoutMs: 100, httpRequestTimeoutMs: 100, httpKeepAliveMs: 100 };
  await using tracker = await open({ limits });
  for (const [header, ends] of [
    ["CONTENT-length: 9", true],
    ["transfer-ENCODING: c\x68unked", true],
    ["Content-Length: 0", false],
    ["X-Content-Length: 9", false],
  ] as const) {
    // Node's own reply to a body that does not come would stand behind ours.
    const [head = ""] = (await raw(tracker, `GET /health HTTP/1.1\r\nHost: t\r\n${header}\r\n\r\n`)).split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 200 /, header);
    assert.equal(/\r\nconnection: close(?:\r\n|$)/i.test(head), ends, header);
  }
});

test("serveHttp() closes the oldest connection where all places are taken, and answers the new one", async () => {
  await using tracker = await open({ limits: { httpConnectionsMax: 2 } });
  const port = tracker.http[0]?.port ?? 0;
  const hold = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    await once(socket, "connect");
    return socket;
  };
  const oldest = await hold("127.0.0.2");
  const closed = once(oldest, "close");
  const other = await hold("127.0.0.3");
  assert.equal((await ask(tracker, "/health")).status, 200);
  await closed;
  assert.equal(other.destroyed, false);
  other.destroy();
});
