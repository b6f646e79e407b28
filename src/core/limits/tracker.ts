// The limits of src/tracker. Each is a named constant with its unit and the reason for its value.
// "Address" is an IPv4 address or an IPv6 /64: what one line of a provider gets.

/** How often a peer announces: the field's custom, 0.6 announces a second for 1,000 peers. */
export const TRACKER_INTERVAL_SECONDS = 1800;
/** How often it may when it lacks peers. */
export const TRACKER_MIN_INTERVAL_SECONDS = 30;
/** A peer that is silent for two intervals is gone: one announce may get lost. */
export const TRACKER_EXPIRY_INTERVALS = 2;

/** Swarms of an open tracker: 100,000 and more are asked for; each empty one costs about 60 bytes. */
export const TRACKER_SWARMS_MAX = 500_000;
/** Peers of all swarms: 30 bytes each in large swarms to 110 in small ones, so at most about 450 MB. */
export const TRACKER_PEERS_MAX = 4_000_000;
export const TRACKER_PEERS_PER_SWARM_MAX = 1_000_000;
/** Peers of one address on one swarm: an office of some thousand machines behind one address; a lab on loopback. */
export const TRACKER_PEERS_PER_ADDRESS_PER_SWARM_MAX = 4096;
/** Peers of one address on all swarms: sixteen releases at once on each of those machines. */
export const TRACKER_PEERS_PER_ADDRESS_MAX = 65_536;
/** Cells of a row of the counters of peers by address; see address-quota.ts. Two rows of 256 KiB. */
export const TRACKER_QUOTA_CELLS = 65_536;

/** Announces and scrapes of one address: 6,500 machines that are switched on within a quarter of a minute. */
export const TRACKER_REQUESTS_PER_SECOND_PER_ADDRESS = 500;
/** … and as many as may come at once: each machine announces two torrents (a release and its v1 twin). */
export const TRACKER_REQUEST_BURST_PER_ADDRESS = 16_384;
/** Token buckets, shared by addresses whose hash is the same: 1 MiB in all, whoever sends. */
export const TRACKER_REQUEST_BUDGETS = 131_072;

/** Peers in a reply when the client leaves it to the tracker: what stock clients ask for. */
export const TRACKER_PEERS_DEFAULT = 50;
/** 200 · 6 + 20 bytes are one unfragmented datagram. */
export const TRACKER_PEERS_PER_REPLY_MAX = 200;
/** 67 · 18 + 20 bytes and 48 of headers fit IPv6's least MTU, 1280 bytes: routers do not fragment IPv6. */
export const TRACKER_PEERS_PER_DATAGRAM_IPV6_MAX = 67;

/** Sites (of one torrent and address family) whose machines the tracker remembers: 600 bytes each, 1,200 for IPv6. */
export const TRACKER_SITES_MAX = 16_384;
/** Machines remembered of each, the latest: a reply has room for half of it. */
export const TRACKER_SITE_PEERS_MAX = 50;
/** Of a full reply at most this share are peers of the asker's site: the others keep a site from being an island. */
export const TRACKER_SITE_SHARE = 0.5;

/** Peers that are looked at for expiry in one step; at 10 ns each a step takes 0.2 ms. */
export const TRACKER_SWEEP_PEERS_PER_STEP = 20_000;
/** Between two steps: a million peers are looked at within 10 s. */
export const TRACKER_SWEEP_STEP_MS = 200;
/** A swarm of up to this many peers is swept whenever somebody announces to it, at most once a second. */
export const TRACKER_SWEEP_AT_ONCE_PEERS_MAX = 256;

/** How long a secret makes connection ids; the one before is accepted until its last id has expired. */
export const TRACKER_SECRET_LIFETIME_SECONDS = 3600;
/** Replies that wait in the kernel's stead when its send buffer is full; what does not fit is dropped, as UDP may. */
export const TRACKER_UDP_SEND_QUEUE_BYTES_MAX = 4_194_304;
/** Receive and send buffers of the sockets: a burst of 20,000 announces; the kernel may grant less. */
export const TRACKER_UDP_SOCKET_BUFFER_BYTES = 4_194_304;

/** Bytes of an HTTP request's head: the longest scrape of 74 hashes and a browser's headers. */
export const TRACKER_HTTP_HEAD_BYTES_MAX = 16_384;
export const TRACKER_HTTP_HEADERS_TIMEOUT_MS = 10_000;
export const TRACKER_HTTP_REQUEST_TIMEOUT_MS = 15_000;
/** Looks at all connections within the first of these times: late by a fifth at most. */
export const TRACKER_HTTP_TIMEOUT_CHECKS = 5;
/** An announcer comes back in minutes: an idle connection is only worth keeping for the second of two torrents. */
export const TRACKER_HTTP_KEEP_ALIVE_MS = 5000;
/** A client is told the time above; what it sends in its last moment is on its way for so long and is answered too. */
export const TRACKER_HTTP_KEEP_ALIVE_GRACE_MS = 1000;
export const TRACKER_HTTP_CONNECTIONS_MAX = 8192;
/** So that one address cannot hold all connections, and an office that is switched on gets its answers. */
export const TRACKER_HTTP_CONNECTIONS_PER_ADDRESS_MAX = 1024;

/** Bytes of an allow-list: 100,000 hashes with a comment each. */
export const TRACKER_ALLOW_LIST_BYTES_MAX = 16_777_216;
/** Headers of requests that are answered without Node's parser: longer ones are left to it, and so many different ones are known. */
export const TRACKER_PLAIN_HEADERS_LENGTH_MAX = 1024;
export const TRACKER_PLAIN_HEADERS_MAX = 256;
