// Questions and answers over datagrams: one socket a family, shared by all trackers.
// Invariant: an answer is taken only where its transaction id is one that is open and its source is the address and
// port that was asked; everything else is dropped in silence. Ids are random, so that who cannot see the question
// cannot answer it.
// The sockets do not keep the process alive, open questions do (by their timers).

import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { endpointOf, formatEndpoint, messageOf } from "../core/index.ts";
import type { Random } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import { familyOf } from "./resolve-host.ts";
import type { AddressFamily } from "./resolve-host.ts";

/** Where a reply carries the transaction id: the same place in all of BEP 15. */
const TRANSACTION_ID_OFFSET = 4;

interface Transaction {
  /** Canonical `address:port`. */
  readonly from: string;
  readonly answer: (datagram: Buffer) => void;
  readonly fail: (error: Error) => void;
}

export interface UdpQuestion {
  readonly address: string;
  readonly port: number;
  /** Encodes the question with that transaction id. */
  readonly encode: (transactionId: number) => Buffer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export class UdpTransactions {
  readonly #random: Random;
  readonly #open = new Map<number, Transaction>();
  readonly #sockets = new Map<AddressFamily, Promise<Socket>>();
  #isClosed = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The answering datagram, or null where none came in time. @throws NetError net.connect; the signal's reason */
  async ask(question: UdpQuestion): Promise<Buffer | null> {
    const { address, port, signal } = question;
    this.#checkOpen(signal);
    const socket = await this.#socket(familyOf(address));
    this.#checkOpen(signal);
    const transactionId = this.#freshId();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
    const timer = setTimeout(() => resolve(null), question.timeoutMs);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    this.#open.set(transactionId, { from: keyOf(address, port), answer: resolve, fail: reject });
    try {
      socket.send(question.encode(transactionId), port, address, (error) => {
        if (error !== null) reject(notSent(error, address));
      });
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      this.#open.delete(transactionId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    this.#failAll(closed());
    for (const opening of sockets) {
      const socket = await opening.catch(() => null);
      if (socket === null) continue;
      socket.close();
      await once(socket, "close");
    }
  }

  #checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#isClosed) throw closed();
  }

  #freshId(): number {
    for (;;) {
      const id = this.#random.int(2 ** 32);
      if (!this.#open.has(id)) return id;
    }
  }

  async #socket(family: AddressFamily): Promise<Socket> {
    let opening = this.#sockets.get(family);
    if (opening === undefined) {
      opening = this.#openSocket(family);
      this.#sockets.set(family, opening);
    }
    try {
      return await opening;
    } catch (cause) {
      // Also where the host has no IPv6 at all. The next question tries again.
      if (this.#sockets.get(family) === opening) this.#sockets.delete(family);
      throw notSent(cause, family);
    }
  }

  async #openSocket(family: AddressFamily): Promise<Socket> {
    const socket = createSocket(family === "ipv4" ? { type: "udp4" } : { type: "udp6", ipv6Only: true });
    const bound = once(socket, "listening");
    socket.bind(0);
    await bound;
    socket.on("message", (datagram, source) => this.#receive(datagram, source));
    socket.on("error", (error) => {
      this.#sockets.delete(family);
      socket.close();
      this.#failAll(notSent(error, family));
    });
    socket.unref();
    return socket;
  }

  #receive(datagram: Buffer, source: RemoteInfo): void {
    if (datagram.length < TRANSACTION_ID_OFFSET + 4) return;
    const transaction = this.#open.get(datagram.readUInt32BE(TRANSACTION_ID_OFFSET));
    if (transaction?.from === keyOf(source.address, source.port)) transaction.answer(datagram);
  }

  #failAll(error: Error): void {
    for (const transaction of this.#open.values()) transaction.fail(error);
  }
}

function keyOf(address: string, port: number): string {
  const endpoint = endpointOf(address, port);
  return endpoint === null ? "" : formatEndpoint(endpoint);
}

function closed(): NetError {
  return new NetError("net.connect", "The tracker client was closed.");
}

function notSent(cause: unknown, to: string): NetError {
  return new NetError("net.connect", `A datagram to ${to} cannot be sent: ${messageOf(cause)}.`, {
    cause,
    retryable: true,
  });
}
