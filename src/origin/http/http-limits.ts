// The limits of one listening origin, so that a test can have smaller ones; core/limits/origin-http.ts has the reasons.

import {
  ORIGIN_API_REQUESTS_PER_MINUTE,
  ORIGIN_CERTIFICATE_CHECK_MS,
  ORIGIN_CONNECTIONS_MAX,
  ORIGIN_CONNECTIONS_PER_ADDRESS_MAX,
  ORIGIN_DOWNLOADS_MAX,
  ORIGIN_HEADERS_TIMEOUT_MS,
  ORIGIN_IDLE_TIMEOUT_MS,
  ORIGIN_KEEP_ALIVE_MS,
  ORIGIN_PAGES_PER_MINUTE,
  ORIGIN_REQUEST_TIMEOUT_MS,
  ORIGIN_SEND_BUFFERS_MAX,
  ORIGIN_SHUTDOWN_GRACE_MS,
} from "../../core/index.ts";

export interface HttpLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly shutdownGraceMs: number;
  readonly certificateCheckMs: number;
  readonly downloadsMax: number;
  readonly sendBuffersMax: number;
  readonly apiRequestsPerMinute: number;
  readonly pagesPerMinute: number;
}

export const httpLimits: HttpLimits = {
  headersTimeoutMs: ORIGIN_HEADERS_TIMEOUT_MS,
  requestTimeoutMs: ORIGIN_REQUEST_TIMEOUT_MS,
  idleTimeoutMs: ORIGIN_IDLE_TIMEOUT_MS,
  keepAliveMs: ORIGIN_KEEP_ALIVE_MS,
  connectionsMax: ORIGIN_CONNECTIONS_MAX,
  connectionsPerAddressMax: ORIGIN_CONNECTIONS_PER_ADDRESS_MAX,
  shutdownGraceMs: ORIGIN_SHUTDOWN_GRACE_MS,
  certificateCheckMs: ORIGIN_CERTIFICATE_CHECK_MS,
  downloadsMax: ORIGIN_DOWNLOADS_MAX,
  sendBuffersMax: ORIGIN_SEND_BUFFERS_MAX,
  apiRequestsPerMinute: ORIGIN_API_REQUESTS_PER_MINUTE,
  pagesPerMinute: ORIGIN_PAGES_PER_MINUTE,
};
