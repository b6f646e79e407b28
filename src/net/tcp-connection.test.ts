import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Endpoint } from "../core/index.ts";
import { TcpConnection } from "./tcp-connection.ts";
import type { TcpHandler } from "./tcp-connection.ts";
import { TcpListener } from "./tcp-listener.ts";

class Recorder implements TcpHandler {
  readonly #connected = Promise.withResolvers<TcpConnection>();
  readonly #closed = Promise.withResolvers<Error | null>();
  readonly connectedOnce: Promise<TcpConnection> = this.#connected.promise;
  readonly closedOnce: Promise<Error | null> = this.#closed.promise;
  closedCount = 0;
  text = "";
  /** Where bytes were when they were delivered. */
  readonly memory = new Set<ArrayBufferLike>();
  onText: () => void = () => {};

  connected(connection: TcpConnection): void {
    this.#connected.resolve(connection);
  }

  received(buffer: Buffer, lengthBytes: number): void {
    this.memory.add(buffer.buffer);
    this.text += buffer.toString("latin1", 0, lengthBytes);
    this.onText();
  }

  drained(): void {}

  closed(error: Error | null): void {
    this.closedCount++;
    this.#closed.resolve(error);
  }
}

async function serve(t: TestContext, accept: (socket: Socket) => void): Promise<Endpoint> {
  const server: Server = createServer({ allowHalfOpen: true }, accept).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

test("a connection that is refused is told as closed, once, with the error", async () => {
  const handler = new Recorder();
  const connection = TcpConnection.connect({ address: "127.0.0.1", port: 1 }, handler);
  assert.match(String(await handler.closedOnce), /ECONNREFUSED/);
  connection.close();
  assert.equal(handler.closedCount, 1);
});

test("close() while connecting ends the attempt, and nothing is told as connected", async (t) => {
  const endpoint = await serve(t, (socket) => socket.destroy());
  const handler = new Recorder();
  void handler.connectedOnce.then(() => assert.fail("it was closed"));
  TcpConnection.connect(endpoint, handler).close();
  assert.equal(await handler.closedOnce, null);
});

test("a peer that ends its side is told as closed at once, and what is written after that is given back", async (t) => {
  const endpoint = await serve(t, (socket) => socket.end("bye"));
  const handler = new Recorder();
  const connection = TcpConnection.connect(endpoint, handler);
  assert.equal(await handler.closedOnce, null);
  assert.equal(handler.text, "bye");
  assert.equal(connection.isClosed, true);
  let flushed = 0;
  connection.writeAll([Buffer.alloc(10)], () => flushed++);
  assert.equal(flushed, 1);
});

test("writeAll() gives its memory back exactly once, also where the connection is closed under it", async (t) => {
  const endpoint = await serve(t, (socket) => socket.pause());
  const handler = new Recorder();
  const connection = TcpConnection.connect(endpoint, handler);
  await handler.connectedOnce;
  const flushed: number[] = [0, 0, 0];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const index of flushed.keys()) {
    connection.writeAll([Buffer.alloc(8 << 20), Buffer.alloc(1)], () => {
      flushed[index] = (flushed[index] ?? 0) + 1;
      if (flushed.every((count) => count > 0)) resolve();
    });
  }
  assert.ok(connection.queuedBytes > 0);
  connection.close();
  await promise;
  await handler.closedOnce;
  assert.deepEqual(flushed, [1, 1, 1]);
});

test("a connection that was paused goes on where it was", async (t) => {
  const sent = Array.from({ length: 100_000 }, (_, index) => String(index % 10)).join("");
  const endpoint = await serve(t, (socket) => socket.write(sent));
  const handler = new Recorder();
  const connection = TcpConnection.connect(endpoint, handler);
  const { promise, resolve } = Promise.withResolvers<void>();
  handler.onText = () => {
    connection.pause();
    const { length } = handler.text;
    setImmediate(() => {
      assert.equal(handler.text.length, length, "nothing came meanwhile");
      connection.resume();
      if (length === sent.length) resolve();
    });
  };
  await promise;
  assert.equal(handler.text, sent);
  connection.close();
});

test("an accepted connection that is gone before it is started is told as closed", async () => {
  const accepted = Promise.withResolvers<TcpConnection>();
  await using listener = await TcpListener.open({ host: "127.0.0.1", port: 0 }, accepted.resolve);
  const socket = connect({ host: "127.0.0.1", port: listener.endpoint.port });
  await once(socket, "connect");
  const connection = await accepted.promise;
  connection.close();
  const handler = new Recorder();
  connection.start(handler);
  assert.equal(await handler.closedOnce, null);
  assert.equal(handler.closedCount, 1);
  socket.destroy();
});

test("accepted connections read into the memory of all others, and may be paused as they are", async (t) => {
  const accepted = Promise.withResolvers<TcpConnection>();
  const listener = await TcpListener.open({ host: "127.0.0.1", port: 0 }, accepted.resolve);
  const sent = Array.from({ length: 300_000 }, (_, index) => String(index % 10)).join("");
  const socket = connect({ host: "127.0.0.1", port: listener.endpoint.port });
  socket.write(sent);
  const inbound = new Recorder();
  const connection = await accepted.promise;
  const { promise, resolve } = Promise.withResolvers<void>();
  inbound.onText = () => {
    connection.pause();
    const { length } = inbound.text;
    setImmediate(() => {
      assert.equal(inbound.text.length, length, "nothing came meanwhile");
      connection.resume();
      if (length === sent.length) resolve();
    });
  };
  connection.start(inbound);
  await promise;
  assert.equal(inbound.text, sent);

  const endpoint = await serve(t, (other) => other.end("bye"));
  const outbound = new Recorder();
  TcpConnection.connect(endpoint, outbound);
  await outbound.closedOnce;
  assert.deepEqual([...inbound.memory], [...outbound.memory]);

  // The listener is closed when its connections are, and not before.
  let isDisposed = false;
  const disposed = listener[Symbol.asyncDispose]().then(() => (isDisposed = true));
  await new Promise((done) => setImmediate(done));
  assert.equal(isDisposed, false);
  socket.end();
  assert.equal(await inbound.closedOnce, null);
  await disposed;
});

test("TcpListener.open() without an address takes IPv6 and IPv4, and refuses a port that is taken", async () => {
  const remotes: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await using listener = await TcpListener.open({ port: 0 }, (connection) => {
    remotes.push(connection.remote.address);
    connection.close();
    if (remotes.length === 2) resolve();
  });
  const { port } = listener.endpoint;
  const sockets = ["127.0.0.1", "::1"].map((host) => connect({ host, port }).on("error", () => {}));
  await promise;
  assert.deepEqual(remotes.toSorted(), ["127.0.0.1", "::1"]);
  await assert.rejects(
    TcpListener.open({ port }, () => {}),
    { code: "net.listen", retryable: true },
  );
  await assert.rejects(
    TcpListener.open({ host: "192.0.2.7", port: 0 }, () => {}),
    { code: "net.listen" },
  );
  for (const socket of sockets) socket.destroy();
});
