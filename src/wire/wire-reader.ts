// Bytes of a connection to messages (BEP 3, 6, 10, 52), in whatever pieces they come.
//
// Invariant: the same bytes give the same calls, however they are split over reads, and nothing is delivered after
// stop() or an error. Bytes of the receive buffer are used during read() only.
//
// Block path: a block's bytes are copied once, from the receive buffer to their place in the piece, as they arrive; the
// reader makes no object for it. Messages whose header is whole in the receive buffer are read from there; only those
// that a read cuts in two go through the scratch.
//
// What it does not do: check indices against the torrent, or blocks against requests.

import assert from "node:assert/strict";
import { deliverFixed, deliverGathered } from "./deliver.ts";
import { Gathering } from "./gathering.ts";
import { MESSAGE_HEADER_BYTES, MessageId, PIECE_HEADER_BYTES } from "./message-ids.ts";
import { intakeOf, SCRATCH_BYTES } from "./message-rules.ts";
import type { Intake } from "./message-rules.ts";
import { WireError } from "./wire-error.ts";
import type { WireHandler } from "./wire-handler.ts";

export interface Negotiated {
  /** Both sides set the bit of BEP 6. */
  readonly fast: boolean;
  /** Both sides set the bit of BEP 10. */
  readonly extension: boolean;
}

const LENGTH_BYTES = 4;
const NO_TARGET: Buffer = Buffer.alloc(0);

export class WireReader {
  readonly #handler: WireHandler;
  readonly #negotiated: Negotiated;
  #pieceCount: number | null = null;
  #stopped = false;
  #sawPieces = false;
  #sawAll = false;

  /** The head of a message that was cut by the end of a read. */
  readonly #scratch: Buffer = Buffer.alloc(SCRATCH_BYTES);
  #chatterCount = 0;
  #held = 0;
  /** Bytes of the head that must be together before the next decision: length; then id; then all that is fixed. */
  #headBytes: number = LENGTH_BYTES;

  /** Of the message whose head is being read. */
  #intake: Intake = "fixed";
  #gathering: Gathering | null = null;
  #gatheringId = 0;

  /** Bytes still to come of a block or of a message that is skipped. */
  #left = 0;
  /** Where a block goes; NO_TARGET while bytes are skipped. */
  #target: Buffer = NO_TARGET;
  #targetAt = 0;
  #index = 0;
  #begin = 0;
  #length = 0;

  /** `negotiated` decides whether messages of BEP 6 and 10 are allowed or close the connection. */
  constructor(handler: WireHandler, negotiated: Negotiated) {
    this.#handler = handler;
    this.#negotiated = negotiated;
  }

  /** From now on a bitfield must have this many bits. Until then it may have those of the largest torrent. */
  setPieceCount(count: number): void {
    this.#pieceCount = count;
  }

  /** Nothing more is delivered, not even what is left of the read in progress. */
  stop(): void {
    this.#stopped = true;
    this.#gathering = null;
    this.#target = NO_TARGET;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The rest of the block that is arriving is skipped: its target is needed elsewhere. pieceEnd is not called for it. */
  discardBlock(): void {
    this.#target = NO_TARGET;
  }

  /** Messages since the last look, but for blocks and requests: what costs us more than it brings anybody. */
  takeChatterCount(): number {
    const count = this.#chatterCount;
    this.#chatterCount = 0;
    return count;
  }

  /** True while a block is being copied to its target. */
  get blockInProgress(): boolean {
    return this.#target !== NO_TARGET;
  }

  /** Memory that this connection holds for what it has received in part, apart from the block's target. */
  get heldBytes(): number {
    return SCRATCH_BYTES + (this.#gathering?.capacityBytes ?? 0);
  }

  /**
   * Takes bytes [start, end) of `buffer` and calls the handler for each message that they complete.
   * @throws WireError after which the reader is stopped, and whatever the handler throws
   */
  read(buffer: Uint8Array, end: number, start = 0): void {
    const source = Buffer.isBuffer(buffer) ? buffer : Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    let at = start;
    try {
      while (at < end && !this.#stopped) {
        if (this.#left > 0) at = this.#body(source, at, end);
        else if (this.#gathering !== null) at = this.#gather(this.#gathering, source, at, end);
        else at = this.#head(source, at, end);
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Copies or skips what has come of a block. */
  #body(source: Buffer, at: number, end: number): number {
    const count = Math.min(this.#left, end - at);
    if (this.#target !== NO_TARGET) {
      source.copy(this.#target, this.#targetAt, at, at + count);
      this.#targetAt += count;
    }
    this.#left -= count;
    if (this.#left === 0 && this.#target !== NO_TARGET) {
      this.#target = NO_TARGET;
      this.#handler.pieceEnd(this.#index, this.#begin, this.#length);
    }
    return at + count;
  }

  #gather(gathering: Gathering, source: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + gathering.missingBytes);
    gathering.add(source, at, stop);
    if (gathering.missingBytes === 0) {
      this.#gathering = null;
      deliverGathered(this.#handler, this.#gatheringId, gathering.take());
    }
    return stop;
  }

  /** Reads a head in place where it is whole, else moves what there is of it to the scratch. */
  #head(source: Buffer, at: number, end: number): number {
    while (this.#held === 0 && end - at >= this.#headBytes) {
      const headBytes = this.#headBytes;
      if (this.#advance(source, at)) return at + headBytes;
    }
    const count = Math.min(this.#headBytes - this.#held, end - at);
    source.copy(this.#scratch, this.#held, at, at + count);
    this.#held += count;
    if (this.#held === this.#headBytes && this.#advance(this.#scratch, 0)) this.#held = 0;
    return at + count;
  }

  /** Looks at `#headBytes` bytes. True where they were a whole head; false where `#headBytes` was raised. */
  #advance(source: Buffer, at: number): boolean {
    const length = source.readUInt32BE(at);
    if (this.#headBytes === LENGTH_BYTES) {
      if (length > 0) this.#headBytes = MESSAGE_HEADER_BYTES;
      else this.#keepAlive();
      return length === 0;
    }
    const id = source.readUInt8(at + LENGTH_BYTES);
    if (this.#headBytes === MESSAGE_HEADER_BYTES) {
      this.#intake = intakeOf(id, length - 1, this.#pieceCount);
      this.#checkAllowed(id);
      if (this.#intake === "block") this.#headBytes = PIECE_HEADER_BYTES;
      if (this.#intake === "fixed") this.#headBytes += length - 1;
      if (this.#headBytes > MESSAGE_HEADER_BYTES) return false;
    }
    this.#headBytes = LENGTH_BYTES;
    this.#accept(id, length - 1, source, at + MESSAGE_HEADER_BYTES);
    return true;
  }

  #keepAlive(): void {
    this.#chatterCount++;
    this.#handler.keepAlive();
  }

  #accept(id: number, payloadBytes: number, source: Buffer, at: number): void {
    if (this.#intake !== "block" && id !== MessageId.request) this.#chatterCount++;
    switch (this.#intake) {
      case "fixed":
        return deliverFixed(this.#handler, id, source, at);
      case "block":
        return this.#startBlock(source.readUInt32BE(at), source.readUInt32BE(at + 4), payloadBytes - 8);
      case "gather":
        this.#gathering = new Gathering(payloadBytes);
        this.#gatheringId = id;
        return;
      case "skip":
        this.#left = payloadBytes;
    }
  }

  #startBlock(index: number, begin: number, length: number): void {
    this.#index = index;
    this.#begin = begin;
    this.#length = length;
    this.#left = length;
    const wanted = this.#handler.pieceStart(index, begin, length);
    if (!wanted || this.#stopped) return;
    const { pieceTarget, pieceTargetOffset } = this.#handler;
    // Buffer.copy would cut the block short without a word.
    assert(pieceTargetOffset >= 0 && pieceTargetOffset + length <= pieceTarget.length, "a block's target is too short");
    this.#target = pieceTarget;
    this.#targetAt = pieceTargetOffset;
  }

  /**
   * What a peer has it says at the beginning (BEP 3, 6); but aria2 1.36 sends a bitfield, or "have all", in the place of
   * twenty "have". A bitfield costs the peer about what it costs us. Five bytes that stand for every piece do not, so
   * that those are taken once.
   */
  #checkOrder(id: number): void {
    const isRepeated = id === MessageId.haveNone ? this.#sawPieces : id === MessageId.haveAll && this.#sawAll;
    if (isRepeated) throw new WireError("wire.order", `Message ${id}, what the peer has, came too late or too often.`);
    this.#sawPieces = true;
    if (id === MessageId.haveAll) this.#sawAll = true;
  }

  #checkAllowed(id: number): void {
    const isFast = id >= MessageId.suggest && id <= MessageId.allowedFast;
    if ((isFast && !this.#negotiated.fast) || (id === MessageId.extended && !this.#negotiated.extension)) {
      throw new WireError("wire.extension", `Message ${id} belongs to an extension that was not agreed upon.`);
    }
    if (id === MessageId.bitfield || id === MessageId.haveAll || id === MessageId.haveNone) this.#checkOrder(id);
  }
}
