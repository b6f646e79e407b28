// The limits of src/origin/http and src/origin/access. "Address" is an IPv4 address or an IPv6 /64.

/** Bytes of a request's head: a browser's headers, a long search, a range. */
export const ORIGIN_HEAD_BYTES_MAX = 16_384;
/** A head of 16 KiB takes a modem three seconds; who needs more holds a connection for nothing. */
export const ORIGIN_HEADERS_TIMEOUT_MS = 10_000;
/** A whole request with its body: 64 MiB of an upload at 2 Mbit/s. */
export const ORIGIN_REQUEST_TIMEOUT_MS = 300_000;
/** Looks at all connections within the first of these times: late by a fifth at most. */
export const ORIGIN_TIMEOUT_CHECKS = 5;
/** A connection on which no byte moves in either direction; live numbers come every few seconds. */
export const ORIGIN_IDLE_TIMEOUT_MS = 60_000;
/** Between two requests: the files of a page, the pieces of a web seed. */
export const ORIGIN_KEEP_ALIVE_MS = 15_000;
/** 16,384 idle connections cost about 250 MB. */
export const ORIGIN_CONNECTIONS_MAX = 16_384;
/** An office behind one address; a proxy that is named as trusted is not counted. */
export const ORIGIN_CONNECTIONS_PER_ADDRESS_MAX = 1024;
/** Bytes of a body where the route does not say otherwise: a form with a long text. */
export const ORIGIN_BODY_BYTES_MAX = 65_536;
/** Characters of a part of a path: a file name of 255 bytes, percent signs undone, and ".v1.torrent". */
export const ORIGIN_PATH_PART_CHARACTERS_MAX = 300;
/** In-flight downloads may end within this time after the process was told to stop. */
export const ORIGIN_SHUTDOWN_GRACE_MS = 20_000;

/** A renewed certificate is taken within this time: renewals come weeks before the old one ends. */
export const ORIGIN_CERTIFICATE_CHECK_MS = 60_000;

/** What is read and written at once: 64 KiB gave 0.7 GB/s over loopback, 512 KiB 2.3, 1 MiB no more. */
export const ORIGIN_SEND_BUFFER_BYTES = 524_288;
/** So many downloads at once have such a buffer (32 MiB in all); the others get … */
export const ORIGIN_SEND_BUFFERS_MAX = 64;
/** … one of this size, so that slow downloads by the thousand cannot take the memory. */
export const ORIGIN_SEND_SMALL_BUFFER_BYTES = 65_536;
/** Downloads at once: 32 + 252 MiB of buffers. */
export const ORIGIN_DOWNLOADS_MAX = 4096;
/** When somebody who was refused for want of room may come again. */
export const ORIGIN_RETRY_AFTER_SECONDS = 10;

/** Requests to the API of one token, or of one address without: ten a second over a minute. */
export const ORIGIN_API_REQUESTS_PER_MINUTE = 600;
/** Pages of one address: an office that reads about an update, 50 pages a second. */
export const ORIGIN_PAGES_PER_MINUTE = 3000;
/** Addresses and tokens whose requests are counted, the latest; 100 bytes each. */
export const ORIGIN_COUNTED_CLIENTS_MAX = 20_000;

/** Items of a page of the API's lists where nothing is said … */
export const ORIGIN_API_PAGE_ITEMS_DEFAULT = 100;
/** … and at most: releases with notes of 8 KiB make 2 MiB. */
export const ORIGIN_API_PAGE_ITEMS_MAX = 200;
/** Characters of a cursor: the longest name and what is around it, in base64. */
export const ORIGIN_API_CURSOR_CHARACTERS_MAX = 200;

/** Characters of a search. */
export const ORIGIN_SEARCH_CHARACTERS_MAX = 200;
/** Releases in the answer to a search. */
export const ORIGIN_SEARCH_RESULTS_MAX = 100;
/** Releases whose swarms the metrics show, the newest: each is nine lines of text. */
export const ORIGIN_METRICS_RELEASES_MAX = 100;

/** Tokens that are not revoked: people and machines that publish. */
export const TOKENS_MAX = 1000;
/** Characters of a token's name. */
export const TOKEN_NAME_CHARACTERS_MAX = 100;
/** When a token was last used is stored at most so often: a write is a flush to the disk. */
export const TOKEN_USED_STEP_MS = 60_000;

/** The v1 twins of releases that are kept in memory, those asked for last: three of folders with 131,072 files. */
export const ORIGIN_TWINS_KEPT_BYTES_MAX: number = 64 * 2 ** 20;
