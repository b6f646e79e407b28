// An announcer that speaks HTTP and one that speaks UDP, over real sockets, with one interface, so that one
// script runs over both front ends.

import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { Agent, get } from "node:http";
import type { IncomingMessage } from "node:http";
import {
  encodeAnnounceUrl,
  encodeScrapeUrl,
  parseAnnounceReply,
  parseScrapeReply,
  parseUdpReply,
  scrapeEntriesByHash,
  writeUdpAnnounceRequest,
  writeUdpConnectRequest,
  writeUdpScrapeRequest,
} from "../announce/index.ts";
import type { AnnounceOutcome, AnnounceRequest, ScrapeOutcome, TrackerFailure, UdpReply } from "../announce/index.ts";
import type { Endpoint, InfoHash } from "../core/index.ts";
import { formatEndpoint, parseInfoHash, parsePeerId } from "../core/index.ts";

export interface TestClient extends AsyncDisposable {
  announce(request: AnnounceRequest): Promise<AnnounceOutcome>;
  scrape(infoHashes: readonly InfoHash[]): Promise<ScrapeOutcome>;
}

/** The body and status of a GET. */
export async function fetchBytes(url: string, agent?: Agent): Promise<{ status: number; body: Buffer }> {
  const request = get(url, agent === undefined ? {} : { agent });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(parts) };
}

export function httpClient(tracker: Endpoint): TestClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = `http://${formatEndpoint(tracker)}/announce`;
  return {
    announce: async (request) => parseAnnounceReply((await fetchBytes(encodeAnnounceUrl(url, request), agent)).body),
    scrape: async (infoHashes) =>
      parseScrapeReply((await fetchBytes(encodeScrapeUrl(url, infoHashes) as string, agent)).body),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
}

/** A socket on the tracker's family. `send` waits for one datagram back. */
export class UdpProbe implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #tracker: Endpoint;

  private constructor(socket: Socket, tracker: Endpoint) {
    this.#socket = socket;
    this.#tracker = tracker;
  }

  static async open(tracker: Endpoint, localAddress?: string): Promise<UdpProbe> {
    const isIPv6 = tracker.address.includes(":");
    const socket = createSocket(isIPv6 ? "udp6" : "udp4");
    socket.bind(0, localAddress ?? (isIPv6 ? "::1" : "127.0.0.1"));
    await once(socket, "listening");
    return new UdpProbe(socket, tracker);
  }

  get family(): "ipv4" | "ipv6" {
    return this.#tracker.address.includes(":") ? "ipv6" : "ipv4";
  }

  post(bytes: Buffer): void {
    this.#socket.send(bytes, this.#tracker.port, this.#tracker.address);
  }

  async next(): Promise<Buffer> {
    const [bytes] = (await once(this.#socket, "message")) as [Buffer];
    return bytes;
  }

  async send(bytes: Buffer): Promise<Buffer> {
    const reply = this.next();
    this.post(bytes);
    return reply;
  }

  /**
   * What the tracker answers to these datagrams, in order. A connect request is sent behind them, and its answer, which
   * is left out, says that there is none to come: the tracker serves a socket's datagrams in order.
   */
  async answersTo(datagrams: readonly Buffer[]): Promise<readonly Buffer[]> {
    const fence = Buffer.alloc(16);
    writeUdpConnectRequest(fence, 0xfeed_f00d);
    const answers: Buffer[] = [];
    const done = new Promise<void>((resolve) => {
      const listen = (bytes: Buffer): void => {
        if (bytes.readUInt32BE(4) !== 0xfeed_f00d) {
          answers.push(bytes);
          return;
        }
        this.#socket.off("message", listen);
        resolve();
      };
      this.#socket.on("message", listen);
    });
    for (const datagram of datagrams) this.post(datagram);
    this.post(fence);
    await done;
    return answers;
  }

  async connect(): Promise<{ high: number; low: number }> {
    const bytes = Buffer.alloc(16);
    writeUdpConnectRequest(bytes, 1);
    const reply = parseUdpReply(await this.send(bytes), this.family);
    if (reply.action !== "connect") throw new Error(`The tracker answered a connect with ${reply.action}.`);
    return reply.connectionId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}

export async function udpClient(tracker: Endpoint): Promise<TestClient> {
  const probe = await UdpProbe.open(tracker);
  const buffer = Buffer.alloc(2048);
  return {
    announce: async (request) => {
      const length = writeUdpAnnounceRequest(buffer, await probe.connect(), 2, request);
      const reply = parseUdpReply(await probe.send(buffer.subarray(0, length)), probe.family);
      return reply.action === "announce" ? { kind: "reply", reply: reply.reply } : failureOf(reply);
    },
    scrape: async (infoHashes) => {
      const length = writeUdpScrapeRequest(buffer, await probe.connect(), 3, infoHashes);
      const reply = parseUdpReply(await probe.send(buffer.subarray(0, length)), probe.family);
      if (reply.action !== "scrape") return failureOf(reply);
      return { kind: "reply", entries: scrapeEntriesByHash(infoHashes, reply.entries) };
    },
    [Symbol.asyncDispose]: () => probe[Symbol.asyncDispose](),
  };
}

function failureOf(reply: UdpReply): TrackerFailure {
  if (reply.action !== "error") throw new Error(`The tracker answered with ${reply.action}.`);
  return { kind: "failure", message: reply.message, retryInMs: null };
}

/** An announce that is right in every field. */
export const genuineAnnounce: AnnounceRequest = {
  infoHash: parseInfoHash("ab".repeat(20)),
  peerId: parsePeerId("cd".repeat(20)),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: "started",
  numWant: null,
  key: 0,
};

/** The datagram of `genuineAnnounce` with some fields changed. */
export function announceBytes(
  connectionId: { high: number; low: number },
  changes: Partial<AnnounceRequest> = {},
): Buffer {
  const bytes = Buffer.alloc(98);
  writeUdpAnnounceRequest(bytes, connectionId, 7, { ...genuineAnnounce, ...changes });
  return bytes;
}
