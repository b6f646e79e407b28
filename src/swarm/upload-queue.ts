// A peer's requests that wait to be served, oldest first, as a ring of numbers. Invariant: at most
// UPLOAD_QUEUE_MAX_BLOCKS; the queue is the peer's to fill, so it is bounded here.

import { BLOCK_LENGTH_BYTES, UPLOAD_QUEUE_MAX_BLOCKS } from "../core/index.ts";

const CAPACITY_INITIAL = 16;

export interface BlockRequest {
  readonly piece: number;
  readonly begin: number;
  readonly lengthBytes: number;
}

export class UploadQueue {
  /** The piece of the oldest request; -1 where there is none. Kept beside the ring: whoever serves looks at it of every peer. */
  headPiece = -1;
  #requests: Uint32Array = new Uint32Array(0);
  /** The capacity is a power of two: positions wrap round by a mask. */
  #mask = -1;
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** False where the queue is full: the request is to be rejected. */
  push(piece: number, begin: number, lengthBytes: number): boolean {
    if (this.#length === UPLOAD_QUEUE_MAX_BLOCKS) return false;
    if ((this.#length + 1) * 3 > this.#requests.length) this.#grow();
    const at = this.#slot(this.#length);
    this.#requests[at] = piece;
    this.#requests[at + 1] = begin;
    this.#requests[at + 2] = lengthBytes;
    if (this.#length++ === 0) this.headPiece = piece;
    return true;
  }

  get headBegin(): number {
    return this.#requests[this.#slot(0) + 1] ?? 0;
  }

  get headLengthBytes(): number {
    return this.#requests[this.#slot(0) + 2] ?? 0;
  }

  /**
   * Bytes of the oldest request and of those behind it that follow on each other in its piece, until there are `bytesMax` or
   * more: what can be served in one go. All of them are whole blocks but for the last.
   */
  runBytes(bytesMax: number): number {
    let last = this.headLengthBytes;
    let bytes = last;
    const piece = this.headPiece;
    const begin = this.headBegin;
    for (let index = 1; index < this.#length && bytes < bytesMax && last === BLOCK_LENGTH_BYTES; index++) {
      const at = this.#slot(index);
      if (this.#requests[at] !== piece || this.#requests[at + 1] !== begin + bytes) break;
      last = this.#requests[at + 2] ?? 0;
      bytes += last;
    }
    return bytes;
  }

  /** Drops the oldest request: it was served. */
  shift(): void {
    if (this.#length === 0) return;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    this.#lookAtHead();
  }

  /** Drops the oldest requests, `bytes` in all: they were served. */
  shiftRun(bytes: number): void {
    for (let left = bytes; left > 0 && this.#length > 0;) {
      left -= this.headLengthBytes;
      this.shift();
    }
  }

  /** Takes a request out; false where it is not (or no longer) queued. */
  remove(piece: number, begin: number, lengthBytes: number): boolean {
    const requests = this.#requests;
    const mask = this.#mask;
    const end = this.#head + this.#length;
    for (let place = this.#head; place < end; place++) {
      const at = (place & mask) * 3;
      if (requests[at] !== piece || requests[at + 1] !== begin || requests[at + 2] !== lengthBytes) continue;
      this.#close(place - this.#head);
      return true;
    }
    return false;
  }

  /** Moves what stands behind a place one place forward, in at most three pieces: a peer may cancel as fast as it asks. */
  #close(index: number): void {
    for (let next = index + 1; next < this.#length;) {
      const from = this.#slot(next);
      const isWrap = from === 0;
      const count = isWrap ? 1 : Math.min(this.#length - next, (this.#requests.length - from) / 3);
      this.#requests.copyWithin(this.#slot(next - 1), from, from + count * 3);
      next += count;
    }
    this.#length--;
    this.#lookAtHead();
  }

  /** Takes out every request for a piece, handing each over; the others keep their order. */
  takeOut(piece: number, each: (request: BlockRequest) => void): void {
    const taken: BlockRequest[] = [];
    this.drain((request) => {
      if (request.piece === piece) taken.push(request);
      else this.push(request.piece, request.begin, request.lengthBytes);
    });
    for (const request of taken) each(request);
  }

  /** The pieces that are asked for, in order, the first `countMax` of them: what to have in memory soon. */
  nextPieces(countMax: number): number[] {
    const pieces: number[] = [];
    for (let index = 0; index < this.#length && pieces.length < countMax; index++) {
      const piece = this.#requests[this.#slot(index)] ?? 0;
      if (piece !== pieces.at(-1) && !pieces.includes(piece)) pieces.push(piece);
    }
    return pieces;
  }

  /** Empties the queue, handing each request over. */
  drain(each: (request: BlockRequest) => void): void {
    const count = this.#length;
    const requests = Array.from({ length: count }, (_, index) => {
      const at = this.#slot(index);
      return {
        piece: this.#requests[at] ?? 0,
        begin: this.#requests[at + 1] ?? 0,
        lengthBytes: this.#requests[at + 2] ?? 0,
      };
    });
    this.#length = 0;
    this.headPiece = -1;
    for (const request of requests) each(request);
  }

  #lookAtHead(): void {
    this.headPiece = this.#length === 0 ? -1 : (this.#requests[this.#slot(0)] ?? -1);
  }

  #slot(index: number): number {
    return ((this.#head + index) & this.#mask) * 3;
  }

  #grow(): void {
    const grown = new Uint32Array(Math.max(CAPACITY_INITIAL * 3, this.#requests.length * 2));
    for (let index = 0; index < this.#length; index++) {
      const at = this.#slot(index);
      grown.set(this.#requests.subarray(at, at + 3), index * 3);
    }
    this.#requests = grown;
    this.#mask = grown.length / 3 - 1;
    this.#head = 0;
  }
}
