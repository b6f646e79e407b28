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
/** A request that was neither answered nor rejected for this long, at a peer that delivers others, was lost by it. */
export const REQUEST_LOST_AFTER_MS = 120_000;
/** A peer that rejects what it was asked is asked nothing for this long. */
export const REJECTED_REST_MS = 1_000;
/** A piece of which nothing came for this long may be taken over by an idle peer: several pieces' time on a shared uplink. */
export const TAKE_OVER_AFTER_MS = 200;
/** So long, and the path's own time, the answer to a cancel of a piece that somebody else is to send is waited for. */
export const CANCEL_ANSWERED_MS = 200;
/** Peers asked for one block at the same time in the end game. */
export const END_GAME_COPIES = 2;
/** … and at most, where those who were asked owe it for long: one more for each END_GAME_LATE_PATIENCES of waiting. */
export const END_GAME_COPIES_MAX = 5;
/** How many times as long as the second peer was waited for. */
export const END_GAME_LATE_PATIENCES = 5;
/** A block is asked of a second peer in the end game when the first has owed it for this long. */
export const END_GAME_AFTER_MS = 400;
/** Blocks that may be outstanding at a peer that is asked for what others owe: enough to keep it busy, little to waste. */
export const END_GAME_QUEUE_BLOCKS = 4;
/** Pieces that failed their hash for which the senders' blocks are remembered, to name the liar. */
export const SUSPECT_PIECES_MAX = 64;
/** Failed attempts at one piece that are remembered: each holds the digests of its blocks. */
export const SUSPECT_ATTEMPTS_MAX = 8;
/** Complete machines that a super-seed stays connected to: they vouch for the pieces that are out. */
export const COMPLETE_PEERS_KEPT_MAX = 8;
/** Offers of a super-seed to one peer that it has not fetched: two keep the uplink busy while the next is revealed, … */
export const OFFERS_PER_PEER_MIN = 2;
/** … where they last for a round trip and so long, for what waits in queues and until the peer says `have`; more where they do not, … */
export const OFFERS_LAST_MS = 100;
/** … of a round trip that counts for so much at most, here and where a cancel's answer is waited for: the peer says how long its first words take, … */
export const ROUND_TRIP_CLAIMED_MAX_MS = 1_000;
/** … but so many at most: pieces of 64 KiB at 1 Gbit/s over a path of 30 ms. */
export const OFFERS_PER_PEER_MAX = 256;
/** An offer that its peer does not fetch, or does not confirm by `have`, for this long is made to others too. */
export const OFFER_STALE_AFTER_MS = 10_000;
/** Peers served at once where serving is earned, besides one at random (BEP 3 has four; uplinks have grown). */
export const RECIPROCAL_SLOTS = 8;
/** Bytes on their way to all peers together at first: little for a fast link, whose first answers come soon. */
export const UPLOAD_BUDGET_START_BYTES = 524_288;
/** … and at least, on the thinnest link: two small pieces. */
export const UPLOAD_BUDGET_MIN_BYTES = 131_072;
/** One connection counts for no more of it: about what a kernel holds of one on a thin link. */
export const UPLOAD_CONNECTION_COUNTED_BYTES = 262_144;
/**
 * From the last block of a piece to the peer's word that it has it, beyond the path's own time: what a `have` waits for and
 * little of a full link's queue.
 */
export const UPLOAD_PATIENCE_MS = 200;
/** How long it is tried whether more on its way brings the peers more. */
export const UPLOAD_PATIENCE_TEST_MS = 2_000;
/** A peer that has not said for so long that it has what it was sent perhaps never does: it holds nobody up. */
export const UPLOAD_UNANSWERED_MS = 5_000;
