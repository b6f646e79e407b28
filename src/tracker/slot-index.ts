// A hash table from hashes to slots of records that lie elsewhere: open addressing with linear probing, slot + 1 in each
// place that is taken and 0 in the others. Its length is a power of two and at least twice the number of slots.
// Invariant: no probe for a slot that is in the index meets an empty place before it.
// Deliberately without the records: who owns them compares them and knows their hashes.

export function insertSlot(index: Int32Array, hash: number, slot: number): void {
  const mask = index.length - 1;
  let at = hash & mask;
  while (index[at] !== 0) at = (at + 1) & mask;
  index[at] = slot + 1;
}

/** Where the index holds the slot, which is in it. */
export function positionOfSlot(index: Int32Array, hash: number, slot: number): number {
  const mask = index.length - 1;
  let at = hash & mask;
  while (index[at] !== slot + 1) at = (at + 1) & mask;
  return at;
}

/** Takes a slot out and closes the gap, so that no probe ends early. */
export function removeSlot(index: Int32Array, slot: number, hashOf: (slot: number) => number): void {
  const mask = index.length - 1;
  let gap = positionOfSlot(index, hashOf(slot), slot);
  for (let at = (gap + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
    const home = hashOf((index[at] as number) - 1) & mask;
    // An entry may move back to the gap only if its probe passes there.
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    index[gap] = index[at] as number;
    gap = at;
  }
  index[gap] = 0;
}
