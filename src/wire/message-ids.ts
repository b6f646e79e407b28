// The messages of the peer wire protocol by number (BEP 3, 6, 10, 52) and the sizes of their parts, in bytes.
//
//   length u32 | id u8 | payload         length counts the id and the payload; length 0 is a keep-alive

export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  dhtPort: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

/** length, id */
export const MESSAGE_HEADER_BYTES = 5;
/** length, id, index, begin: the block follows. */
export const PIECE_HEADER_BYTES = 13;
/** A whole request, cancel or reject. */
export const REQUEST_BYTES = 17;
/** length, id, extended id: the payload follows (BEP 10). */
export const EXTENDED_HEADER_BYTES = 6;
/** pieces root, base layer, index, length, proof layers (BEP 52). */
export const HASH_REQUEST_PAYLOAD_BYTES = 48;
/** One SHA-256 of a hash tree. */
export const HASH_BYTES = 32;
