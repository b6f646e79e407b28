// What was seen last of a swarm that was withdrawn: migration 0005.

export interface LastPeersTables {
  last_peers: { product: string; version: string; peers: number };
}
