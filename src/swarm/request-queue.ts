// The requests sent to one peer and not answered yet, oldest first, as parallel rings of plain numbers: nothing is
// allocated per block. Invariant: a block stands in it at most once. Peers answer mostly in order, so a look-up begins at the oldest.

const INITIAL_CAPACITY = 64;

export class RequestQueue {
  #pieces = new Uint32Array(INITIAL_CAPACITY);
  #blocks = new Uint32Array(INITIAL_CAPACITY);
  #sentAt = new Float64Array(INITIAL_CAPACITY);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: number, block: number, now: number): void {
    if (this.#length === this.#pieces.length) this.#grow();
    const slot = (this.#head + this.#length) & (this.#pieces.length - 1);
    this.#pieces[slot] = piece;
    this.#blocks[slot] = block;
    this.#sentAt[slot] = now;
    this.#length++;
  }

  /** When the request was sent, or -1 where it is not outstanding. */
  sentAt(piece: number, block: number): number {
    const at = this.#find(piece, block);
    return at < 0 ? -1 : (this.#sentAt[this.#slot(at)] ?? 0);
  }

  /** True where a block of the piece is outstanding. */
  owes(piece: number): boolean {
    for (let index = 0; index < this.#length; index++) if (this.#pieces[this.#slot(index)] === piece) return true;
    return false;
  }

  /** Takes the request out: when it was sent, or -1 where it was not outstanding. */
  take(piece: number, block: number): number {
    const at = this.#find(piece, block);
    if (at < 0) return -1;
    const sentAt = this.#sentAt[this.#slot(at)] ?? 0;
    for (let index = at; index > 0; index--) this.#copy(this.#slot(index - 1), this.#slot(index));
    this.#head = this.#slot(1);
    this.#length--;
    return sentAt;
  }

  /** When the oldest outstanding request was sent; Infinity where there is none. */
  get oldestSentAt(): number {
    return this.#length === 0 ? Infinity : (this.#sentAt[this.#head] ?? 0);
  }

  /** Takes out every request for which `keeps` does not hold; the rest stay in order. */
  retain(keeps: (piece: number, block: number, sentAt: number) => boolean): void {
    let kept = 0;
    for (let index = 0; index < this.#length; index++) {
      const slot = this.#slot(index);
      if (!keeps(this.#pieces[slot] ?? 0, this.#blocks[slot] ?? 0, this.#sentAt[slot] ?? 0)) continue;
      this.#copy(slot, this.#slot(kept++));
    }
    this.#length = kept;
  }

  *entries(): Generator<{ readonly piece: number; readonly block: number }> {
    for (let index = 0; index < this.#length; index++) {
      const slot = this.#slot(index);
      yield { piece: this.#pieces[slot] ?? 0, block: this.#blocks[slot] ?? 0 };
    }
  }

  #find(piece: number, block: number): number {
    for (let index = 0; index < this.#length; index++) {
      const slot = this.#slot(index);
      if (this.#pieces[slot] === piece && this.#blocks[slot] === block) return index;
    }
    return -1;
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#pieces.length - 1);
  }

  #copy(from: number, to: number): void {
    this.#pieces[to] = this.#pieces[from] ?? 0;
    this.#blocks[to] = this.#blocks[from] ?? 0;
    this.#sentAt[to] = this.#sentAt[from] ?? 0;
  }

  #grow(): void {
    const capacity = this.#pieces.length * 2;
    const pieces = new Uint32Array(capacity);
    const blocks = new Uint32Array(capacity);
    const sentAt = new Float64Array(capacity);
    for (let index = 0; index < this.#length; index++) {
      const slot = this.#slot(index);
      pieces[index] = this.#pieces[slot] ?? 0;
      blocks[index] = this.#blocks[slot] ?? 0;
      sentAt[index] = this.#sentAt[slot] ?? 0;
    }
    this.#pieces = pieces;
    this.#blocks = blocks;
    this.#sentAt = sentAt;
    this.#head = 0;
  }
}
