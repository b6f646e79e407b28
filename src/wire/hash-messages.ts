// Hash request (21), hashes (22) and hash reject (23): parts of a file's Merkle tree (BEP 52, "peer messages").
//
//   pieces root 32 | base layer u32 | index u32 | length u32 | proof layers u32 | hashes 32 × n (22 only)
//
// The hashes are `length` of the base layer, then one uncle for each proof layer that the former do not already give.
// What is checked here is what holds for any file; whether the root is a file of the torrent and the range lies in its
// tree is for whoever has the tree.

import { HASH_LAYERS_MAX, HASH_REQUEST_LENGTH_MAX } from "../core/index.ts";
import { HASH_BYTES, HASH_REQUEST_PAYLOAD_BYTES, MESSAGE_HEADER_BYTES, MessageId } from "./message-ids.ts";

export interface HashRequest {
  /** The root of the file's tree, 32 bytes: which file it is. */
  readonly piecesRoot: Buffer;
  /** Layers above the leaves (0: hashes of blocks). */
  readonly baseLayer: number;
  /** Position in the base layer of the first hash. */
  readonly index: number;
  /** Hashes of the base layer. */
  readonly length: number;
  readonly proofLayers: number;
}

/** From the 48 bytes at `offset`, copied. The numbers are not yet checked. */
export function readHashRequest(source: Buffer, offset: number): HashRequest {
  return {
    piecesRoot: Buffer.from(source.subarray(offset, offset + HASH_BYTES)),
    baseLayer: source.readUInt32BE(offset + 32),
    index: source.readUInt32BE(offset + 36),
    length: source.readUInt32BE(offset + 40),
    proofLayers: source.readUInt32BE(offset + 44),
  };
}

/**
 * Whether a request may be answered at all; one that may not is rejected. BEP 52 demands a length of 2 or more that is
 * a power of two, except at the end of a layer, and an index that is a multiple of it; so does this, taking a length
 * that is no power of two for one cut off.
 */
export function isValidHashRequest(request: HashRequest): boolean {
  const { baseLayer, index, length, proofLayers } = request;
  return (
    baseLayer <= HASH_LAYERS_MAX &&
    proofLayers <= HASH_LAYERS_MAX &&
    length >= 1 &&
    length <= HASH_REQUEST_LENGTH_MAX &&
    index % 2 ** subtreeHeight(length) === 0
  );
}

/**
 * Hashes in the answer to a valid request: those of the base layer and the uncles (BEP 52). libtorrent 2.0.8 counts
 * alike, and rejects a request whose proof layers would include the root.
 */
export function hashesCount(request: HashRequest): number {
  const implied = Math.max(0, subtreeHeight(request.length) - 1);
  return request.length + Math.max(0, request.proofLayers - implied);
}

/** Whether an answer repeats the numbers and the root of a request. */
export function isSameHashRequest(a: HashRequest, b: HashRequest): boolean {
  return (
    a.baseLayer === b.baseLayer &&
    a.index === b.index &&
    a.length === b.length &&
    a.proofLayers === b.proofLayers &&
    a.piecesRoot.equals(b.piecesRoot)
  );
}

export function encodeHashRequest(request: HashRequest): Buffer {
  return frame(MessageId.hashRequest, request, 0);
}

export function encodeHashReject(request: HashRequest): Buffer {
  return frame(MessageId.hashReject, request, 0);
}

/** `hashes` holds 32 bytes each: the base layer's, then the uncles from the lowest to the highest. */
export function encodeHashes(request: HashRequest, hashes: Uint8Array): Buffer {
  const message = frame(MessageId.hashes, request, hashes.length);
  message.set(hashes, MESSAGE_HEADER_BYTES + HASH_REQUEST_PAYLOAD_BYTES);
  return message;
}

/** Layers between a node and the `length` hashes below it, had they no gap at the end. */
function subtreeHeight(length: number): number {
  return Math.ceil(Math.log2(length));
}

function frame(id: number, request: HashRequest, hashesBytes: number): Buffer {
  const message = Buffer.alloc(MESSAGE_HEADER_BYTES + HASH_REQUEST_PAYLOAD_BYTES + hashesBytes);
  message.writeUInt32BE(message.length - 4, 0);
  message[4] = id;
  message.set(request.piecesRoot, 5);
  message.writeUInt32BE(request.baseLayer, 37);
  message.writeUInt32BE(request.index, 41);
  message.writeUInt32BE(request.length, 45);
  message.writeUInt32BE(request.proofLayers, 49);
  return message;
}
