// The bytes of a UDP front end's replies. A socket takes a view that is as long as the datagram, and making one costs as
// much as a keyed hash of an address; replies have few lengths, so the views are kept.
// Invariant: every view begins where the bytes begin.

export class ReplyBuffer {
  readonly bytes: Buffer;
  /** The same bytes, for numbers of several bytes. */
  readonly view: DataView;
  /** By length. */
  readonly #heads = new Map<number, Buffer>();

  constructor(lengthBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(lengthBytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, lengthBytes);
  }

  /** The first so many bytes. */
  head(lengthBytes: number): Buffer {
    let head = this.#heads.get(lengthBytes);
    if (head === undefined) {
      head = this.bytes.subarray(0, lengthBytes);
      this.#heads.set(lengthBytes, head);
    }
    return head;
  }
}
