import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { HttpConnections } from "./http-connections.ts";
import { trackerLimits } from "./limits.ts";
import type { TrackerLimits } from "./limits.ts";

interface Opened {
  readonly server: Server;
  readonly port: number;
  /** Queries that were answered, with who answered. */
  readonly answered: string[];
  /** Time passes for the connections, and they are looked at. */
  readonly pass: (ms: number) => void;
}

/** Its plain answers are `reply`, Node's are "node:" and the query. */
async function open(t: TestContext, limits: Partial<TrackerLimits> = {}, reply = ""): Promise<Opened> {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0;
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
      clock: { now: () => now, wallMs: () => now },
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
  return { server, port: (server.address() as AddressInfo).port, answered, pass };
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
  const { port, answered, pass } = await open(t, { httpHeadersTimeoutMs: 1_000, httpKeepAliveMs: 500 });
  const [silent, idle] = [await client(t, port), await client(t, port)];
  const [silentClosed, idleClosed] = [once(silent.socket, "close"), once(idle.socket, "close")];
  pass(400);
  await idle.send(plain("1"), "plain:1;");
  pass(500);
  await idle.send(plain("2"), "plain:2;");
  pass(101);
  await silentClosed;
  await idle.send(plain("3"), "plain:3;");
  pass(600);
  await idleClosed;
  assert.deepEqual(answered, ["plain:1", "plain:2", "plain:3"]);
});

/** More than the kernel's buffers of both ends take. */
const LONG = "x".repeat(32_000_000);

test("HttpConnections goes on where a client reads its answers late", async (t) => {
  const { server, port, answered } = await open(t, {}, LONG);
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const { socket, send } = await client(t, port);
  socket.pause();
  const [connection] = await accepted;
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
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const { socket, send } = await client(t, port);
  socket.on("error", () => {});
  socket.pause();
  const [connection] = await accepted;
  const closed = once(connection, "close");
  await send(plain("1"));
  while (answered.length === 0) await once(connection, "data");
  await send(plain("2"));
  // As long as it takes to come in on another connection.
  const { send: ask } = await client(t, port);
  await ask(other("3"), "node:3;");
  pass(600);
  await closed;
  assert.deepEqual(answered, ["plain:1", "node:3"]);
});

test("HttpConnections leaves the time of a connection to Node where the requests are Node's", async (t) => {
  const { port, pass } = await open(t, { httpHeadersTimeoutMs: 100, httpKeepAliveMs: 100 });
  const left = await client(t, port);
  await left.send(other("1"), "node:1;");
  const silent = await client(t, port);
  const closed = once(silent.socket, "close");
  pass(1_000);
  await closed;
  await left.send(other("2"), "node:2;");
});

test("HttpConnections answers nothing after the answer that a client wanted as its last", async (t) => {
  const { server, port, answered } = await open(t, {}, LONG);
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const { socket, send, received } = await client(t, port);
  socket.pause();
  const [connection] = await accepted;
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
