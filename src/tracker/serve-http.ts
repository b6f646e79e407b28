// The HTTP front end (BEP 3, 7, 23, 48): GET /announce and /scrape, and /health for whoever watches the process.
// Invariants: the peer's address is the connection's, whatever `ip` or X-Forwarded-For claim; what a client sends is
// bounded in size and time, and so are its connections. Failures are bencoded with status 200, which is what trackers'
// clients understand; only what is no announce at all gets another status.

import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AnnounceError,
  announceReplyText,
  encodeFailure,
  parseAnnounceQuery,
  parseScrapeQuery,
  scrapeReplyText,
} from "../announce/index.ts";
import {
  COMPACT_IPV6_BYTES,
  endpointOf,
  messageOf,
  TRACKER_HTTP_HEAD_BYTES_MAX,
  TRACKER_HTTP_KEEP_ALIVE_GRACE_MS,
  TRACKER_PEERS_DEFAULT,
  TRACKER_PEERS_PER_REPLY_MAX,
} from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { nodeHttp } from "../net/index.ts";
import type { FrontEnd, FrontEndDeps, FrontEndOptions } from "./front-end.ts";
import { HttpConnections } from "./http-connections.ts";
import { httpCheckIntervalMs } from "./limits.ts";
import type { PlainGet } from "./plain-get.ts";
import { PlainReplies } from "./plain-reply.ts";
import type { SourceAddress } from "./source-address.ts";
import { TrackerError } from "./tracker-error.ts";

const INFO_HASH_WORDS = 5;
/** When a client that sends too much may come again. */
const limitedRetryMs = 60_000;

/** @throws TrackerError tracker.listen */
export async function serveHttp(deps: FrontEndDeps, options: FrontEndOptions): Promise<FrontEnd> {
  const { limits } = deps;
  const checkMs = httpCheckIntervalMs([limits.httpHeadersTimeoutMs, limits.httpRequestTimeoutMs]);
  const server = nodeHttp().createServer({
    maxHeaderSize: TRACKER_HTTP_HEAD_BYTES_MAX,
    headersTimeout: limits.httpHeadersTimeoutMs,
    requestTimeout: limits.httpRequestTimeoutMs,
    keepAliveTimeout: limits.httpKeepAliveMs,
    keepAliveTimeoutBuffer: TRACKER_HTTP_KEEP_ALIVE_GRACE_MS,
    // How often the first two are looked at; every 30 s, if nobody asks for more, which would be three times the limit.
    ...(checkMs === null ? {} : { connectionsCheckingInterval: checkMs }),
    noDelay: true,
  });
  try {
    server.listen({ host: options.host, port: options.port });
    await once(server, "listening");
  } catch (cause) {
    throw new TrackerError(
      "tracker.listen",
      `The tracker cannot listen on TCP ${options.host} port ${options.port}: ${messageOf(cause)}`,
      { cause, retryable: true },
    );
  }
  const frontEnd = new HttpFrontEnd(deps, options, server);
  deps.log.write("info", "tracker.http-listening", { ...frontEnd.endpoint });
  return frontEnd;
}

class HttpFrontEnd implements FrontEnd {
  readonly endpoint: Endpoint;
  readonly #deps: FrontEndDeps;
  readonly #options: FrontEndOptions;
  readonly #server: Server;
  readonly #source: SourceAddress;
  /** That of a scrape, in words. */
  readonly #infoHash = new Int32Array(INFO_HASH_WORDS);
  readonly #peers = Buffer.alloc(TRACKER_PEERS_PER_REPLY_MAX * COMPACT_IPV6_BYTES);
  readonly #peersView = new DataView(this.#peers.buffer, this.#peers.byteOffset, this.#peers.length);
  readonly #connections: HttpConnections;

  constructor(deps: FrontEndDeps, options: FrontEndOptions, server: Server) {
    this.#deps = deps;
    this.#options = options;
    this.#server = server;
    this.#source = deps.table.createAddress();
    const bound = server.address() as AddressInfo;
    this.endpoint = endpointOf(bound.address, bound.port) ?? { address: bound.address, port: bound.port };
    server.on("request", (request, response) => this.#serve(request, response));
    const { clock, limits } = deps;
    const replies = new PlainReplies(clock, limits.httpKeepAliveMs);
    const answer = ({ path, query, isLast }: PlainGet, remoteAddress: string | undefined): string =>
      replies.reply(this.#answer(path, query, remoteAddress), isLast);
    this.#connections = new HttpConnections({ clock, limits, answer }, server);
    server.on("error", (error) => deps.log.write("warn", "tracker.http-error", { message: error.message }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    this.#connections.close();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    const mark = url.indexOf("?");
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = mark === -1 ? "" : url.slice(mark + 1);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      end(request, response, 405, "Announces are GET requests.\n");
    } else if (path === "/announce" || path === "/scrape") {
      end(request, response, 200, this.#answer(path, query, request.socket.remoteAddress));
    } else if (path === "/health") {
      end(request, response, 200, "ok\n");
    } else {
      end(request, response, 404, "A tracker: announce at /announce.\n");
    }
  }

  #answer(path: "/announce" | "/scrape", query: string, remoteAddress: string | undefined): string {
    const { budget, clock, counters } = this.#deps;
    const nowMs = clock.now();
    // A connection that was reset meanwhile has no address any more, and nobody reads the answer.
    if (remoteAddress === undefined || !this.#source.set(remoteAddress)) {
      counters.ignored++;
      return encodeFailure("Your address is unknown.").toString("latin1");
    }
    if (!budget.take(this.#source, nowMs)) {
      counters.limited++;
      return encodeFailure("Too many requests from your address.", limitedRetryMs).toString("latin1");
    }
    try {
      return path === "/announce" ? this.#announce(query, remoteAddress, nowMs) : this.#scrape(query);
    } catch (error) {
      if (!(error instanceof AnnounceError)) throw error;
      counters.refused++;
      return encodeFailure(error.message).toString("latin1");
    }
  }

  #announce(query: string, remoteAddress: string, nowMs: number): string {
    const { table, sites, counters } = this.#deps;
    const request = parseAnnounceQuery(query);
    const answer = table.announce(this.#source, request, nowMs, this.#peersView, 0, TRACKER_PEERS_PER_REPLY_MAX);
    if (answer.kind === "refused") {
      counters.refused++;
      return encodeFailure(answer.message).toString("latin1");
    }
    counters.announces++;
    const peersMax = Math.min(request.numWant ?? TRACKER_PEERS_DEFAULT, TRACKER_PEERS_PER_REPLY_MAX);
    sites.announced(this.#source, request, nowMs, { target: this.#peers, position: 0, end: answer.end, peersMax });
    const peers = this.#peers.subarray(0, answer.end);
    const none = this.#peers.subarray(0, 0);
    return announceReplyText(
      {
        intervalSeconds: this.#options.intervalSeconds,
        minIntervalSeconds: this.#options.minIntervalSeconds,
        complete: answer.complete,
        incomplete: answer.incomplete,
        downloaded: answer.downloaded,
        peers: this.#source.family === 4 ? peers : none,
        peers6: this.#source.family === 6 ? peers : none,
        externalAddress: remoteAddress,
        warning: answer.listed ? undefined : "Too many peers: you are not listed.",
      },
      request.compact === false ? "dictionary" : "compact",
    );
  }

  #scrape(query: string): string {
    const { table, counters } = this.#deps;
    const infoHashes = parseScrapeQuery(query);
    counters.scrapes++;
    return scrapeReplyText(
      infoHashes.map((infoHash) => {
        readInfoHash(infoHash, this.#infoHash);
        return [infoHash, table.scrape(this.#infoHash)] as const;
      }),
    );
  }
}

/** `text`: 20 characters, one a byte. The words have the first byte on top. */
function readInfoHash(text: string, into: Int32Array): void {
  for (let word = 0, at = 0; word < INFO_HASH_WORDS; word++, at += 4) {
    const high = (text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16);
    into[word] = high | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3);
  }
}

const fixedHeaders = ["Cache-Control", "no-store", "X-Content-Type-Options", "nosniff"] as const;

/** From names and values in turn: node makes `headers` of them only where somebody asks, which here would be for this alone. */
function announcesBody(rawHeaders: readonly string[]): boolean {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") return true;
    if (name.length === 14 && name.toLowerCase() === "content-length" && rawHeaders[at + 1] !== "0") return true;
  }
  return false;
}

function end(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  // A body is none of a GET's business: the connection ends rather than having it read.
  const headers = ["Content-Type", "text/plain; charset=utf-8", "Content-Length", String(body.length), ...fixedHeaders];
  const hasBody = announcesBody(request.rawHeaders);
  response.writeHead(status, hasBody ? [...headers, "Connection", "close"] : headers);
  // As a string of bytes it leaves in one write with the head; a Buffer would need a second.
  response.end(request.method === "HEAD" ? "" : body, "latin1");
}
