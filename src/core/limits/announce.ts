// The limits of src/announce. Each is a named constant with its unit and the reason for its value.

/** First wait for a reply to a datagram; the n-th is 15 · 2^n s (BEP 15). */
export const ANNOUNCE_UDP_RETRY_BASE_MS = 15_000;
/** n ends at 8 (BEP 15): after 3,840 s of silence the tracker counts as down. */
export const ANNOUNCE_UDP_RETRY_EXPONENT_MAX = 8;
/** A client uses a connection id for one minute (BEP 15). */
export const ANNOUNCE_CONNECTION_ID_CLIENT_MS = 60_000;
/** A server accepts a connection id for two minutes (BEP 15). */
export const ANNOUNCE_CONNECTION_ID_SERVER_MS = 120_000;
/** Info-hashes in one scrape: what BEP 15 says fits a datagram of a common link. */
export const ANNOUNCE_SCRAPE_HASHES_MAX = 74;
/** Characters of a query string: a scrape of 74 hashes, each 3 · 20 and a name, and room. */
export const ANNOUNCE_QUERY_LENGTH_MAX = 8192;
/** Parameters of a query string: 74 hashes and every parameter of BEP 3 and its extensions. */
export const ANNOUNCE_QUERY_PARAMETERS_MAX = 128;
/** Bytes of an HTTP reply: 2,000 peers in dictionary form need 200 KiB. */
export const ANNOUNCE_REPLY_BYTES_MAX = 1_048_576;
/** Peers taken from one reply: an engine connects to far fewer, and each is memory that a tracker would fill. */
export const ANNOUNCE_PEERS_MAX = 2000;
/** Bytes of a text for a person (failure reason, warning) that is kept. */
export const ANNOUNCE_MESSAGE_BYTES_MAX = 1024;
/** Bytes of a tracker id, which is sent back with each announce and so has to fit a URL. */
export const ANNOUNCE_TRACKER_ID_BYTES_MAX = 256;
/** Bytes of a UDP announce's URL data (BEP 41). */
export const ANNOUNCE_URL_DATA_BYTES_MAX = 1024;

/** The interval of a tracker that names none or one out of range: the field's custom. */
export const ANNOUNCE_INTERVAL_DEFAULT_SECONDS = 1800;
/** No tracker makes a client announce more often than this: the demonstration's own tracker asks for 30 s at least. */
export const ANNOUNCE_INTERVAL_MIN_SECONDS = 10;
/** A tracker that asks for more is asked once a day all the same, or a wrong answer would silence a torrent for ever. */
export const ANNOUNCE_INTERVAL_MAX_SECONDS = 86_400;
/** First wait after a tracker failed; doubled for each failure in a row. */
export const ANNOUNCE_BACKOFF_BASE_MS = 5000;
/** The longest wait after a tracker failed: half an hour, an announce interval. */
export const ANNOUNCE_BACKOFF_MAX_MS = 1_800_000;
/** Trackers of one torrent; the rest are ignored. */
export const ANNOUNCE_TRACKERS_MAX = 64;
