// Ends connections: with liars, and with those that are of no use once we have everything.

import { COMPLETE_PEERS_KEPT_MAX } from "../core/index.ts";
import type { Bitfield } from "./bitfield.ts";
import type { DisconnectReason, SwarmEffects } from "./effects.ts";
import type { SwarmPeer } from "./peer.ts";

export interface DismissalDeps {
  readonly peers: ReadonlySet<SwarmPeer>;
  /** What we have. */
  readonly have: Bitfield;
  readonly effects: Pick<SwarmEffects, "disconnect">;
  readonly isSuperSeeding: boolean;
}

export class Dismissal {
  readonly #deps: DismissalDeps;

  constructor(deps: DismissalDeps) {
    this.#deps = deps;
  }

  /** Nothing more is asked of the peer from here on; the engine closes the connection when it can. */
  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    if (peer.closed) return;
    peer.closed = true;
    this.#deps.effects.disconnect(peer, reason);
  }

  ifUseless(peer: SwarmPeer): void {
    if (!peer.closed && this.#deps.have.isFull && this.#isUseless(peer)) this.disconnect(peer, "both-complete");
  }

  /**
   * True for a peer of a complete swarm that will not take anything: it has everything too, or says so (BEP 21). A
   * super-seed keeps a few that are complete: without them it would take the pieces for lost, and hand them out again.
   */
  #isUseless(peer: SwarmPeer): boolean {
    if (!peer.isSeed) return peer.uploadOnly;
    if (!this.#deps.isSuperSeeding) return true;
    let others = 0;
    for (const other of this.#deps.peers) if (other !== peer && other.isSeed && !other.closed) others++;
    return others >= COMPLETE_PEERS_KEPT_MAX;
  }
}
