// Whether a connection is still worth its place once we have everything.

import { COMPLETE_PEERS_KEPT_MAX } from "../core/index.ts";
import type { SwarmPeer } from "./peer.ts";

/**
 * True for a peer of a complete swarm that will not take anything: it has everything too, or says so (BEP 21). A
 * super-seed keeps a few that are complete: without them it would take the pieces for lost, and hand them out again.
 */
export function isUseless(peer: SwarmPeer, peers: ReadonlySet<SwarmPeer>, isSuperSeeding: boolean): boolean {
  if (!peer.isSeed) return peer.uploadOnly;
  if (!isSuperSeeding) return true;
  let others = 0;
  for (const other of peers) if (other !== peer && other.isSeed && !other.closed) others++;
  return others >= COMPLETE_PEERS_KEPT_MAX;
}
