// A set of pieces in BEP 3's bit order (the high bit of byte 0 is piece 0) with its size at hand. The spare bits of the
// last byte are always zero.

export class Bitfield {
  readonly pieceCount: number;
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(pieceCount: number, bytes?: Uint8Array) {
    this.pieceCount = pieceCount;
    this.bytes = new Uint8Array(Math.ceil(pieceCount / 8));
    if (bytes !== undefined) {
      this.bytes.set(bytes.subarray(0, this.bytes.length));
      this.#clearSpareBits();
      for (const byte of this.bytes) this.#count += popCount(byte);
    }
  }

  /** Pieces in the set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.pieceCount;
  }

  has(piece: number): boolean {
    return ((this.bytes[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
  }

  /** True where the piece was not in the set before. */
  add(piece: number): boolean {
    if (this.has(piece)) return false;
    this.bytes[piece >> 3] = (this.bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    this.#count++;
    return true;
  }

  /** True where the piece was in the set before. */
  delete(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.bytes[piece >> 3] = (this.bytes[piece >> 3] ?? 0) & ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }

  addAll(): void {
    this.bytes.fill(0xff);
    this.#clearSpareBits();
    this.#count = this.pieceCount;
  }

  clear(): void {
    this.bytes.fill(0);
    this.#count = 0;
  }

  /** What a `bitfield` message may carry: the right length and no spare bit set (BEP 3). */
  static isValid(bytes: Uint8Array, pieceCount: number): boolean {
    if (bytes.length !== Math.ceil(pieceCount / 8)) return false;
    const spare = bytes.length * 8 - pieceCount;
    return spare === 0 || ((bytes[bytes.length - 1] ?? 0) & ((1 << spare) - 1)) === 0;
  }

  #clearSpareBits(): void {
    const spare = this.bytes.length * 8 - this.pieceCount;
    const last = this.bytes.length - 1;
    if (spare > 0) this.bytes[last] = (this.bytes[last] ?? 0) & (0xff << spare);
  }
}

function popCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
