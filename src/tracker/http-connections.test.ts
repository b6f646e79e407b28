import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { TRACKER_HTTP_KEEP_ALIVE_GRACE_MS } from "../core/index.ts";
import { HttpConnections } from "./http-connections.ts";
import { trackerLimits } from "./limits.ts";
import type { TrackerLimits } from "./limits.ts";

interface Opened {
  readonly server: Server;
  readonly connections: HttpConnections;
  readonly port: number;
  /** Queries that were answered, with who answered. */
  readonly answered: string[];
  /** Time passes for the connections, and they are looked at. */
  readonly pass: (ms: number) => void;
  /** How often the connections have asked for the time. */
  readonly clockReads: () => number;
}

/** Its plain answers are `reply`, Node's are "node:" and the query. */
async function open(t: TestContext, limits: Partial<TrackerLimits> = {}, reply = ""): Promise<Opened> {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0;
  let clockReads = 0;
  const read = (): number => {
    clockReads++;
    return now;
  };
  const answered: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const query = request.url?.split("?")[1] ?? "";
    answered.push(`node:${query}`);
    response.end(`node:${query};`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const connections = new HttpConnections(
    {
      clock: { now: read, wallMs: read },
      limits: { ...trackerLimits, ...limits },
      answer: ({ query }) => {
        answered.push(`plain:${query}`);
        return reply === "" ? `plain:${query};` : reply;
      },
    },
    server,
  );
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    connections.close();
    await closed;
  });
  const pass = (ms: number): void => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  const { port } = server.address() as AddressInfo;
  return { server, connections, port, answered, pass, clockReads: () => clockReads };
}

const plain = (query: string, more = ""): string => `GET /announce?${query} HTTP/1.1\r\nHost: t\r\n${more}\r\n`;
const other = (query: string): string => plain(query, "X-Other: 1\r\n");

interface Client {
  readonly socket: Socket;
  /** Sends it and waits until what came ends so. */
  readonly send: (text: string, expected?: string) => Promise<void>;
  readonly received: () => string;
}

async function client(t: TestContext, port: number): Promise<Client> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  t.after(() => socket.destroy());
  await once(socket, "connect");
  let received = "";
  socket.on("data", (bytes) => (received += bytes.toString("latin1")));
  return {
    socket,
    received: () => received,
    send: async (text, expected) => {
      socket.write(text, "latin1");
      while (expected !== undefined && !received.endsWith(expected)) await once(socket, "data");
    },
  };
}

/** A client, and the server's end of its connection. */
async function accepted(t: TestContext, server: Server): Promise<Client & { readonly connection: Socket }> {
  const admitted = once(server, "connection") as Promise<[Socket]>;
  const one = await client(t, (server.address() as AddressInfo).port);
  const [connection] = await admitted;
  return { ...one, connection };
}

test("HttpConnections answers plain requests itself, and from the first other one on Node does, in their order", async (t) => {
  const { port, answered } = await open(t);
  const { send } = await client(t, port);
  await send(plain("1"), "plain:1;");
  await send(plain("2"), "plain:2;");
  await send(other("3"), "node:3;");
  await send(plain("4"), "node:4;");
  assert.deepEqual(answered, ["plain:1", "plain:2", "node:3", "node:4"]);
});

test("HttpConnections leaves requests to Node that come together, or in parts, from their first byte on", async (t) => {
  const { port, answered } = await open(t);
  const together = await client(t, port);
  await together.send(plain("1") + plain("2") + plain("3"), "node:3;");
  const inParts = await client(t, port);
  await inParts.send(plain("4"), "plain:4;");
  for (const byte of plain("5").slice(0, 20)) await inParts.send(byte);
  await inParts.send(plain("5").slice(20) + plain("6"), "node:6;");
  assert.deepEqual(answered, ["node:1", "node:2", "node:3", "plain:4", "node:5", "node:6"]);
});

test("HttpConnections ends a connection after the answer where the client says so, or has ended its side", async (t) => {
  const { port } = await open(t);
  const closing = await client(t, port);
  const closed = once(closing.socket, "close");
  await closing.send(plain("1", "Connection: close\r\n"));
  await closed;
  assert.equal(closing.received(), "plain:1;");
  const ended = await client(t, port);
  const gone = once(ended.socket, "close");
  ended.socket.end(plain("2"));
  await gone;
  assert.equal(ended.received(), "plain:2;");
});

test("HttpConnections ends a connection that says nothing, or nothing more after an answer, each in its time", async (t) => {
  const { server, port, answered, pass } = await open(t, { httpHeadersTimeoutMs: 3_000, httpKeepAliveMs: 1_000 });
  const idle = await client(t, port);
  await idle.send(plain("1"), "plain:1;");
  const silent = await accepted(t, server);
  const [silentClosed, idleClosed] = [once(silent.socket, "close"), once(idle.socket, "close")];
  pass(1_000 + TRACKER_HTTP_KEEP_ALIVE_GRACE_MS);
  await idle.send(plain("2"), "plain:2;");
  pass(1_200);
  await silentClosed;
  await idle.send(plain("3"), "plain:3;");
  pass(1_200 + TRACKER_HTTP_KEEP_ALIVE_GRACE_MS);
  await idleClosed;
  assert.deepEqual(answered, ["plain:1", "plain:2", "plain:3"]);
});

test("HttpConnections takes a limit of 0 for none, as Node does", async (t) => {
  const { server, port, pass } = await open(t, { httpHeadersTimeoutMs: 1_000, httpKeepAliveMs: 0 });
  const idle = await client(t, port);
  await idle.send(plain("1"), "plain:1;");
  const silent = await accepted(t, server);
  const closed = once(silent.socket, "close");
  pass(10_000);
  await closed;
  await idle.send(plain("2"), "plain:2;");
});

test("HttpConnections has room again for as many as have gone, however they went", async (t) => {
  const { server, port } = await open(t, { httpConnectionsMax: 4, httpConnectionsPerAddressMax: 3 });
  const ways: readonly ((one: Client) => void | Promise<void>)[] = [
    ({ socket }) => void socket.destroy(),
    ({ socket }) => void socket.resetAndDestroy(),
    ({ socket }) => void socket.end(plain("1")),
    ({ send }) => send(plain("2", "Connection: close\r\n")),
    ({ socket, send }) => send(plain("3"), "plain:3;").then(() => void socket.resetAndDestroy()),
    ({ socket, send }) => send(other("4"), "node:4;").then(() => void socket.destroy()),
  ];
  // The oldest: who counts those that have gone ends it.
  const first = await client(t, port);
  await first.send(plain("0"), "plain:0;");
  for (const leave of [...ways, ...ways, ...ways]) {
    const leaving = await accepted(t, server);
    const gone = new Promise((resolve) => leaving.connection.once("close", resolve));
    await leave(leaving);
    await gone;
  }
  const last = [first, await client(t, port), await client(t, port)];
  for (const { send } of last) await send(plain("5"), "plain:5;");
  for (const { send } of last) await send(plain("6"), "plain:6;");
});

test("HttpConnections leaves none of its own listeners on a connection that is Node's", async (t) => {
  const { server } = await open(t);
  const nodes = createServer((_request, response) => response.end("node:1;"));
  nodes.listen(0, "127.0.0.1");
  await once(nodes, "listening");
  t.after(() => nodes.close());
  const counts: number[][] = [];
  for (const one of [server, nodes]) {
    const { socket, send, connection } = await accepted(t, one);
    await send(other("1"), "node:1;");
    counts.push(["data", "drain", "end", "error"].map((name) => connection.listenerCount(name)));
    socket.destroy();
  }
  assert.deepEqual(counts[0], counts[1]);
});

/** More than the kernel's buffers of both ends take. */
const LONG = "x".repeat(32_000_000);

test("HttpConnections goes on where a client reads its answers late", async (t) => {
  const { server, answered } = await open(t, {}, LONG);
  const { socket, send, connection } = await accepted(t, server);
  socket.pause();
  await send(plain("1"));
  while (answered.length === 0) await once(connection, "data");
  await send(plain("2"));
  let lengthBytes = 0;
  socket.on("data", (bytes) => (lengthBytes += bytes.length));
  socket.resume();
  while (lengthBytes < 2 * LONG.length) await once(socket, "data");
  assert.deepEqual(answered, ["plain:1", "plain:2"]);
});

test("HttpConnections takes no second request of a client that does not read its answers, and ends it", async (t) => {
  const { server, port, answered, pass } = await open(t, { httpKeepAliveMs: 500 }, LONG);
  const { socket, send, connection } = await accepted(t, server);
  socket.on("error", () => {});
  socket.pause();
  const closed = once(connection, "close");
  await send(plain("1"));
  while (answered.length === 0) await once(connection, "data");
  await send(plain("2"));
  // As long as it takes to come in on another connection.
  const { send: ask } = await client(t, port);
  await ask(other("3"), "node:3;");
  pass(600 + TRACKER_HTTP_KEEP_ALIVE_GRACE_MS);
  await closed;
  assert.deepEqual(answered, ["plain:1", "node:3"]);
});

test("HttpConnections leaves the time of a connection to Node where the requests are Node's", async (t) => {
  const { server, port, pass } = await open(t, { httpHeadersTimeoutMs: 100, httpKeepAliveMs: 100 });
  const left = await client(t, port);
  await left.send(other("1"), "node:1;");
  const silent = await accepted(t, server);
  const closed = once(silent.socket, "close");
  pass(1_000);
  await closed;
  await left.send(other("2"), "node:2;");
});

test("HttpConnections answers nothing after the answer that a client wanted as its last", async (t) => {
  const { server, answered } = await open(t, {}, LONG);
  const { socket, send, received, connection } = await accepted(t, server);
  socket.pause();
  await send(plain("1", "Connection: close\r\n"));
  while (answered.length === 0) await once(connection, "data");
  const heard = once(connection, "data");
  await send(plain("2"));
  await heard;
  const closed = once(socket, "close");
  socket.resume();
  await closed;
  assert.deepEqual(answered, ["plain:1"]);
  assert.equal(received().length, LONG.length);
});

test("HttpConnections that were closed end, and are not looked at again", async (t) => {
  const { server, connections, pass, clockReads } = await open(t, { httpHeadersTimeoutMs: 1_000 });
  const { socket } = await accepted(t, server);
  pass(500);
  const whileOpen = clockReads();
  pass(200);
  assert.ok(clockReads() > whileOpen);
  const closed = once(socket, "close");
  connections.close();
  await closed;
  const afterClose = clockReads();
  pass(10_000);
  assert.equal(clockReads(), afterClose);
});
