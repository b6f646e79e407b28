// A connection whose path is gone (the machine slept, changed its network, a cable was out) looks like one that is slow:
// nothing comes, and no error either. TCP then sends again at ever longer intervals, so that after an outage of a minute
// nearly another one passes until bytes flow. A new connection is there in seconds. Invariant: only where nobody says
// anything is the path believed to be lost; one silent peer among others is merely snubbed.
//
// Who waits for its turn at a slow seed hears nothing for long either, and would lose its place. Our own seeds speak up
// meanwhile (WAITING_KEEP_ALIVE_MS); for others the patience grows each time, and is forgotten after a while.

import { PATH_PATIENCE_FORGOTTEN_MS, PATH_SILENT_MS } from "../core/index.ts";
import type { SwarmPeer } from "../swarm/index.ts";

/** A connection's peer, as far as it matters here. */
export interface PathEnd {
  readonly connection: { silentMs(now: number): number };
  readonly peer: {
    readonly amInterested: boolean;
    readonly peerChoking: boolean;
    readonly snubbed: boolean;
    readonly requests: { readonly oldestSentAt: number };
  } | null;
}

export class LostPaths {
  #patienceMs = PATH_SILENT_MS;
  #lostAt = -Infinity;

  /**
   * Those to be connected anew: whoever owes us blocks, where nobody has said anything for as long as is waited. Else none.
   * `heardAt`: when something last came by another way, as from a web seed.
   */
  find<T extends PathEnd>(sessions: Iterable<T>, heardAt: number, now: number): T[] {
    if (now - this.#lostAt > PATH_PATIENCE_FORGOTTEN_MS) this.#patienceMs = PATH_SILENT_MS;
    if (now - heardAt <= this.#patienceMs) return [];
    const owing: T[] = [];
    for (const session of sessions) {
      if (session.connection.silentMs(now) <= this.#patienceMs) return [];
      if (this.#owes(session, now)) owing.push(session);
    }
    if (owing.length === 0) return owing;
    this.#patienceMs *= 2;
    this.#lostAt = now;
    return owing;
  }

  /** What it owes may have been taken back for its silence: see `snubbed`. */
  #owes({ peer }: PathEnd, now: number): boolean {
    if (peer === null || !peer.amInterested || peer.peerChoking) return false;
    return peer.snubbed || now - peer.requests.oldestSentAt > this.#patienceMs;
  }
}

/** When a web seed last sent a block; -Infinity where none is asked. */
export function webSeedsHeardAt(peers: Iterable<Pick<SwarmPeer, "source" | "lastBlockAt">>): number {
  let heardAt = -Infinity;
  for (const { source, lastBlockAt } of peers) if (source === "webSeeds") heardAt = Math.max(heardAt, lastBlockAt);
  return heardAt;
}
