// ut_metadata (BEP 9): the info dictionary from a peer, in pieces of 16 KiB.
//
//   bencoded { msg_type: 0 request | 1 data | 2 reject, piece, total_size (data only) } | the piece (data only)
//
// What arrives proves nothing until the info-hash of the whole was compared.

import { encode } from "../bencode/index.ts";
import { INFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import { intWithin, parseDictionary } from "./extended-payload.ts";
import { encodeExtended } from "./messages.ts";
import { WireError } from "./wire-error.ts";

const PIECE_BYTES = 16_384;

const REQUEST = 0;
const DATA = 1;
const REJECT = 2;
const PIECE_COUNT_MAX = Math.ceil(INFO_LENGTH_MAX_BYTES / PIECE_BYTES);

export type MetadataMessage =
  | { readonly type: "request"; readonly piece: number }
  | {
      readonly type: "data";
      readonly piece: number;
      /** Of the whole info dictionary: 1 … INFO_LENGTH_MAX_BYTES. */
      readonly totalBytes: number;
      /** Just as long as this piece of such a whole is; a view of the payload. */
      readonly data: Buffer;
    }
  | { readonly type: "reject"; readonly piece: number };

/** Null for a msg_type that we do not know, which BEP 9 says to ignore. @throws WireError `wire.payload` */
export function parseMetadataMessage(payload: Buffer): MetadataMessage | null {
  const { dict, rest } = parseDictionary(payload, "metadata message");
  const type = dict.int("msg_type");
  if (type === undefined) throw new WireError("wire.payload", "The metadata message has no msg_type.");
  if (type !== REQUEST && type !== DATA && type !== REJECT) return null;
  const piece = intWithin(dict, "piece", 0, PIECE_COUNT_MAX - 1);
  if (piece === null) throw new WireError("wire.payload", "The metadata message has no piece, or one out of range.");
  if (type !== DATA) return { type: type === REQUEST ? "request" : "reject", piece };

  const totalBytes = intWithin(dict, "total_size", 1, INFO_LENGTH_MAX_BYTES);
  if (totalBytes === null) throw new WireError("wire.payload", "The metadata's total_size is absent or out of range.");
  const length = metadataPieceLength(piece, totalBytes);
  if (length === 0 || rest.length !== length) {
    throw new WireError("wire.payload", `Piece ${piece} of ${totalBytes} bytes of metadata came with ${rest.length}.`);
  }
  return { type: "data", piece, totalBytes, data: rest };
}

/** Bytes of a piece of an info dictionary; 0 where it has no such piece. */
export function metadataPieceLength(piece: number, totalBytes: number): number {
  return Math.max(0, Math.min(PIECE_BYTES, totalBytes - piece * PIECE_BYTES));
}

/** The whole message; `id` is the peer's for ut_metadata. */
export function encodeMetadataRequest(id: number, piece: number): Buffer {
  return encodeExtended(id, encode({ msg_type: REQUEST, piece }));
}

/** The whole message. The caller cuts the piece out of the info dictionary. */
export function encodeMetadataData(id: number, piece: number, totalBytes: number, data: Uint8Array): Buffer {
  return encodeExtended(id, encode({ msg_type: DATA, piece, total_size: totalBytes }), data);
}

/** The whole message. */
export function encodeMetadataReject(id: number, piece: number): Buffer {
  return encodeExtended(id, encode({ msg_type: REJECT, piece }));
}
