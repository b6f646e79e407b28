// The link between a site and the rest, which all its machines share: bytes are serialised in either direction, in the
// order in which they come. Inside the site nothing goes over it.

export class SiteLink {
  readonly #bytesPerMs: number;
  #inFreeAt = 0;
  #outFreeAt = 0;
  inBytes = 0;
  outBytes = 0;

  constructor(mbit: number) {
    this.#bytesPerMs = (mbit * 1e6) / 8 / 1_000;
  }

  /** When the bytes have come in. */
  in(lengthBytes: number, now: number): number {
    this.inBytes += lengthBytes;
    return (this.#inFreeAt = Math.max(now, this.#inFreeAt) + lengthBytes / this.#bytesPerMs);
  }

  /** When they have gone out. */
  out(lengthBytes: number, now: number): number {
    this.outBytes += lengthBytes;
    return (this.#outFreeAt = Math.max(now, this.#outFreeAt) + lengthBytes / this.#bytesPerMs);
  }
}
