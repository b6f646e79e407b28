// A connection whose path is gone (the machine slept, changed its network, a cable was out) looks like one that is slow:
// nothing comes, and no error either. TCP then sends again at ever longer intervals, so that after an outage of a minute
// nearly another one passes until bytes flow. A new connection is there in seconds. Invariant: only where nobody says
// anything is the path believed to be lost; one silent peer among others is merely snubbed.

import { PATH_SILENT_MS } from "../core/index.ts";

/** A connection's peer, as far as it matters here. */
export interface PathEnd {
  readonly connection: { silentMs(now: number): number };
  readonly peer: { readonly snubbed: boolean; readonly requests: { readonly oldestSentAt: number } } | null;
}

/** Those to be connected anew: whoever owes us blocks, where nobody has said anything for PATH_SILENT_MS. Else none. */
export function lostPaths<T extends PathEnd>(sessions: Iterable<T>, now: number): T[] {
  const owing: T[] = [];
  for (const session of sessions) {
    if (session.connection.silentMs(now) <= PATH_SILENT_MS) return [];
    if (owes(session, now)) owing.push(session);
  }
  return owing;
}

/** What it owes may have been taken back for its silence: see `snubbed`. */
function owes({ peer }: PathEnd, now: number): boolean {
  return peer !== null && (peer.snubbed || now - peer.requests.oldestSentAt > PATH_SILENT_MS);
}
