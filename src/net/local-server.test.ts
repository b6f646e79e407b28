// Real servers on this machine for the tests of this folder, well-behaved or not, and what their clients must say.
// It has no tests; its name keeps it out of the build.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { localNetworks } from "./local-networks.ts";
import { NetError } from "./net-error.ts";
import type { NetErrorCode } from "./net-error.ts";

export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT` and the path, or with another host. */
  url(path: string, host?: string): string;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function serveHttp(
  handler: Handler,
  host = "127.0.0.1",
  port = 0,
): Promise<LocalServer & { readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createHttpServer(handler);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(port, host);
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  return {
    ...localServer("http", bound, async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    }),
    sockets,
  };
}

/** For what node's own server would not send. `answer` is called when a request's headers have come. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (bytes.toString("latin1").endsWith("\r\n\r\n")) answer(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return localServer("http", (server.address() as AddressInfo).port, async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
}

export interface UdpServer extends LocalServer {
  send(bytes: Buffer, to: RemoteInfo): void;
}

export async function serveUdp(
  answer: (datagram: Buffer, from: RemoteInfo, server: UdpServer) => void,
  host = "127.0.0.1",
): Promise<UdpServer> {
  const socket = createSocket(host.includes(":") ? { type: "udp6", ipv6Only: true } : { type: "udp4" });
  socket.bind(0, host);
  await once(socket, "listening");
  const server: UdpServer = {
    ...localServer("udp", socket.address().port, async () => {
      socket.close();
      await once(socket, "close");
    }),
    send: (bytes, to) => socket.send(bytes, to.port, to.address),
  };
  socket.on("message", (datagram, from) => answer(datagram, from, server));
  return server;
}

function localServer(scheme: string, port: number, close: () => Promise<void>): LocalServer {
  return {
    port,
    url: (path, host = "127.0.0.1") => `${scheme}://${host}:${port}${path}`,
    [Symbol.asyncDispose]: close,
  };
}

/** The rejection, which must be a NetError of that code with a whole sentence. */
export async function rejection(promise: Promise<unknown>, code: NetErrorCode): Promise<NetError> {
  const error: unknown = await promise.then(
    () => assert.fail(`resolved where ${code} was expected`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NetError, `${code} was expected, not ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^.{10,}$/s);
  return error;
}

/** Waits until the clients have closed all of their connections. */
export async function allClosed(sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) {
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  }
}

/** An address of this machine that is not loopback; what a server there receives has not left the machine. */
export const ownAddress: string | undefined = localNetworks("").ipv4[0];
export const withoutNetwork: string | false =
  ownAddress === undefined && "needs an IPv4 address of this machine besides loopback";

/** A signal for calls that are expected to end by themselves. */
export const unaborted: AbortSignal = new AbortController().signal;
