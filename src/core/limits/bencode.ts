// The limits of src/bencode. Each is a named constant with its unit and the reason for its value.
// These are the defaults, meant for tracker replies and extension messages; metainfo brings wider ones of its own.

/** Lists and dictionaries inside each other: the decoder recurses, and no protocol message nests deeper than a few. */
export const BENCODE_DEPTH_MAX = 32;

/** Values and keys of one document: each costs an object, however few bytes it takes to write. */
export const BENCODE_TOKENS_MAX = 100_000;

/** Bytes of one document. The longest tracker reply that we ask for is far below. */
export const BENCODE_LENGTH_MAX_BYTES: number = 4 * 1024 * 1024;

/** Digits of an integer: the 20 of 2^64 - 1. A number without end would cost quadratic time to convert. */
export const BENCODE_INTEGER_DIGITS_MAX = 20;
