// The limits of src/release. Each is a named constant with its unit and the reason for its value.

/** A product, a version, a channel: what fits a line of a page and a file name with room for a suffix. */
export const RELEASE_NAME_CHARACTERS_MAX = 64;
/** Release notes: a page of text. They stand in signed metadata that every machine fetches whole. */
export const RELEASE_NOTES_CHARACTERS_MAX = 8_192;
/** A vendor's name, or who demanded a withdrawal. */
export const RELEASE_PARTY_CHARACTERS_MAX = 200;
/** Why a release was withdrawn: a paragraph for a page and a terminal. */
export const WITHDRAWAL_REASON_CHARACTERS_MAX = 2_000;
/** A URL of a record, as long as browsers and servers agree on. */
export const RELEASE_URL_CHARACTERS_MAX = 2_048;

/** How long each role's signature holds. Offline keys sign rarely, online ones by themselves. */
export const ROOT_LIFE_MS: number = 365 * 86_400_000;
export const TARGETS_LIFE_MS: number = 90 * 86_400_000;
export const SNAPSHOT_LIFE_MS: number = 7 * 86_400_000;
export const WITHDRAWALS_LIFE_MS: number = 7 * 86_400_000;
/** The longest that somebody who holds back newer metadata can keep a machine from hearing of a withdrawal. */
export const TIMESTAMP_LIFE_MS = 86_400_000;
/** A remote publisher's clock may be this far ahead of the origin's. */
export const PUBLISHER_CLOCK_AHEAD_MS = 3_600_000;

/** Bytes of a root: dozens of keys and signatures. */
export const ROOT_BYTES_MAX = 131_072;
/** Bytes of a timestamp: it lists one file. */
export const TIMESTAMP_BYTES_MAX = 16_384;
/** Bytes of a snapshot: about 120 a delegated product. */
export const SNAPSHOT_BYTES_MAX = 1_048_576;
/** Bytes of targets, a product's or the withdrawals': a thousand releases with long notes. */
export const TARGETS_BYTES_MAX = 8_388_608;
/**
 * Targets of one role. @tufjs/models reads them in quadratic time: 1,024 take 0.2 s to read and 0.1 s to verify on each
 * machine, 4,096 would take 6 s. Who needs more gives products keys, and so roles, of their own.
 */
export const ROLE_TARGETS_MAX = 1_024;
/** Root versions that a client walks through at once; the next check goes on from there. Roots change once a year. */
export const ROOT_ROTATIONS_MAX = 64;
/** Keys of a role, and so signatures that are looked at. */
export const ROLE_KEYS_MAX = 16;
/** Products that have a key of their own. Each adds a line to the snapshot that every machine fetches. */
export const DELEGATED_PRODUCTS_MAX = 1_024;
/**
 * Roles that a snapshot lists. A product's stays when its keys are taken back, since clients refuse a snapshot from which a
 * role is missing. @tufjs/models reads them in quadratic time too: half as many again as may be delegated at once.
 */
export const SNAPSHOT_ROLES_MAX = 1_536;

/** All of one check against an origin: root, timestamp, snapshot, targets, metainfo. */
export const RELEASE_CHECK_MS_MAX = 300_000;
/** One metadata file, so that a server that drips bytes is found out (slow retrieval). */
export const METADATA_REPLY_MS_MAX = 60_000;
/** What an origin answers about a page: a few lines of JSON. */
export const RELEASE_PAGE_BYTES_MAX = 65_536;
/** How often at most a machine that has a release asks whether it was withdrawn: one small file, but of thousands. */
export const WITHDRAWAL_CHECK_MS_MIN = 1_000;

/** Bytes of a key file: one key and how it is encrypted. */
export const KEY_FILE_BYTES_MAX = 16_384;
/** scrypt's cost N for new key files: 128 MiB of memory and about 0.4 s for each guess. */
export const KEY_SCRYPT_COST: number = 2 ** 17;
/** The dearest N that is computed for a file: whoever can write it must not make us take more than 1 GiB. */
export const KEY_SCRYPT_COST_MAX: number = 2 ** 20;
