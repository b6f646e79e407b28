// The limits of the origin's site: what one page, feed or stream of live numbers may cost.

/** Rendered pages that are kept: 30 KB each, so at most about 15 MB. */
export const SITE_PAGES_CACHED_MAX = 512;
/** A page with numbers of a swarm is drawn anew after this time; the streams carry what is newer. */
export const SITE_LIVE_PAGE_AGE_MS_MAX = 2_000;
/** Other pages say how long a signature still holds, in hours. Whatever changes in the catalogue is shown at once. */
export const SITE_PAGE_AGE_MS_MAX = 60_000;
/** File lists and magnet links that are kept, so that a page does not parse megabytes of metainfo. */
export const SITE_CONTENTS_CACHED_MAX = 128;

/** Newest releases on the first page, each with the numbers of its swarm. */
export const SITE_RECENT_RELEASES_MAX = 20;
export const SITE_PRODUCTS_SHOWN_MAX = 500;
/** Of one channel of a product; older ones keep their pages. */
export const SITE_CHANNEL_RELEASES_SHOWN_MAX = 200;
/** Files of a folder that its page lists; the torrent holds all of them. */
export const SITE_FILES_LISTED_MAX = 500;
/** Characters of the notes that a page shows. A list of changes is shorter; a hostile publisher's need not be. */
export const SITE_NOTES_LENGTH_MAX = 20_000;

/** Longest question to the search, in characters: a SHA-256 fits twice. */
export const SITE_QUERY_LENGTH_MAX = 200;
export const SITE_SEARCH_RESULTS_MAX = 50;

export const SITE_FEED_ENTRIES_MAX = 50;
/** sitemaps.org: at most 50,000 addresses in a file. */
export const SITE_SITEMAP_ADDRESSES_MAX = 50_000;

/** Readers of live numbers: each costs a connection and a message every few seconds. */
export const SITE_LIVE_LISTENERS_MAX = 2_000;
/** Of one address (IPv6: one /64): an office behind one address watches a rollout. */
export const SITE_LIVE_LISTENERS_PER_ADDRESS_MAX = 32;
/** A comment that shows proxies that the connection lives; the common limit is 60 s of silence. */
export const SITE_LIVE_HEARTBEAT_MS = 20_000;
/** A reader who cannot follow is cut off at this much unread: six first messages. He may come again. */
export const SITE_LIVE_UNREAD_BYTES_MAX = 262_144;
