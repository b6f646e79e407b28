// The connections of the HTTP front end: who is let in, and who reads what they send. A plain announce or scrape
// (plain-get) is answered at once; with the first packet that is anything else the connection is Node's HTTP server's, for
// good, from that packet's first byte on. Node's parser and its objects cost more than an announce does.
// Invariants: connections are bounded, in all and by address, and so is the time that one may be idle; who does not read
// its answers is not asked for more requests. One that says nothing ends without a reply, where Node would send a 408.

import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf, TRACKER_HTTP_KEEP_ALIVE_GRACE_MS } from "../core/index.ts";
import type { Clock } from "../core/index.ts";
import { httpCheckIntervalMs } from "./limits.ts";
import type { TrackerLimits } from "./limits.ts";
import { PlainGetReader } from "./plain-get.ts";
import type { PlainGet } from "./plain-get.ts";

export interface HttpConnectionsDeps {
  readonly clock: Clock;
  readonly limits: TrackerLimits;
  /** All bytes of a reply, one a character. */
  readonly answer: (request: PlainGet, remoteAddress: string | undefined) => string;
}

export class HttpConnections {
  readonly #deps: HttpConnectionsDeps;
  readonly #server: Server;
  /** What Node's server does with a connection of its own. */
  readonly #nodes: ((socket: Socket) => void)[];
  readonly #reader = new PlainGetReader();
  /** Open ones, the oldest first, and how many of them an address has. */
  readonly #open = new Map<Socket, PlainConnection | null>();
  readonly #perAddress = new Map<string, number>();
  readonly #timer: NodeJS.Timeout | undefined;

  /** Of a server that has not taken a connection yet. */
  constructor(deps: HttpConnectionsDeps, server: Server) {
    this.#deps = deps;
    this.#server = server;
    this.#nodes = server.listeners("connection") as ((socket: Socket) => void)[];
    assert(this.#nodes.length > 0);
    server.removeAllListeners("connection");
    server.on("connection", (socket) => this.#admit(socket));
    const { httpHeadersTimeoutMs, httpKeepAliveMs } = deps.limits;
    const checkMs = httpCheckIntervalMs([httpHeadersTimeoutMs, httpKeepAliveMs]);
    if (checkMs === null) return;
    this.#timer = setInterval(() => this.#endIdle(), checkMs);
    this.#timer.unref();
  }

  /** Ends those that Node's server does not know. */
  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /**
   * Where all places are taken the oldest connection goes, not the new one: an announcer is answered as soon as it has
   * asked, while who holds places open is older with every newcomer.
   */
  #admit(socket: Socket): void {
    const address = socket.remoteAddress === undefined ? null : networkOf(socket.remoteAddress);
    const { httpConnectionsMax, httpConnectionsPerAddressMax } = this.#deps.limits;
    const count = (this.#perAddress.get(address ?? "") ?? 0) + 1;
    if (address === null || count > httpConnectionsPerAddressMax) {
      socket.destroy();
      return;
    }
    if (this.#open.size >= httpConnectionsMax) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
      oldest?.destroy();
    }
    this.#perAddress.set(address, count);
    this.#open.set(socket, this.#read(socket));
    socket.once("close", () => {
      this.#open.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
  }

  #read(socket: Socket): PlainConnection {
    const { answer, clock } = this.#deps;
    const connection: PlainConnection = { isAnswered: false, since: clock.now() };
    const onData = (bytes: Buffer): void => {
      if (socket.writableEnded) return;
      const request = this.#reader.read(bytes.toString("latin1"));
      if (request === null) {
        stop();
        if (this.#open.has(socket)) this.#open.set(socket, null);
        socket.unshift(bytes);
        for (const serve of this.#nodes) serve.call(this.#server, socket);
        return;
      }
      connection.isAnswered = true;
      connection.since = clock.now();
      const hasRoom = socket.write(answer(request, socket.remoteAddress), "latin1");
      if (request.isLast) socket.destroySoon();
      else if (!hasRoom) socket.pause();
    };
    const onDrain = (): void => {
      connection.since = clock.now();
      socket.resume();
    };
    const onEnd = (): void => socket.destroySoon();
    const onError = (): void => void socket.destroy();
    const stop = (): void => {
      socket.off("data", onData).off("drain", onDrain).off("end", onEnd).off("error", onError);
    };
    socket.on("data", onData).on("drain", onDrain).on("end", onEnd).on("error", onError);
    return connection;
  }

  #endIdle(): void {
    const { clock, limits } = this.#deps;
    const now = clock.now();
    const keepAliveMs = limits.httpKeepAliveMs === 0 ? 0 : limits.httpKeepAliveMs + TRACKER_HTTP_KEEP_ALIVE_GRACE_MS;
    for (const [socket, connection] of this.#open) {
      if (connection === null) continue;
      const limitMs = connection.isAnswered ? keepAliveMs : limits.httpHeadersTimeoutMs;
      if (limitMs > 0 && now - connection.since > limitMs) socket.destroy();
    }
  }
}

/** One that is not Node's. */
interface PlainConnection {
  isAnswered: boolean;
  /** When it was let in, was answered last, or had read all of that. */
  since: number;
}
