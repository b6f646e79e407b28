// When a client of a UDP tracker asks again (BEP 15): 15 · 2^n s after the n-th datagram, n = 0 … 8, counted over
// connect and request together, so that a client that loses its connection id on the way does not begin anew.

import {
  ANNOUNCE_CONNECTION_ID_CLIENT_MS,
  ANNOUNCE_UDP_RETRY_BASE_MS,
  ANNOUNCE_UDP_RETRY_EXPONENT_MAX,
} from "../core/index.ts";

/** How long to wait for an answer to datagram number `attempt` (from 0), or null where the tracker counts as down. */
export function udpTimeoutMs(attempt: number): number | null {
  return attempt > ANNOUNCE_UDP_RETRY_EXPONENT_MAX ? null : ANNOUNCE_UDP_RETRY_BASE_MS * 2 ** attempt;
}

/** Whether a connection id that was received at that time may still be used by a client. */
export function isConnectionIdFresh(receivedAtMs: number, nowMs: number): boolean {
  return nowMs - receivedAtMs < ANNOUNCE_CONNECTION_ID_CLIENT_MS;
}
