// What is to be written to one peer, in order: small messages are gathered in slabs, blocks are referenced where they lie
// in memory, and all of it leaves in one vectored write. Invariant: a block's buffer is retained until its bytes have
// left the process.

import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { TcpConnection } from "../net/index.ts";
import type { PieceBuffer } from "../storage/index.ts";
import { PIECE_HEADER_BYTES, writePieceHeader } from "../wire/index.ts";

const SLAB_BYTES = 4_096;
/** Pad files (BEP 47) are in nobody's memory, but libtorrent asks for whole pieces, their padding included. */
const PADDING = Buffer.alloc(BLOCK_LENGTH_BYTES);

export class Outbox {
  #slab: Buffer = Buffer.allocUnsafe(SLAB_BYTES);
  /** [#begin, #end) of the slab is written and not handed over yet. */
  #begin = 0;
  #end = 0;
  #parts: Uint8Array[] = [];
  #retained: PieceBuffer[] = [];
  #bytes = 0;

  /** Bytes that wait for `flush`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for a message of `lengthBytes`, to be filled by the caller at once. */
  reserve(lengthBytes: number): { target: Buffer; offset: number } {
    if (this.#end + lengthBytes > this.#slab.length) {
      this.#closeSlab();
      this.#slab = Buffer.allocUnsafe(Math.max(SLAB_BYTES, lengthBytes));
      this.#begin = this.#end = 0;
    }
    const offset = this.#end;
    this.#end += lengthBytes;
    this.#bytes += lengthBytes;
    return { target: this.#slab, offset };
  }

  push(message: Uint8Array): void {
    const { target, offset } = this.reserve(message.length);
    target.set(message, offset);
  }

  /**
   * `lengthBytes` from a piece in memory as messages of a block each, the last perhaps shorter, after what was queued before
   * them. They may reach into the padding behind the piece.
   */
  pushRun(buffer: PieceBuffer, piece: number, begin: number, lengthBytes: number): void {
    buffer.retain();
    this.#retained.push(buffer);
    const end = begin + lengthBytes;
    for (let at = begin; at < end; at += BLOCK_LENGTH_BYTES) {
      const blockEnd = Math.min(at + BLOCK_LENGTH_BYTES, end);
      const { target, offset } = this.reserve(PIECE_HEADER_BYTES);
      writePieceHeader(target, offset, piece, at, blockEnd - at);
      this.#closeSlab();
      const part = buffer.bytes.subarray(at, blockEnd);
      if (part.length > 0) this.#parts.push(part);
      if (part.length < blockEnd - at) this.#parts.push(PADDING.subarray(0, blockEnd - at - part.length));
    }
    this.#bytes += lengthBytes;
  }

  /** `flushed` is called when blocks have left. */
  flush(connection: TcpConnection, flushed: () => void): void {
    this.#closeSlab();
    if (this.#parts.length === 0) return;
    const parts = this.#parts;
    const retained = this.#retained;
    this.#parts = [];
    this.#retained = [];
    this.#bytes = 0;
    if (retained.length === 0) {
      // Nobody waits for room that a few small messages take, and each such call costs a turn of the uploads.
      connection.writeAll(parts, null);
      return;
    }
    connection.writeAll(parts, () => {
      for (const buffer of retained) buffer.release();
      flushed();
    });
  }

  /** Throws away what was not handed over. */
  discard(): void {
    for (const buffer of this.#retained) buffer.release();
    this.#parts = [];
    this.#retained = [];
    this.#begin = this.#end;
    this.#bytes = 0;
  }

  #closeSlab(): void {
    if (this.#begin === this.#end) return;
    this.#parts.push(this.#slab.subarray(this.#begin, this.#end));
    this.#begin = this.#end;
  }
}
