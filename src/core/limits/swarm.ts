// The limits of src/swarm. Each is a named constant with its unit and the reason for its value.

/** Requests kept outstanding at a peer that has not answered yet, and at the slowest. */
export const REQUEST_WINDOW_MIN_BLOCKS = 4;
/** Requests kept outstanding at the fastest peer: 32 MiB in flight, above what one loopback connection needs. */
export const REQUEST_WINDOW_MAX_BLOCKS = 2_048;
/** What we let a peer queue with us (the `reqq` that we announce, BEP 10). More is rejected. */
export const UPLOAD_QUEUE_MAX_BLOCKS = 2_048;
/** What a peer that announces no `reqq` is taken to allow: libtorrent's and Transmission's default. */
export const REQQ_DEFAULT_BLOCKS = 250;
/** A peer that owes us blocks and has sent none for this long is snubbed: what it owes is asked of others. */
export const SNUB_AFTER_MS = 15_000;
/** Peers asked for one block at the same time in the end game. */
export const END_GAME_COPIES_MAX = 2;
/** A block is asked of a second peer in the end game when the first has owed it for this long. */
export const END_GAME_AFTER_MS = 400;
/** Pieces that failed their hash for which the senders' blocks are remembered, to name the liar. */
export const SUSPECT_PIECES_MAX = 64;
