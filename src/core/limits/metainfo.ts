// The limits of src/metainfo. Each is a named constant with its unit and the reason for its value.

/** A metainfo file: room for 2^21 pieces of a hybrid torrent (20 + 32 bytes each) and their files. */
export const METAINFO_LENGTH_MAX_BYTES: number = 128 * 1024 * 1024;

/** An info dictionary, as asked from peers (BEP 9): room for 2^21 SHA-1s (40 MiB) and the files. */
export const INFO_LENGTH_MAX_BYTES: number = 64 * 1024 * 1024;

/** Values and keys of a metainfo file: a hybrid torrent takes about 27 a file, so this is room for FILE_COUNT_MAX. */
export const METAINFO_TOKENS_MAX = 4_000_000;

/** The info, the tree, each path element, the file's own dictionary: PATH_ELEMENT_COUNT_MAX and a few. */
export const METAINFO_DEPTH_MAX = 72;

/** Pieces of a torrent. Bitfields, availability and hashes are arrays of this size for each torrent, some for each peer. */
export const PIECE_COUNT_MAX: number = 2 ** 21;

/** v1 torrents with tiny pieces exist; below this the hashes weigh more than what they protect. */
export const PIECE_LENGTH_V1_MIN_BYTES = 1024;

/** BEP 52: at least one block. */
export const PIECE_LENGTH_V2_MIN_BYTES: number = 16 * 1024;

/** A piece is held in memory while it arrives and is hashed in one go: larger ones would not fit the agent's budget. */
export const PIECE_LENGTH_MAX_BYTES: number = 64 * 1024 * 1024;

/** One file: 32 TiB, above any file system's daily use and far below where arithmetic stops being exact. */
export const FILE_LENGTH_MAX_BYTES: number = 2 ** 45;

/** Files and symlinks of a torrent, pad files not counted. */
export const FILE_COUNT_MAX: number = 2 ** 17;

/**
 * Folders of a torrent: as many as files. Each file may name 63 of its own, whose paths together are longer than the
 * torrent by as much: a document of 5 MB took a gigabyte.
 */
export const FOLDER_COUNT_MAX: number = 2 ** 17;

/** One path element in UTF-8: NAME_MAX of Linux; APFS and NTFS allow as much or more. */
export const PATH_ELEMENT_MAX_BYTES = 255;

/** The torrent's name and a file's path, joined: PATH_MAX of macOS is 1024, and the target folder comes before it. */
export const PATH_LENGTH_MAX_BYTES = 900;

/** Elements of one path. */
export const PATH_ELEMENT_COUNT_MAX = 64;

/** Trackers of one torrent, web seeds of one torrent; the rest are left out. */
export const TRACKER_COUNT_MAX = 100;
export const WEB_SEED_COUNT_MAX = 100;

/** Characters of a URL; longer ones are left out. */
export const URL_LENGTH_MAX = 2048;

/** Characters of a comment or a program's name; the rest is cut off, since it is only shown. */
export const METAINFO_TEXT_LENGTH_MAX = 4096;

/** Characters of a magnet link. */
export const MAGNET_LENGTH_MAX: number = 64 * 1024;

/** Peers (x.pe) and ranges of files (so) of a magnet link. */
export const MAGNET_PEER_COUNT_MAX = 100;
export const MAGNET_RANGE_COUNT_MAX = 1000;

/** Hashes of one BEP 52 hash request. BEP 52 says 512; the leaves of a piece of 64 MiB are 4096. */
export const HASH_REQUEST_LENGTH_MAX = 8192;
