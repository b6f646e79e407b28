// The decisions of a swarm: what to request of whom, whom to unchoke and serve, whom to ban. Pure state: time and
// randomness are arguments, effects are performed by the caller.

export { BLOCK_DIGEST_BYTES } from "./suspects.ts";
export { Bitfield } from "./bitfield.ts";
export { memberKey } from "./site-share.ts";
export { Swarm } from "./swarm.ts";
export type { SwarmOptions } from "./swarm-options.ts";
export { SwarmPeer } from "./peer.ts";
export type { ByteSource } from "./peer.ts";
export type { ByteCounts } from "./accounts.ts";
export type { ChokingPolicy } from "./choker.ts";
export type { DisconnectReason, SwarmEffects } from "./effects.ts";
