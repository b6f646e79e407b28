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
/** What nobody kept is removed when the store opens next, but not what another process may still be writing. */
export const STAGING_LEFTOVER_MS = 86_400_000;
/** Files that are put on the disk for good at once: each waits for the device, which does several together. */
export const SYNC_FILES_AT_ONCE = 16;
/** What is read and written at a time where a file system cannot share a copy's bytes (measured: larger is not faster). */
export const COPY_BYTES = 1_048_576;
/** How long a publish waits for others to sign theirs. */
export const PUBLISH_LOCK_WAIT_MS = 60_000;
/** How often a release is signed again because something else was signed meanwhile: by then something else is wrong. */
export const SIGN_ATTEMPTS_MAX = 5;
