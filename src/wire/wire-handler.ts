// What a WireReader tells its owner. Numbers are unsigned and unchecked beyond their width: whether an index is a piece
// of this torrent, or a block was asked for, is for the owner, who knows the layout.

import type { HashRequest } from "./hash-messages.ts";

/**
 * The block path. `pieceStart` answers where the bytes go without making an object for each block: it returns true
 * after it has set `pieceTarget` and `pieceTargetOffset`, or false where the block is unwanted and its bytes are to be
 * skipped. The reader takes both fields once, right after the call, so connections may share one target. The owner
 * must leave [pieceTargetOffset, pieceTargetOffset + length) to the reader until `pieceEnd`, `discardBlock()` or
 * `stop()`; a target that is too short is a bug and fails an assertion.
 *
 * A Buffer and not a Uint8Array: Buffer.copy into shared memory took 0.12 µs for a block on Node 26, TypedArray.set
 * 2.5 µs (it copies shared memory word by word) and a view for each block on top.
 */
export interface BlockSink {
  pieceTarget: Buffer;
  pieceTargetOffset: number;
  /** A block begins. 1 ≤ length ≤ 16 KiB. */
  pieceStart(index: number, begin: number, length: number): boolean;
  /** The block is in the target whole. Not called for a block that was skipped or discarded. */
  pieceEnd(index: number, begin: number, length: number): void;
}

/** Buffers that are handed over belong to the handler: the reader keeps no view of them. */
export interface WireHandler extends BlockSink {
  keepAlive(): void;
  choke(): void;
  unchoke(): void;
  interested(): void;
  notInterested(): void;
  have(index: number): void;
  /** Of the right length where the piece count is known; spare bits unchecked. At most once, and instead of haveAll and haveNone. */
  bitfield(bytes: Buffer): void;
  request(index: number, begin: number, length: number): void;
  cancel(index: number, begin: number, length: number): void;
  reject(index: number, begin: number, length: number): void;
  suggest(index: number): void;
  haveAll(): void;
  haveNone(): void;
  allowedFast(index: number): void;
  dhtPort(port: number): void;
  /** Not yet checked against the limits: see isValidHashRequest(). */
  hashRequest(request: HashRequest): void;
  /** A whole number of hashes; how many it must be is for hashesCount(). */
  hashes(request: HashRequest, hashes: Buffer): void;
  hashReject(request: HashRequest): void;
  /** id 0 is the extension handshake; the others are ours, see LOCAL_EXTENSION_IDS. */
  extended(id: number, payload: Buffer): void;
}
