// Who gives way where every place for a connection is taken and one more asks for one: whoever opened them first would
// otherwise keep everybody else out. Invariants: only connections that others made give way, so that nobody drives out
// those that we chose; and one that moves payload gives way to none but an address that holds fewer places.
//
// What remains: who has as many networks as there are places, and takes payload by each of them, keeps the others out.

import { CONNECTION_IDLE_MS, networkOf } from "../core/index.ts";

/** A connection, as far as it matters here. */
export interface Place {
  readonly remote: { readonly address: string };
  readonly isInbound: boolean;
  /** The handshake is done. */
  readonly isOpen: boolean;
  /** When payload last went over it, in either direction, or when it began. */
  readonly usedAt: number;
}

/**
 * Of `places` the one to close for a newcomer from `address`; null where it is to be turned away. An IPv6 /64 counts as
 * one address: that is what one line gets.
 */
export function whoGivesWay<T extends Place>(places: Iterable<T>, address: string, now: number): T | null {
  const inbound = [...places].filter((place) => place.isInbound);
  const counts = new Map<string, number>();
  for (const { remote } of inbound) {
    const network = networkOf(remote.address);
    counts.set(network, (counts.get(network) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  const newcomers = (counts.get(networkOf(address)) ?? 0) + 1;
  // Were one too many enough, two networks would drive each other out by turns.
  if (most > newcomers) {
    return leastUsed(inbound.filter(({ remote }) => counts.get(networkOf(remote.address)) === most));
  }
  const least = leastUsed(inbound);
  const isIdle = least !== null && (!least.isOpen || now - least.usedAt > CONNECTION_IDLE_MS);
  return isIdle ? least : null;
}

/** Unfinished handshakes first, each kind by the time for which it was of no use. */
function leastUsed<T extends Place>(places: readonly T[]): T | null {
  let least: T | null = null;
  for (const place of places) {
    const isLess = least === null || (place.isOpen === least.isOpen ? place.usedAt < least.usedAt : least.isOpen);
    if (isLess) least = place;
  }
  return least;
}
