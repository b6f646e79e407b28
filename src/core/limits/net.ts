// The limits of src/net. Each is a named constant with its unit and the reason for its value.

/** How much of its rate a limiter may send at once, besides one block: short enough that a shared uplink stays smooth. */
export const RATE_BURST_MS = 50;

/** Addresses of one host that are tried: a name with a hundred addresses must not become a hundred connections. */
export const HOST_ADDRESSES_MAX = 4;
/** Resolvers answer in well under a second or not at all; getaddrinfo itself cannot be stopped. */
export const RESOLVE_TIMEOUT_MS = 10_000;
/** Per address. A SYN is repeated after 1 s and 3 s; what then has not answered is not reachable. */
export const CONNECT_TIMEOUT_MS = 8_000;
/** From the request to the last header byte. A disk that spins up or a busy origin may take seconds. */
export const HTTP_HEADERS_TIMEOUT_MS = 20_000;
/** Between two reads of a body while we wait for more. */
export const HTTP_IDLE_TIMEOUT_MS = 20_000;
/** All response headers of one reply; node's own default, named here so that it is ours. */
export const HTTP_HEADERS_BYTES_MAX = 16_384;
/** Real set-ups need one or two (http to https, to a mirror). */
export const HTTP_REDIRECTS_MAX = 5;
/** All of a short reply (an announce, a metainfo file), so that a server that drips bytes does not hold us for ever. */
export const HTTP_REPLY_TIMEOUT_MS = 120_000;
/** An idle connection that is kept for the next range; servers close theirs after 5 to 75 s. */
export const HTTP_KEEP_ALIVE_MS = 4_000;
/** Ceiling for what a server may ask by Retry-After: a day, so that a mistyped header is not forever. */
export const RETRY_AFTER_MAX_MS = 86_400_000;

/** Connections to one tracker address: announces of many torrents share them. */
export const TRACKER_CONNECTIONS_MAX = 4;
/** Remembered connection ids; the oldest goes first. */
export const UDP_CONNECTION_IDS_MAX = 1_024;
/**
 * How long the announce over the other address family may still take once one family has answered: four times as long
 * as that took, within these bounds. A name such as localhost often has an IPv6 address where no tracker listens, and
 * a datagram to it is lost in silence.
 */
export const TRACKER_OTHER_FAMILY_MIN_MS = 300;
export const TRACKER_OTHER_FAMILY_MAX_MS = 3_000;

/** Connections to one web seed address: few, since each moves several MiB at a time (BEP 19). */
export const WEB_SEED_CONNECTIONS_MAX = 4;
/** Connections to an origin's address for its signed metadata: the files are asked for one after the other. */
export const DOCUMENT_CONNECTIONS_MAX = 2;
/** First wait of a web seed that failed; doubles with each further failure. */
export const WEB_SEED_BACKOFF_MS = 5_000;
export const WEB_SEED_BACKOFF_MAX_MS = 1_800_000;

/** A URL of a torrent or a redirect. Longer ones are refused by most servers. */
export const URL_CHARACTERS_MAX = 4_096;

/** How often a machine says on its network which torrents it has (BEP 14), and how often it may at most. */
export const LOCAL_ANNOUNCE_INTERVAL_MS = 300_000;
export const LOCAL_ANNOUNCE_GAP_MS = 60_000;
/** A datagram of local discovery: what passes every link unfragmented (BEP 14). Longer ones are not read. */
export const LOCAL_ANNOUNCE_BYTES_MAX = 1_400;
/** Info-hashes in one: what fits, eight torrents with three doors each. The rest wait for the next one. */
export const LOCAL_ANNOUNCE_HASHES_MAX = 24;
/** Bytes of a cookie by which a sender knows its own datagrams. */
export const LOCAL_ANNOUNCE_COOKIE_BYTES_MAX = 64;
/** Datagrams of others that are heeded a minute: a floor of machines that is switched on; anybody can send more. */
export const LOCAL_ANNOUNCES_HEARD_PER_MINUTE = 600;
