// The limits that a tracker's owner may set; what is not given has its value of core/limits.

import {
  TRACKER_HTTP_CONNECTIONS_MAX,
  TRACKER_HTTP_CONNECTIONS_PER_ADDRESS_MAX,
  TRACKER_HTTP_HEADERS_TIMEOUT_MS,
  TRACKER_HTTP_KEEP_ALIVE_MS,
  TRACKER_HTTP_REQUEST_TIMEOUT_MS,
  TRACKER_HTTP_TIMEOUT_CHECKS,
  TRACKER_PEERS_MAX,
  TRACKER_PEERS_PER_ADDRESS_MAX,
  TRACKER_PEERS_PER_ADDRESS_PER_SWARM_MAX,
  TRACKER_PEERS_PER_SWARM_MAX,
  TRACKER_REQUEST_BURST_PER_ADDRESS,
  TRACKER_REQUESTS_PER_SECOND_PER_ADDRESS,
  TRACKER_SWARMS_MAX,
} from "../core/index.ts";

export interface TrackerLimits {
  readonly swarmsMax: number;
  readonly peersMax: number;
  readonly peersPerSwarmMax: number;
  /** An address is an IPv4 address or an IPv6 /64. */
  readonly peersPerAddressPerSwarmMax: number;
  readonly peersPerAddressMax: number;
  /** Infinity: no limit. Loopback has none. */
  readonly requestsPerSecondPerAddress: number;
  readonly requestBurstPerAddress: number;
  readonly httpConnectionsMax: number;
  readonly httpConnectionsPerAddressMax: number;
  /**
   * Until a request's head is there, until all of it is, and until the next one comes; 0 is no limit. Who says nothing at
   * first has the first of them once more from its first byte on.
   */
  readonly httpHeadersTimeoutMs: number;
  readonly httpRequestTimeoutMs: number;
  readonly httpKeepAliveMs: number;
}

export const trackerLimits: TrackerLimits = {
  swarmsMax: TRACKER_SWARMS_MAX,
  peersMax: TRACKER_PEERS_MAX,
  peersPerSwarmMax: TRACKER_PEERS_PER_SWARM_MAX,
  peersPerAddressPerSwarmMax: TRACKER_PEERS_PER_ADDRESS_PER_SWARM_MAX,
  peersPerAddressMax: TRACKER_PEERS_PER_ADDRESS_MAX,
  requestsPerSecondPerAddress: TRACKER_REQUESTS_PER_SECOND_PER_ADDRESS,
  requestBurstPerAddress: TRACKER_REQUEST_BURST_PER_ADDRESS,
  httpConnectionsMax: TRACKER_HTTP_CONNECTIONS_MAX,
  httpConnectionsPerAddressMax: TRACKER_HTTP_CONNECTIONS_PER_ADDRESS_MAX,
  httpHeadersTimeoutMs: TRACKER_HTTP_HEADERS_TIMEOUT_MS,
  httpRequestTimeoutMs: TRACKER_HTTP_REQUEST_TIMEOUT_MS,
  httpKeepAliveMs: TRACKER_HTTP_KEEP_ALIVE_MS,
};

/** How often connections are looked at, in ms, so that each of these limits is kept; null where all of them are 0, none. */
export function httpCheckIntervalMs(limitsMs: readonly number[]): number | null {
  const shortestMs = Math.min(...limitsMs.filter((limitMs) => limitMs > 0));
  return shortestMs === Infinity ? null : Math.ceil(shortestMs / TRACKER_HTTP_TIMEOUT_CHECKS);
}
