// The pieces that are still to be started, sorted by availability (how many connected peers have them), so that rarest
// first costs a look at the front. Invariant: `#order[0 … wanted)` holds the wanted pieces in ascending availability,
// bucket a beginning at `#starts[a]`; the rest of `#order` holds the pieces that are had or under way, in no order.
// A change of availability by one is one swap; taking a piece out or back in is one swap a bucket.
//
// Peers that have everything are a number (`seedCount`), not an increment of every piece.

import type { Random } from "../core/index.ts";

export class RarestOrder {
  readonly #availability: Uint16Array;
  readonly #order: Uint32Array;
  readonly #position: Uint32Array;
  /** #starts[a] is where bucket a begins; the last entry is the end of the wanted pieces. */
  readonly #starts: number[];
  seedCount = 0;

  constructor(pieceCount: number) {
    this.#availability = new Uint16Array(pieceCount);
    this.#order = Uint32Array.from({ length: pieceCount }, (_, piece) => piece);
    this.#position = this.#order.slice();
    this.#starts = [0, pieceCount];
  }

  /** Pieces that are wanted and not started. */
  get wanted(): number {
    return this.#starts[this.#starts.length - 1] ?? 0;
  }

  /** Wanted pieces that no connected peer has. */
  get unavailable(): number {
    return this.seedCount > 0 ? 0 : (this.#starts[1] ?? 0);
  }

  /** Connected peers that have the piece. */
  availability(piece: number): number {
    return (this.#availability[piece] ?? 0) + this.seedCount;
  }

  isWanted(piece: number): boolean {
    return (this.#position[piece] ?? 0) < this.wanted;
  }

  increment(piece: number): void {
    const from = this.#availability[piece] ?? 0;
    this.#availability[piece] = from + 1;
    if (!this.isWanted(piece)) return;
    this.#ensureBucket(from + 1);
    this.#moveUp(piece, from);
  }

  decrement(piece: number): void {
    const from = this.#availability[piece] ?? 0;
    if (from === 0) return;
    this.#availability[piece] = from - 1;
    if (this.isWanted(piece)) this.#moveDown(piece, from);
  }

  /** Takes a piece out: it is had or under way. */
  remove(piece: number): void {
    if (!this.isWanted(piece)) return;
    const buckets = this.#starts.length - 1;
    for (let bucket = this.#availability[piece] ?? 0; bucket < buckets; bucket++) this.#moveUp(piece, bucket);
  }

  /** Puts a piece back: it failed its hash, or whoever had begun it gave up. */
  restore(piece: number): void {
    if (this.isWanted(piece)) return;
    const availability = this.#availability[piece] ?? 0;
    this.#ensureBucket(availability);
    for (let bucket = this.#starts.length - 1; bucket > availability; bucket--) this.#moveDown(piece, bucket);
  }

  /**
   * A wanted piece for which `accepts` holds, the rarest first and at random among equals; -1 where there is none.
   * Pieces that fewer than `availabilityMin` peers have are passed over; seeds do not count for that.
   */
  pick(random: Random, accepts: (piece: number) => boolean, availabilityMin = 0): number {
    for (let bucket = availabilityMin; bucket + 1 < this.#starts.length; bucket++) {
      const begin = this.#starts[bucket] ?? 0;
      const length = (this.#starts[bucket + 1] ?? 0) - begin;
      if (length === 0) continue;
      const first = random.int(length);
      for (let step = 0; step < length; step++) {
        const piece = this.#order[begin + ((first + step) % length)] ?? 0;
        if (accepts(piece)) return piece;
      }
    }
    return -1;
  }

  /** Moves the piece over the upper border of `bucket`, into the next one (or out of the wanted pieces). */
  #moveUp(piece: number, bucket: number): void {
    const border = (this.#starts[bucket + 1] ?? 0) - 1;
    this.#swap(this.#position[piece] ?? 0, border);
    this.#starts[bucket + 1] = border;
  }

  /** Moves the piece over the lower border of `bucket`, into the one before. */
  #moveDown(piece: number, bucket: number): void {
    const border = this.#starts[bucket] ?? 0;
    this.#swap(this.#position[piece] ?? 0, border);
    this.#starts[bucket] = border + 1;
  }

  #ensureBucket(bucket: number): void {
    while (this.#starts.length - 2 < bucket) this.#starts.push(this.wanted);
  }

  #swap(a: number, b: number): void {
    const x = this.#order[a] ?? 0;
    const y = this.#order[b] ?? 0;
    this.#order[a] = y;
    this.#order[b] = x;
    this.#position[y] = a;
    this.#position[x] = b;
  }
}
