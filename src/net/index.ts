// Layer 4: sockets, HTTP and datagrams to trackers, web seeds and peers, and the rates at which bytes pass.
// What is said over them is decided below (announce, wire) and when is decided above (engine).

// Errors
export { NetError } from "./net-error.ts";
export type { NetErrorCode, NetErrorOptions, PolicyErrorCode } from "./net-error.ts";

// Rates
export { RateLimitChain, RateLimiter } from "./rate-limiter.ts";

// Which URLs may be requested, and of which addresses
export { strictUrlPolicy } from "./url-policy.ts";
export type { AddressScope, RedirectSource, UrlPolicy, UrlPurpose } from "./url-policy.ts";
export { systemResolve } from "./resolve-host.ts";
export type { AddressFamily, ResolveHost } from "./resolve-host.ts";

// Trackers
export { TrackerClient } from "./tracker-client.ts";
export type { AnnounceOptions, ScrapeOptions, TrackerClientOptions } from "./tracker-client.ts";

// HTTP: web seeds and metainfo files
export { nodeHttp } from "./node-http.ts";
export type { HttpClientOptions } from "./http-client.ts";
export { WebSeedBackoff } from "./web-seed-backoff.ts";
export { WebSeedClient } from "./web-seed-client.ts";
export type { FetchRange, WebSeedClientOptions } from "./web-seed-client.ts";
export { webSeedFileUrl } from "./web-seed-url.ts";
export type { WebSeedFile } from "./web-seed-url.ts";
export { fetchMetainfo } from "./fetch-metainfo.ts";
export type { FetchMetainfoOptions } from "./fetch-metainfo.ts";

export { DocumentClient } from "./document-client.ts";
export type { DocumentClientOptions, GetDocument, ReceivedDocument } from "./document-client.ts";

// Local discovery
export { MulticastGroup } from "./multicast-group.ts";
export type { MulticastGroupOptions } from "./multicast-group.ts";
export { localNetworks } from "./local-networks.ts";
export type { LocalNetworks } from "./local-networks.ts";

// TCP connections to peers
export { TcpConnection } from "./tcp-connection.ts";
export type { TcpHandler } from "./tcp-connection.ts";
export { TcpListener } from "./tcp-listener.ts";
