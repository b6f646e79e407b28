// What is to be written to one peer, in order: small messages are gathered in slabs, blocks are referenced where they lie
// in memory, and all of it leaves in one vectored write. Invariant: a block's buffer is retained until its bytes have
// left the process.

import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { TcpConnection } from "../net/index.ts";
import type { PieceBuffer } from "../storage/index.ts";

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

  /** A block from a piece in memory, after what was queued before it. It may reach into the padding behind the piece. */
  pushBlock(buffer: PieceBuffer, begin: number, lengthBytes: number): void {
    this.#closeSlab();
    buffer.retain();
    this.#retained.push(buffer);
    const part = buffer.bytes.subarray(begin, begin + lengthBytes);
    if (part.length > 0) this.#parts.push(part);
    if (part.length < lengthBytes) this.#parts.push(PADDING.subarray(0, lengthBytes - part.length));
    this.#bytes += lengthBytes;
  }

  flush(connection: TcpConnection, flushed: () => void): void {
    this.#closeSlab();
    if (this.#parts.length === 0) return;
    const parts = this.#parts;
    const retained = this.#retained;
    this.#parts = [];
    this.#retained = [];
    this.#bytes = 0;
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
