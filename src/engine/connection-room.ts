// Who gives way where every place for a connection is taken and one more asks for one: whoever opened them first would
// otherwise keep everybody else out. Invariants: only connections that others made give way, so that nobody drives out
// those that we chose; and one that moves payload gives way to none but an address that holds fewer places.
//
// What remains: who has as many networks as there are places, and takes payload by each of them, keeps the others out.

import { CONNECTION_IDLE_MS, HANDSHAKE_GRACE_MS } from "../core/index.ts";

/** A connection, as far as it matters here. */
export interface Place {
  /** Of the remote address: see `networkOf`. */
  readonly network: string;
  readonly isInbound: boolean;
  /** The handshake is done. */
  readonly isOpen: boolean;
  /** When payload last went over it, in either direction, or when it began. */
  readonly usedAt: number;
}

/**
 * Of `places` the one to close for a newcomer from `network`; null where it is to be turned away. An IPv6 /64 is one
 * network: that is what one line gets.
 */
export function whoGivesWay<T extends Place>(places: Iterable<T>, newcomer: string, now: number): T | null {
  const inbound = [...places].filter((place) => place.isInbound);
  const counts = new Map<string, number>();
  for (const { network } of inbound) counts.set(network, (counts.get(network) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const newcomers = (counts.get(newcomer) ?? 0) + 1;
  // Were one too many enough, two networks would drive each other out by turns.
  if (most > newcomers) {
    return leastUsed(
      inbound.filter(({ network }) => counts.get(network) === most),
      now,
    );
  }
  const least = leastUsed(inbound, now);
  return least !== null && useOf(least, now) < Use.moves ? least : null;
}

/** Of how much use a connection is, the least first. A young handshake is one that idle connections would keep out. */
const Use = { late: 0, idle: 1, young: 2, moves: 3 } as const;

function useOf({ isOpen, usedAt }: Place, now: number): number {
  if (!isOpen) return now - usedAt > HANDSHAKE_GRACE_MS ? Use.late : Use.young;
  return now - usedAt > CONNECTION_IDLE_MS ? Use.idle : Use.moves;
}

/** Of those of the least use the one that has been of none for the longest time. */
function leastUsed<T extends Place>(places: readonly T[], now: number): T | null {
  let least: T | null = null;
  let leastUse = Infinity;
  for (const place of places) {
    const use = useOf(place, now);
    if (least !== null && (use > leastUse || (use === leastUse && place.usedAt >= least.usedAt))) continue;
    least = place;
    leastUse = use;
  }
  return least;
}
