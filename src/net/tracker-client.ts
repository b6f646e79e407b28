// Announces and scrapes over HTTP, HTTPS and UDP (BEP 3, 7, 15, 23, 41, 48), on the codec of src/announce.
// A host with IPv4 and IPv6 addresses is announced to over both, as BEP 7 and 15 ask, since each family's tracker
// entry is of its own: see announceOverFamilies().
// Deliberately without a schedule: when to announce, and to which tracker, is decided by src/announce's tiers.

import {
  encodeAnnounceUrl,
  encodeScrapeUrl,
  parseAnnounceReply,
  parseScrapeReply,
  scrapeEntriesByHash,
  urlDataOf,
  writeUdpAnnounceRequest,
  writeUdpScrapeRequest,
} from "../announce/index.ts";
import type {
  AnnounceOutcome,
  AnnounceReply,
  AnnounceRequest,
  ConnectionId,
  ScrapeEntry,
  TrackerFailure,
  UdpReply,
} from "../announce/index.ts";
import {
  ANNOUNCE_REPLY_BYTES_MAX,
  messageOf,
  RESOLVE_TIMEOUT_MS,
  systemClock,
  systemRandom,
  TRACKER_CONNECTIONS_MAX,
} from "../core/index.ts";
import type { Clock, InfoHash, Random } from "../core/index.ts";
import { readBody } from "./http-body.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpClientOptions } from "./http-client.ts";
import { statusError } from "./http-status.ts";
import { NetError } from "./net-error.ts";
import { resolveTarget, systemResolve } from "./resolve-host.ts";
import type { AddressFamily } from "./resolve-host.ts";
import { announceOverFamilies } from "./tracker-families.ts";
import { believedPeers } from "./tracker-peers.ts";
import { UdpTracker } from "./udp-tracker.ts";
import { parseTargetUrl, shown } from "./url-policy.ts";

export interface TrackerClientOptions extends HttpClientOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** The wait after the n-th datagram in ms, null to give up; BEP 15's schedule by default. */
  readonly udpTimeoutMs?: (attempt: number) => number | null;
}

export interface AnnounceOptions {
  /** The only limit of the whole: UDP's schedule takes over two hours. */
  readonly signal: AbortSignal;
  /** What the tracker gave with an earlier reply (HTTP only). */
  readonly trackerId?: string | null;
  /** Announce over these where the host has them: the families that we listen on. Both by default. */
  readonly families?: readonly AddressFamily[];
}

export interface ScrapeOptions {
  readonly signal: AbortSignal;
}

/** Room for 74 info-hashes or an announce with the longest URL data (BEP 41). */
const DATAGRAM_BYTES = 2048;

export class TrackerClient {
  readonly #http: HttpClient;
  readonly #udp: UdpTracker;
  readonly #options: TrackerClientOptions;

  constructor(options: TrackerClientOptions = {}) {
    this.#options = options;
    this.#http = new HttpClient(TRACKER_CONNECTIONS_MAX, options);
    this.#udp = new UdpTracker({
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      ...(options.udpTimeoutMs === undefined ? {} : { timeoutMs: options.udpTimeoutMs }),
    });
  }

  /**
   * Rejects with the signal's reason when it is aborted. A tracker's refusal is net.tracker-failure; it is not
   * retryable where the tracker asks never to be asked again (BEP 31), and retryAfterMs is what it asks for otherwise.
   * @throws NetError
   */
  async announce(url: string, request: AnnounceRequest, options: AnnounceOptions): Promise<AnnounceReply> {
    const target = this.#parse(url);
    return await announceOverFamilies(
      options.families ?? ["ipv4", "ipv6"],
      this.#options.clock ?? systemClock,
      options.signal,
      async (family, signal) =>
        target.protocol === "udp:"
          ? await this.#announceUdp(target, request, family, signal)
          : await this.#announceHttp(url, request, family, { ...options, signal }),
    );
  }

  /** The counts of up to 74 torrents; those that the tracker does not know are missing. @throws NetError */
  async scrape(
    url: string,
    infoHashes: readonly InfoHash[],
    options: ScrapeOptions,
  ): Promise<ReadonlyMap<InfoHash, ScrapeEntry>> {
    const target = this.#parse(url);
    if (target.protocol === "udp:") {
      const { reply } = await this.#askUdp(target, null, options.signal, (datagram, connectionId, transactionId) =>
        writeUdpScrapeRequest(datagram, connectionId, transactionId, infoHashes),
      );
      if (reply.action !== "scrape") throw unexpectedReply(target);
      return scrapeEntriesByHash(infoHashes, reply.entries);
    }
    const scrapeUrl = encodeScrapeUrl(url, infoHashes);
    if (scrapeUrl === null) throw new NetError("net.tracker-no-scrape", `${shown(target)} cannot be scraped.`);
    const { body } = await this.#getBody(scrapeUrl, url, null, options.signal);
    const outcome = parse(target, () => parseScrapeReply(body));
    if (outcome.kind === "failure") throw failureOf(target, outcome);
    return outcome.entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _udp = this.#udp;
    await using _http = this.#http;
  }

  #parse(url: string): URL {
    const target = parseTargetUrl(url, "tracker", this.#http.policy);
    if (target.protocol === "udp:" && target.port === "") {
      throw new NetError("net.url-syntax", `${shown(target)} names no port, which a UDP tracker has to.`);
    }
    return target;
  }

  async #announceHttp(
    url: string,
    request: AnnounceRequest,
    family: AddressFamily,
    options: AnnounceOptions,
  ): Promise<AnnounceReply> {
    const target = this.#parse(url);
    const announceUrl = encodeAnnounceUrl(url, request, options.trackerId ?? null);
    const { body, address } = await this.#getBody(announceUrl, url, family, options.signal);
    const outcome: AnnounceOutcome = parse(target, () => parseAnnounceReply(body));
    if (outcome.kind === "failure") throw failureOf(target, outcome);
    return { ...outcome.reply, peers: believedPeers(address, outcome.reply.peers) };
  }

  async #getBody(
    url: string,
    baseUrl: string,
    family: AddressFamily | null,
    signal: AbortSignal,
  ): Promise<{ readonly body: Buffer; readonly address: string }> {
    const headers = { accept: "*/*", "accept-encoding": "gzip" };
    const reply = await this.#http.get(url, { purpose: "tracker", signal, headers, family, baseUrl });
    const body = await readBody(reply, ANNOUNCE_REPLY_BYTES_MAX, { idleTimeoutMs: this.#http.idleTimeoutMs, signal });
    // Some trackers send their failure reason with a status of 4xx: a dictionary says more than the status.
    if (reply.status !== 200 && body[0] !== 0x64) throw statusError(reply, "tracker");
    return { body, address: reply.address };
  }

  async #announceUdp(
    url: URL,
    request: AnnounceRequest,
    family: AddressFamily,
    signal: AbortSignal,
  ): Promise<AnnounceReply> {
    const { reply, address } = await this.#askUdp(url, family, signal, (datagram, connectionId, transactionId) =>
      writeUdpAnnounceRequest(datagram, connectionId, transactionId, request, urlDataOf(url, request.site ?? null)),
    );
    if (reply.action !== "announce") throw unexpectedReply(url);
    return { ...reply.reply, peers: believedPeers(address, reply.reply.peers) };
  }

  async #askUdp(
    url: URL,
    family: AddressFamily | null,
    signal: AbortSignal,
    write: (datagram: Buffer, connectionId: ConnectionId, transactionId: number) => number,
  ): Promise<{ readonly reply: UdpReply; readonly address: string }> {
    const addresses = await resolveTarget(url, {
      purpose: "tracker",
      policy: this.#http.policy,
      resolve: this.#options.resolve ?? systemResolve,
      timeoutMs: this.#options.resolveTimeoutMs ?? RESOLVE_TIMEOUT_MS,
      signal,
      family,
    });
    const encode = (connectionId: ConnectionId, transactionId: number): Buffer => {
      const datagram = Buffer.alloc(DATAGRAM_BYTES);
      return datagram.subarray(0, write(datagram, connectionId, transactionId));
    };
    const answer = await this.#udp.request({ url, addresses, signal, encode });
    const { reply } = answer;
    if (reply.action === "error") throw failureOf(url, { kind: "failure", message: reply.message, retryInMs: null });
    return answer;
  }
}

function parse<T>(url: URL, parseReply: () => T): T {
  try {
    return parseReply();
  } catch (cause) {
    const message = `${shown(url)} sent no valid tracker reply: ${messageOf(cause)}`;
    throw new NetError("net.tracker-reply", message, { cause, retryable: true });
  }
}

function unexpectedReply(url: URL): NetError {
  return new NetError("net.tracker-reply", `${shown(url)} sent another answer than was asked for.`, {
    retryable: true,
  });
}

function failureOf(url: URL, failure: TrackerFailure): NetError {
  const { retryInMs } = failure;
  return new NetError("net.tracker-failure", `${shown(url)} refused: ${failure.message}`, {
    retryable: retryInMs !== "never",
    ...(typeof retryInMs === "number" ? { retryAfterMs: retryInMs } : {}),
  });
}
