// The limits of src/engine. Each is a named constant with its unit and the reason for its value.

/** Endpoints remembered a torrent: more than a swarm of thousands needs to stay connected, little memory. */
export const PEER_LIST_MAX = 2_000;
/**
 * Of those at one address: whoever lists a victim's address with every port makes each of us knock there so often and no
 * more. More peers behind one router than that connect to us, or are found on the local network.
 */
export const PEER_LIST_PER_ADDRESS_MAX = 16;
/** First wait of an endpoint that could not be reached; doubles with each failure. */
export const PEER_RETRY_BASE_MS = 1_000;
export const PEER_RETRY_MAX_MS = 600_000;
/** … of a download that has nobody: its own network may be what is out. */
export const PEER_RETRY_ALONE_MAX_MS = 10_000;
/**
 * Connections of one torrent that we make, and up to which we ask for more peers. 20 to 40 links do as well as a full mesh
 * (docs/decisions/0007-crowd.md).
 */
export const CONNECTIONS_SOUGHT = 20;
/**
 * Connections of one torrent with those that others make: thrice as many, since where nobody has room those who come late
 * find only each other, and a crowd becomes a chain (docs/decisions/0014-large-crowds.md).
 */
export const CONNECTIONS_PER_TORRENT_MAX = 60;
/** After files could not be opened for want of descriptors: how long a torrent adds no connection, and when it tries again. */
export const DESCRIPTOR_SHORTAGE_MS = 60_000;
export const DESCRIPTOR_RETRY_MS = 500;
/** Connections of one session. */
export const CONNECTIONS_MAX = 500;
/**
 * A connection by which no payload went for so long gives its place to another one, where all are taken. Longer than a
 * machine waits for its turn, short beside the time for which a download is kept waiting.
 */
export const CONNECTION_IDLE_MS = 60_000;
/** A handshake that takes longer is the first to give way; a younger one only where no connection is idle. */
export const HANDSHAKE_GRACE_MS = 2_000;
/** Connection attempts that are under way at once: routers drop SYNs above some tens. */
export const CONNECTING_MAX = 32;
/** Accepted connections that have not named a torrent yet, in total and from one address. */
export const HANDSHAKING_MAX = 200;
export const HANDSHAKING_PER_ADDRESS_MAX = 40;
/** A peer that has not finished its handshake by then is closed. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A peer that has said nothing for this long is gone (BEP 3 has it speak every two minutes). */
export const PEER_SILENCE_MAX_MS = 150_000;
/** A keep-alive goes out when nothing else did for this long. */
export const KEEP_ALIVE_MS = 100_000;
/** Bytes queued in the process for one connection: at least a few blocks, at most what keeps a fast one busy. */
export const CONNECTION_QUEUE_MIN_BYTES = 65_536;
export const CONNECTION_QUEUE_MAX_BYTES = 2_097_152;
/**
 * … and of all that it asked for together. Blocks keep to the above; this is for answers that are longer than their requests
 * (metadata, hashes), asked for by the thousand by somebody who does not read them: who is so far behind is closed.
 */
export const CONNECTION_BACKLOG_MAX_BYTES = 8_388_608;
/** Memory for pieces in flight, in check and in the upload cache, unless a session says otherwise. */
export const BUFFER_BUDGET_BYTES = 50_331_648;
/** Of that, what the upload cache of one torrent may hold while nobody else needs it. */
export const PIECE_CACHE_BYTES = 16_777_216;
/** Pieces being read from disk for uploading at once, a torrent. */
export const PIECE_READS_MAX = 16;
/** What is read ahead for one peer's queue, in bytes and in pieces: enough to be read in batches. */
export const READ_AHEAD_BYTES = 2_097_152;
export const READ_AHEAD_PIECES_MAX = 16;
/** How long `stopped` may keep a session from ending. */
export const ANNOUNCE_STOP_TIMEOUT_MS = 2_000;
/** How often time passes for a swarm. */
export const TICK_MS = 100;
/** One piece of metadata (BEP 9). */
export const METADATA_PIECE_BYTES = 16_384;
/** Metadata pieces asked for at a time. */
export const METADATA_REQUESTS_MAX = 4;
/** A peer that was asked for metadata and says nothing is given up for that purpose. */
export const METADATA_TIMEOUT_MS = 10_000;
/**
 * All of the metadata from one peer, where another one has not been tried; twice as long at the next try, and so on. Who
 * drips is left soon, and who is slow comes to its end.
 */
export const METADATA_PATIENCE_MS = 10_000;
/** Metadata requests that a peer may have answered, in pieces, before the rest is rejected. */
export const METADATA_SERVED_MAX = 4_096;
/** Peer exchange: how often, and how many endpoints a message may add (BEP 11). */
export const PEX_INTERVAL_MS = 60_000;
export const PEX_ADDED_MAX = 50;
/** How often a peer that was told nothing new is looked at again. */
export const PEX_LOOK_MS = 5_000;
/** Peer exchanges that come sooner after the last one are ignored: a flood would fill the list with junk. */
export const PEX_RECEIVE_MIN_MS = 30_000;
/**
 * Blocks that a peer may send though nobody waits for them, in bytes, beyond as many that were wanted: twice what the
 * deepest window holds, which all arrives where a peer that was given up on comes back.
 */
export const UNWANTED_BLOCKS_MAX_BYTES = 67_108_864;
/** Bytes that one request to a web seed asks for: large, so that a connection reaches its rate (BEP 19). */
export const WEB_SEED_RANGE_BYTES = 8_388_608;
/** Web seeds are used where peers have delivered nothing for this long: the origin's bytes are the dear ones. */
export const WEB_SEED_AFTER_MS = 1_500;
/** … or, from some seconds after the start on, fewer bytes a second than this: one crawling peer must not keep them out. */
export const WEB_SEED_PEERS_RATE_MIN = 65_536;
export const WEB_SEED_RATE_AFTER_MS = 5_000;
/** A web seed that sends fewer bytes a second for so long gives its pieces to another one that has nothing to do. */
export const WEB_SEED_SLOW_RATE = 16_384;
export const WEB_SEED_SLOW_AFTER_MS = 15_000;
/** Hash requests (BEP 52) under way at one peer, and answered a second. */
export const HASH_REQUESTS_MAX = 8;
export const HASH_REQUESTS_SERVED_MAX = 100;
/** A peer that owes hashes this long is asked no more. */
export const HASH_REQUEST_TIMEOUT_MS = 10_000;
/** A peer that rejected a hash request, or owed it too long, may have the hashes by then. */
export const HASH_RETRY_MS = 10_000;
/** A hybrid torrent from a magnet link whose piece layers nobody can send goes by its SHA-1s after this time. */
export const LAYERS_WITHOUT_SOURCE_MS = 1_000;
/** A hash request is rejected after this time, so that a peer that repeats it at once does so seldom. */
export const HASH_REJECT_DELAY_MS = 1_000;
/** Rejects that wait so for one peer; hash requests beyond are not answered: each would cost a timer. */
export const HASH_REJECTS_WAITING_MAX = 64;
/** One announce in all: BEP 15's own schedule would take two hours, and other trackers wait behind it. */
export const ANNOUNCE_TIMEOUT_MS = 60_000;
/** Under a rate limit blocks leave in bursts of so much time, well within what the limiter saves up: fewer, larger writes. */
export const UPLOAD_BURST_MS = 10;
/** `have` messages wait this long for company: a fleet of small pieces would otherwise send little else. */
export const HAVE_DELAY_MS = 20;
/** … and so long after those before: in a crowd of small pieces each such write wakes two processes (decision 9). */
export const HAVE_INTERVAL_MS = 100;
/**
 * Messages of one peer that are read a second, but for blocks and requests: at about 2 µs each a twentieth of a core. A peer
 * that gets 64 KiB pieces at 10 Gbit/s says `have` 19,000 times a second.
 */
export const CHATTER_PER_SECOND_MAX = 20_000;
/** A paused connection looks again whether its rate allows more: the limit may have been changed. */
export const RATE_RECHECK_MS = 500;
/** A peer that says nothing for so long gives way when it connects once more: its old connection is probably dead. */
export const STALE_CONNECTION_MS = 20_000;
/**
 * Nobody of a torrent has said anything for so long, and somebody owes us blocks: the path is lost, and connections are made
 * anew. Longer than STALE_CONNECTION_MS, or the other end would turn the new one away.
 */
export const PATH_SILENT_MS = 25_000;
/** Each time that this was so the patience is doubled, until so much later: a seed may serve others for longer than that. */
export const PATH_PATIENCE_FORGOTTEN_MS = 600_000;
/** A peer that waits for its turn to be served hears from us so often: silence would look like a lost path. */
export const WAITING_KEEP_ALIVE_MS = 10_000;
/** A piece that could not be read for a passing reason (too many open files) is read again after this time. */
export const PIECE_READ_RETRY_MS = 1_000;
/** How often trackers are reminded that more peers are wanted; their own min interval holds all the same. */
export const ASK_FOR_PEERS_MS = 5_000;
