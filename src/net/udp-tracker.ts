// The client of UDP trackers (BEP 15): a connection id, then the request, each repeated by the protocol's schedule.
// Invariants: a connection id is used for a minute and only at the address and port that gave it; the waits of one
// request grow over connect and request together; nothing is sent after the signal.
// A tracker with several addresses is asked at one after the other, so that a dead family costs one wait.

import {
  isConnectionIdFresh,
  parseUdpReply,
  udpTimeoutMs,
  writeUdpConnectRequest,
  UDP_CONNECT_REQUEST_BYTES,
} from "../announce/index.ts";
import type { ConnectionId, UdpReply } from "../announce/index.ts";
import { endpointOf, formatEndpoint, UDP_CONNECTION_IDS_MAX } from "../core/index.ts";
import type { Clock, Random } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import { familyOf } from "./resolve-host.ts";
import { UdpTransactions } from "./udp-transactions.ts";
import { shown } from "./url-policy.ts";

export interface UdpTrackerDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** The wait after the n-th datagram, null to give up: BEP 15's unless it is replaced. */
  readonly timeoutMs?: (attempt: number) => number | null;
}

export interface UdpRequestOptions {
  readonly url: URL;
  /** Permitted addresses, best first; not empty. */
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
  /** Encodes the request once there is a connection id. */
  readonly encode: (connectionId: ConnectionId, transactionId: number) => Buffer;
}

interface Connection {
  readonly id: ConnectionId;
  readonly receivedAtMs: number;
}

export class UdpTracker {
  readonly #clock: Clock;
  readonly #timeoutMs: (attempt: number) => number | null;
  readonly #transactions: UdpTransactions;
  readonly #connections = new Map<string, Connection>();

  constructor(deps: UdpTrackerDeps) {
    this.#clock = deps.clock;
    this.#timeoutMs = deps.timeoutMs ?? udpTimeoutMs;
    this.#transactions = new UdpTransactions(deps.random);
  }

  /** The tracker's reply, errors included, and the address that it came from. @throws NetError net.timeout, net.connect, net.tracker-reply; the signal's reason */
  async request(options: UdpRequestOptions): Promise<{ readonly reply: UdpReply; readonly address: string }> {
    let addresses = options.addresses;
    for (let attempt = 0; ; attempt++) {
      const address = addresses[attempt % addresses.length];
      const timeoutMs = this.#timeoutMs(attempt);
      if (timeoutMs === null || address === undefined) {
        throw new NetError("net.timeout", `${shown(options.url)} does not answer.`, { retryable: true });
      }
      try {
        const reply = await this.#attempt(address, timeoutMs, options);
        if (reply !== null) return { reply, address };
      } catch (error) {
        options.signal.throwIfAborted();
        // No route to this address: the others may have one.
        if (!(error instanceof NetError && error.code === "net.connect") || addresses.length === 1) throw error;
        addresses = addresses.filter((other) => other !== address);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transactions[Symbol.asyncDispose]();
  }

  /** Null where nothing came in time, or a remembered connection id was not good any more. */
  async #attempt(address: string, timeoutMs: number, options: UdpRequestOptions): Promise<UdpReply | null> {
    const port = Number(options.url.port);
    const ask = async (encode: (transactionId: number) => Buffer): Promise<UdpReply | null> => {
      const datagram = await this.#transactions.ask({ address, port, encode, timeoutMs, signal: options.signal });
      return datagram === null ? null : parse(datagram, address, options.url);
    };
    const key = formatEndpoint(endpointOf(address, port) ?? { address, port });
    const remembered = this.#recall(key);
    let id = remembered;
    if (id === null) {
      const reply = await ask(encodeConnect);
      if (reply === null || reply.action === "error") return reply;
      if (reply.action !== "connect") throw unexpected(options.url, "another answer than was asked for");
      id = reply.connectionId;
      this.#remember(key, id);
    }
    const connectionId = id;
    const reply = await ask((transactionId) => options.encode(connectionId, transactionId));
    // A tracker that was restarted does not know the ids it gave before, and says so or stays silent.
    const isRefused = reply === null || reply.action === "error";
    if (isRefused && remembered !== null) {
      this.#connections.delete(key);
      return null;
    }
    return reply;
  }

  #recall(key: string): ConnectionId | null {
    const connection = this.#connections.get(key);
    if (connection === undefined) return null;
    if (isConnectionIdFresh(connection.receivedAtMs, this.#clock.now())) return connection.id;
    this.#connections.delete(key);
    return null;
  }

  #remember(key: string, id: ConnectionId): void {
    this.#connections.delete(key);
    this.#connections.set(key, { id, receivedAtMs: this.#clock.now() });
    const [oldest] = this.#connections.keys();
    if (this.#connections.size > UDP_CONNECTION_IDS_MAX && oldest !== undefined) this.#connections.delete(oldest);
  }
}

function encodeConnect(transactionId: number): Buffer {
  const datagram = Buffer.alloc(UDP_CONNECT_REQUEST_BYTES);
  writeUdpConnectRequest(datagram, transactionId);
  return datagram;
}

function parse(datagram: Buffer, address: string, url: URL): UdpReply {
  try {
    return parseUdpReply(datagram, familyOf(address));
  } catch (cause) {
    throw unexpected(url, "a damaged answer", cause);
  }
}

function unexpected(url: URL, what: string, cause?: unknown): NetError {
  return new NetError("net.tracker-reply", `${shown(url)} sent ${what}.`, { cause, retryable: true });
}
