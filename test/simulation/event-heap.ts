// What is to happen in a simulation, the earliest first; what is due at the same time happens in the order it was
// scheduled, so that a run is reproducible. Typed arrays: millions of events, nothing allocated for one.

const CAPACITY_INITIAL = 1_024;

export class EventHeap {
  /** The event that `pop` took out. */
  time = 0;
  kind = 0;
  target = 0;
  a = 0;
  b = 0;

  #times = new Float64Array(CAPACITY_INITIAL);
  #orders = new Float64Array(CAPACITY_INITIAL);
  #kinds = new Uint8Array(CAPACITY_INITIAL);
  #payloads = new Int32Array(CAPACITY_INITIAL * 3);
  /** A binary heap of slots; the slots beyond `#length` are free. */
  #heap: Int32Array = Int32Array.from({ length: CAPACITY_INITIAL }, (_, slot) => slot);
  #length = 0;
  #scheduled = 0;

  get length(): number {
    return this.#length;
  }

  push(time: number, kind: number, target: number, a = 0, b = 0): void {
    if (this.#length === this.#heap.length) this.#grow();
    const slot = this.#heap[this.#length] ?? 0;
    this.#times[slot] = time;
    this.#orders[slot] = this.#scheduled++;
    this.#kinds[slot] = kind;
    this.#payloads[slot * 3] = target;
    this.#payloads[slot * 3 + 1] = a;
    this.#payloads[slot * 3 + 2] = b;
    this.#siftUp(this.#length++, slot);
  }

  /** Takes the earliest event out, into the fields; false where there is none. */
  pop(): boolean {
    if (this.#length === 0) return false;
    const slot = this.#heap[0] ?? 0;
    this.time = this.#times[slot] ?? 0;
    this.kind = this.#kinds[slot] ?? 0;
    this.target = this.#payloads[slot * 3] ?? 0;
    this.a = this.#payloads[slot * 3 + 1] ?? 0;
    this.b = this.#payloads[slot * 3 + 2] ?? 0;
    const last = this.#heap[--this.#length] ?? 0;
    this.#heap[this.#length] = slot;
    if (this.#length > 0) this.#siftDown(last);
    return true;
  }

  #siftUp(from: number, slot: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] ?? 0;
      if (!this.#before(slot, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = slot;
  }

  #siftDown(slot: number): void {
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && this.#before(this.#heap[child + 1] ?? 0, this.#heap[child] ?? 0)) child++;
      const below = this.#heap[child] ?? 0;
      if (!this.#before(below, slot)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = slot;
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] ?? 0) - (this.#times[b] ?? 0);
    return difference < 0 || (difference === 0 && (this.#orders[a] ?? 0) < (this.#orders[b] ?? 0));
  }

  #grow(): void {
    const capacity = this.#heap.length * 2;
    const times = new Float64Array(capacity);
    const orders = new Float64Array(capacity);
    const kinds = new Uint8Array(capacity);
    const payloads = new Int32Array(capacity * 3);
    times.set(this.#times);
    orders.set(this.#orders);
    kinds.set(this.#kinds);
    payloads.set(this.#payloads);
    const heap = Int32Array.from({ length: capacity }, (_, slot) => slot);
    heap.set(this.#heap);
    this.#times = times;
    this.#orders = orders;
    this.#kinds = kinds;
    this.#payloads = payloads;
    this.#heap = heap;
  }
}
