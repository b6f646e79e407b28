// The UDP front end (BEP 15). Hot: one announce costs one reply buffer that is reused, one small object and no promise.
// Invariant: until a sender has returned a connection id, no datagram to it is longer than the one that came, and the
// only one is the connect reply; garbage and forged ids are met with silence.

import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { lookup } from "node:dns/promises";
import {
  AnnounceError,
  parseUdpRequest,
  peekUdpRequest,
  UDP_ANNOUNCE_REPLY_HEADER_BYTES,
  udpTransactionId,
  writeUdpAnnounceReply,
  writeUdpConnectReply,
  writeUdpErrorReply,
  writeUdpScrapeReply,
} from "../announce/index.ts";
import type { ScrapeEntry, UdpAnnounceRequest, UdpRequest, UdpScrapeRequest } from "../announce/index.ts";
import {
  endpointOf,
  messageOf,
  TRACKER_PEERS_DEFAULT,
  TRACKER_PEERS_PER_DATAGRAM_IPV6_MAX,
  TRACKER_PEERS_PER_REPLY_MAX,
  TRACKER_UDP_SEND_QUEUE_BYTES_MAX,
  TRACKER_UDP_SOCKET_BUFFER_BYTES,
} from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { ConnectionIds } from "./connection-id.ts";
import type { FrontEnd, FrontEndDeps, FrontEndOptions } from "./front-end.ts";
import { ReplyBuffer } from "./reply-buffer.ts";
import type { SourceAddress } from "./source-address.ts";
import { TrackerError } from "./tracker-error.ts";

/** The longest reply: 200 IPv4 peers. */
const replyBytesMax = 1280;

/** @throws TrackerError tracker.listen */
export async function serveUdp(deps: FrontEndDeps, options: FrontEndOptions): Promise<FrontEnd> {
  const socket = await bind(options);
  const frontEnd = new UdpFrontEnd(deps, options, socket);
  deps.log.write("info", "tracker.udp-listening", { ...frontEnd.endpoint });
  return frontEnd;
}

async function bind(options: FrontEndOptions): Promise<Socket> {
  let socket: Socket | null = null;
  try {
    const host = isIP(options.host) === 0 ? (await lookup(options.host)).address : options.host;
    const family = isIP(host) === 6 ? 6 : 4;
    socket = createSocket({
      type: `udp${family}`,
      recvBufferSize: TRACKER_UDP_SOCKET_BUFFER_BYTES,
      sendBufferSize: TRACKER_UDP_SOCKET_BUFFER_BYTES,
      // Replies go to addresses, never to names: answering at once saves a turn of the event loop for each reply.
      lookup: (address, _, callback) => callback(null, address, family),
    });
    // Asked for first: with a lookup that answers at once, the socket may listen before bind returns.
    const listening = once(socket, "listening");
    socket.bind(options.port, host);
    await listening;
    return socket;
  } catch (cause) {
    socket?.close();
    throw new TrackerError(
      "tracker.listen",
      `The tracker cannot listen on UDP ${options.host} port ${options.port}: ${messageOf(cause)}`,
      { cause, retryable: true },
    );
  }
}

class UdpFrontEnd implements FrontEnd {
  readonly endpoint: Endpoint;
  readonly #deps: FrontEndDeps;
  readonly #options: FrontEndOptions;
  readonly #socket: Socket;
  readonly #connectionIds: ConnectionIds;
  readonly #source: SourceAddress;
  readonly #infoHash = new Int32Array(5);
  #reply = new ReplyBuffer(replyBytesMax);
  /** Whether the kernel has left a reply to wait. */
  #isWaiting = false;

  constructor(deps: FrontEndDeps, options: FrontEndOptions, socket: Socket) {
    this.#deps = deps;
    this.#options = options;
    this.#socket = socket;
    this.#source = deps.table.createAddress();
    this.#connectionIds = new ConnectionIds(deps.random, Math.floor(deps.clock.now() / 1000));
    const bound = socket.address();
    this.endpoint = endpointOf(bound.address, bound.port) ?? { address: bound.address, port: bound.port };
    socket.on("message", (bytes, remote) => this.#receive(bytes, remote));
    // ICMP errors of single replies arrive here; none of them is a reason to stop.
    socket.on("error", (error) => deps.log.write("warn", "tracker.udp-error", { message: error.message }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #receive(bytes: Buffer, remote: RemoteInfo): void {
    const { clock, counters } = this.#deps;
    const kind = peekUdpRequest(bytes);
    if (kind === "garbage" || remote.port === 0 || !this.#source.set(remote.address)) {
      counters.ignored++;
      return;
    }
    const nowMs = clock.now();
    const nowSeconds = Math.floor(nowMs / 1000);
    const transactionId = udpTransactionId(bytes);
    const ids = this.#connectionIds;
    if (kind === "connect") {
      counters.connects++;
      ids.issue(this.#source, nowSeconds);
      this.#send(writeUdpConnectReply(this.#reply.bytes, transactionId, ids.high, ids.low), remote);
      return;
    }
    if (!ids.isValid(this.#source, bytes.readUInt32BE(0), bytes.readUInt32BE(4), nowSeconds)) {
      counters.ignored++;
      return;
    }
    if (!this.#deps.budget.take(this.#source, nowMs)) {
      counters.limited++;
      return;
    }
    this.#send(this.#answer(bytes, transactionId, nowMs), remote);
  }

  /** Writes the reply to a proven sender. Returns its length, 0 where it gets none. */
  #answer(bytes: Buffer, transactionId: number, nowMs: number): number {
    let request: UdpRequest;
    try {
      request = parseUdpRequest(bytes);
    } catch (error) {
      if (!(error instanceof AnnounceError)) throw error;
      this.#deps.counters.refused++;
      return error.replyAllowed ? writeUdpErrorReply(this.#reply.bytes, transactionId, error.message) : 0;
    }
    if (request.action === "announce") return this.#announce(request, nowMs);
    return request.action === "scrape" ? this.#scrape(request) : 0;
  }

  #scrape(request: UdpScrapeRequest): number {
    const { table, counters } = this.#deps;
    const entries: ScrapeEntry[] = [];
    for (let index = 0; index < request.count; index++) {
      request.readInfoHash(index, this.#infoHash);
      entries.push(table.scrape(this.#infoHash));
    }
    counters.scrapes++;
    return writeUdpScrapeReply(this.#reply.bytes, request.transactionId, entries);
  }

  #announce(request: UdpAnnounceRequest, nowMs: number): number {
    const { table, sites, counters } = this.#deps;
    const peersMax = this.#source.family === 4 ? TRACKER_PEERS_PER_REPLY_MAX : TRACKER_PEERS_PER_DATAGRAM_IPV6_MAX;
    const { bytes: reply, view } = this.#reply;
    const answer = table.announce(this.#source, request, nowMs, view, UDP_ANNOUNCE_REPLY_HEADER_BYTES, peersMax);
    if (answer.kind === "refused") {
      counters.refused++;
      return writeUdpErrorReply(reply, request.transactionId, answer.message);
    }
    counters.announces++;
    const peersAsked = Math.min(request.numWant ?? TRACKER_PEERS_DEFAULT, peersMax);
    const written = { target: reply, position: UDP_ANNOUNCE_REPLY_HEADER_BYTES, end: answer.end, peersMax: peersAsked };
    sites.announced(this.#source, request, nowMs, written);
    const { intervalSeconds } = this.#options;
    writeUdpAnnounceReply(reply, request.transactionId, intervalSeconds, answer.incomplete, answer.complete);
    return answer.end;
  }

  #send(lengthBytes: number, remote: RemoteInfo): void {
    if (lengthBytes === 0) return;
    const socket = this.#socket;
    if (this.#isWaiting && socket.getSendQueueSize() > TRACKER_UDP_SEND_QUEUE_BYTES_MAX) {
      this.#deps.counters.unsent++;
      return;
    }
    socket.send(this.#reply.head(lengthBytes), remote.port, remote.address);
    // As a rule the kernel has taken the reply by now. Where it has not, the buffer is still being read: take another.
    this.#isWaiting = socket.getSendQueueCount() > 0;
    if (this.#isWaiting) this.#reply = new ReplyBuffer(replyBytesMax);
  }
}
