// GET over HTTP and HTTPS with node's own client, for trackers, web seeds and metainfo files.
// Invariant: each hop's URL and resolved address have passed the URL policy, and the connection goes to exactly that
// address: the request names the address and carries the host in its Host header and in TLS's server name, which is
// also what the certificate is checked against. Kept connections are pooled by address for the same reason.
//
// Node built-ins alone: fetch() gives neither the address that was connected to nor redirects one by one, and a
// client of our own choosing would be one more thing that speaks to hostile servers.
// Deliberately without proxies, cookies, caches and HTTP/2.

import assert from "node:assert/strict";
import type {
  Agent as HttpAgent,
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";
import {
  addressScope,
  CONNECT_TIMEOUT_MS,
  HTTP_HEADERS_BYTES_MAX,
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_IDLE_TIMEOUT_MS,
  HTTP_KEEP_ALIVE_MS,
  HTTP_REDIRECTS_MAX,
  RESOLVE_TIMEOUT_MS,
} from "../core/index.ts";
import { exchange } from "./http-exchange.ts";
import { NetError } from "./net-error.ts";
import { nodeHttp, nodeHttps } from "./node-http.ts";
import { resolveTarget, systemResolve } from "./resolve-host.ts";
import type { AddressFamily, ResolveHost } from "./resolve-host.ts";
import { parseTargetUrl, shown, strictUrlPolicy } from "./url-policy.ts";
import type { RedirectSource, UrlPolicy, UrlPurpose } from "./url-policy.ts";

/** What every client of this folder may be given; all have defaults. */
export interface HttpClientOptions {
  readonly policy?: UrlPolicy;
  readonly resolve?: ResolveHost;
  /** `User-Agent`, such as "upswarm/0.1". */
  readonly userAgent?: string;
  /** Certificate authorities in PEM that are trusted instead of node's own. */
  readonly ca?: string | readonly string[];
  readonly resolveTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

export interface HttpGet {
  readonly purpose: UrlPurpose;
  readonly signal: AbortSignal;
  readonly headers?: OutgoingHttpHeaders;
  readonly family?: AddressFamily | null;
  /** The URL without the arguments that we add ourselves, where that differs: what the policy is applied to. */
  readonly baseUrl?: string;
}

/** The head of a reply that is no redirect; `message` is its body, which must be read or destroyed. */
export interface HttpReply {
  readonly status: number;
  /** Where the reply came from, after redirects. */
  readonly url: URL;
  readonly message: IncomingMessage;
  /** Whom it came from. */
  readonly address: string;
}

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

export class HttpClient {
  readonly policy: UrlPolicy;
  readonly idleTimeoutMs: number;
  readonly #options: HttpClientOptions;
  readonly #connectionsMax: number;
  #plain: HttpAgent | null = null;
  #secure: HttpsAgent | null = null;

  /** `connectionsMax`: connections to one address and port at a time; further requests wait. */
  constructor(connectionsMax: number, options: HttpClientOptions = {}) {
    this.policy = options.policy ?? strictUrlPolicy;
    this.idleTimeoutMs = options.idleTimeoutMs ?? HTTP_IDLE_TIMEOUT_MS;
    this.#options = options;
    this.#connectionsMax = connectionsMax;
  }

  /** @throws NetError; the signal's reason */
  async get(text: string, get: HttpGet): Promise<HttpReply> {
    let url = parseTargetUrl(text, get.purpose, this.policy);
    let checked = get.baseUrl === undefined ? url : parseTargetUrl(get.baseUrl, get.purpose, this.policy);
    assert.equal(checked.origin, url.origin);
    let from: RedirectSource | null = null;
    for (let redirects = 0; redirects <= HTTP_REDIRECTS_MAX; redirects++) {
      const addresses = await resolveTarget(checked, {
        purpose: get.purpose,
        policy: this.policy,
        resolve: this.#options.resolve ?? systemResolve,
        timeoutMs: this.#options.resolveTimeoutMs ?? RESOLVE_TIMEOUT_MS,
        signal: get.signal,
        from,
        family: get.family ?? null,
      });
      const { message, address } = await this.#requestFirst(url, addresses, get);
      const status = message.statusCode ?? 0;
      if (!redirectStatuses.includes(status)) return { status, url, message, address };
      message.destroy();
      from = { protocol: url.protocol, scope: addressScope(address) };
      url = this.#redirectTarget(url, message.headers.location, get.purpose);
      checked = url;
    }
    throw new NetError("net.redirect", `${shown(url)} is behind more than ${HTTP_REDIRECTS_MAX} redirects.`);
  }

  #redirectTarget(url: URL, location: string | undefined, purpose: UrlPurpose): URL {
    const target = location === undefined ? null : URL.parse(location, url);
    if (target === null) throw new NetError("net.redirect", `${shown(url)} redirects to no valid URL.`);
    return parseTargetUrl(target.href, purpose, this.policy);
  }

  /** From the first address that can be connected to: a host may have a broken IPv6 beside a sound IPv4. */
  async #requestFirst(
    url: URL,
    addresses: readonly string[],
    get: HttpGet,
  ): Promise<{ message: IncomingMessage; address: string }> {
    let last: unknown = null;
    for (const address of addresses) {
      try {
        return { message: await this.#request(url, address, get), address };
      } catch (error) {
        get.signal.throwIfAborted();
        last = error;
        if (!(error instanceof NetError && error.code === "net.connect")) break;
      }
    }
    throw last;
  }

  async #request(url: URL, address: string, get: HttpGet): Promise<IncomingMessage> {
    const limits = {
      connectTimeoutMs: this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      headersTimeoutMs: this.#options.headersTimeoutMs ?? HTTP_HEADERS_TIMEOUT_MS,
      signal: get.signal,
    };
    const first = this.#start(url, address, get);
    try {
      return await exchange(first, url, limits);
    } catch (error) {
      // A server may close a kept connection in the moment that we use it again: that says nothing about the server.
      const isStale = first.reusedSocket && error instanceof NetError && error.code === "net.connect";
      if (!isStale || get.signal.aborted) throw error;
    }
    return await exchange(this.#start(url, address, get, false), url, limits);
  }

  #start(url: URL, address: string, get: HttpGet, keepAlive = true): ClientRequest {
    const isSecure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const options: RequestOptions & { servername?: string } = {
      host: address,
      port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      agent: keepAlive && this.#agent(isSecure),
      setHost: false,
      maxHeaderSize: HTTP_HEADERS_BYTES_MAX,
      headers: {
        host: url.host,
        "user-agent": this.#options.userAgent ?? "upswarm",
        ...authorization(url),
        ...get.headers,
      },
      ...(isIP(host) === 0 ? { servername: host } : {}),
    };
    return isSecure ? nodeHttps().request(options) : nodeHttp().request(options);
  }

  #agent(isSecure: boolean): HttpAgent {
    const { ca } = this.#options;
    const pool = {
      keepAlive: true,
      timeout: HTTP_KEEP_ALIVE_MS,
      maxSockets: this.#connectionsMax,
      scheduling: "lifo",
    } as const;
    if (!isSecure) return (this.#plain ??= new (nodeHttp().Agent)(pool));
    return (this.#secure ??= new (nodeHttps().Agent)({ ...pool, ...(ca === undefined ? {} : { ca: [ca].flat() }) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#plain?.destroy();
    this.#secure?.destroy();
  }
}

function authorization(url: URL): OutgoingHttpHeaders {
  if (url.username === "" && url.password === "") return {};
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
  } catch (cause) {
    throw new NetError("net.url-syntax", `The user and password of ${shown(url)} are badly encoded.`, { cause });
  }
}
