// The limits of the origin's stores: src/origin/catalogue, payloads, publishing, uploads. Each is a named constant with its
// unit and the reason for its value.

/** Characters of a search; the rest is cut off. Nobody types more. */
export const SEARCH_QUERY_LENGTH_MAX = 200;
/** Words of a search that count: each one is looked for in every text of every release. */
export const SEARCH_WORDS_MAX = 8;
/** How long a write waits for another process's: a publish beside a running origin. */
export const DATABASE_WAIT_MS = 10_000;
/** How often it tries meanwhile; a commit takes a few milliseconds. */
export const DATABASE_RETRY_MS = 5;
/** What lies in staging without a lock (an older version made none) is removed when it is so old; the rest goes by its lock. */
export const STAGING_LEFTOVER_MS = 86_400_000;
/** Files that are put on the disk for good at once: each waits for the device, which does several together. */
export const SYNC_FILES_AT_ONCE = 16;
/** What is read and written at a time where a file system cannot share a copy's bytes (measured: larger is not faster). */
export const COPY_BYTES = 1_048_576;
/** How long a publish waits for others to sign theirs. */
export const PUBLISH_LOCK_WAIT_MS = 60_000;
/** Uploads that are not complete: each takes up disk until it is, or expires. */
export const UPLOADS_MAX = 16;
/** Of an upload: 1 TiB. Larger releases are published on the origin's own machine. */
export const UPLOAD_LENGTH_BYTES_MAX: number = 2 ** 40;
/** The metainfo that begins an upload: room for 160,000 pieces and as many files, since it is parsed in one go. */
export const UPLOAD_METAINFO_BYTES_MAX: number = 16 * 2 ** 20;
/** The request that completes an upload carries the signed metadata of the product's releases. */
export const UPLOAD_COMPLETION_BYTES_MAX: number = 16 * 2 ** 20;
/** An upload to which nothing came for so long is removed: a weekend and a day. */
export const UPLOAD_EXPIRY_MS = 259_200_000;
/** A connection that says nothing for so long is cut; the upload can be resumed. */
export const UPLOAD_IDLE_MS = 30_000;
/** Disk that an upload leaves free: for the database, logs and everybody else. */
export const UPLOAD_DISK_RESERVE_BYTES: number = 256 * 2 ** 20;
/** What a publisher sends in one request: few enough round trips, and done before a proxy loses patience. */
export const UPLOAD_REQUEST_BYTES: number = 64 * 2 ** 20;
/** What it reads and sends at a time. */
export const UPLOAD_READ_BYTES = 131_072;
/** Tries in a row without a byte of progress: with the pauses below about a minute, in which a server restarts. */
export const UPLOAD_ATTEMPTS_MAX = 12;
/** The first pause; each one is twice as long, up to the second. */
export const UPLOAD_RETRY_MS = 250;
export const UPLOAD_RETRY_MS_MAX = 8_000;
/** A problem document or any other answer that a publisher reads. */
export const UPLOAD_ANSWER_BYTES_MAX: number = 64 * 2 ** 20;
/** How often a backup looks in both places for a payload that is moved between them: once would do but for a race. */
export const BACKUP_LOOKS_MAX = 3;
/** How long a publisher's request waits while its upload is verified: less than connections and proxies may be silent. */
export const UPLOAD_COMPLETION_WAIT_MS = 20_000;
