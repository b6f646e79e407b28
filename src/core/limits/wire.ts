// The limits of src/wire. Each is a named constant with its unit and the reason for its value.

/** Payload of an extended message (BEP 10): a 16 KiB metadata piece and its dictionary, or a generous peer exchange. */
export const EXTENDED_MAX_BYTES = 65_536;

/** Length field of a message whose id we do not know. It is skipped, not kept; above this the stream is out of step. */
export const UNKNOWN_MESSAGE_MAX_BYTES = 65_536;

/** First buffer of a message that is gathered; it doubles as bytes arrive, so that a claim alone reserves no more. */
export const GATHER_FIRST_BYTES = 4_096;

/** Layers of a file's hash tree: 2^32 blocks of 16 KiB are more than any file that we accept has. */
export const HASH_LAYERS_MAX = 32;

/** Requests that a peer may claim to queue (`reqq`, BEP 10): 64 MiB in flight fill any link that we know. */
export const REQUEST_QUEUE_MAX = 4_096;

/** Characters kept of a client's self-chosen name (`v`, BEP 10), which is shown to people. */
export const CLIENT_NAME_LENGTH_MAX = 64;

/** Depth and number of bencoded values of an extended message: the richest handshakes known have about 40. */
export const EXTENDED_DEPTH_MAX = 8;
export const EXTENDED_TOKENS_MAX = 512;

/** Contacts read from one list of a peer exchange; BEP 11 allows 50, and more in the first message. */
export const PEX_CONTACTS_MAX = 200;
