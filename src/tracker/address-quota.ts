// How many peers an address has, in all and on each swarm, in memory that does not grow: a counter for each pair would
// be as large as the swarm table, and whoever invents info-hashes would decide how large.
// A count-min sketch: two rows of cells; a pair counts in one cell of each row, and its count is the smaller of the two.
// Invariant: a count is never too small. It is too large only where both cells are shared with others: with a million
// peers by 15 or so, against limits of thousands. Cells are chosen by keyed hashes, so nobody can aim at another's.

import { TRACKER_QUOTA_CELLS } from "../core/index.ts";
import type { SourceAddress } from "./source-address.ts";

const mask = TRACKER_QUOTA_CELLS - 1;

export class AddressQuota {
  readonly #rows = [new Uint32Array(TRACKER_QUOTA_CELLS), new Uint32Array(TRACKER_QUOTA_CELLS)] as const;

  /** `salt` tells swarms apart: any number that stays the same for a swarm. */
  count(address: SourceAddress, salt: number): number {
    return Math.min(
      this.#rows[0][cellOf(address.lineHigh, salt)] as number,
      this.#rows[1][cellOf(address.lineLow, salt)] as number,
    );
  }

  add(address: SourceAddress, salt: number): void {
    this.#change(address, salt, 1);
  }

  /** Undoes an `add` of the same pair. */
  remove(address: SourceAddress, salt: number): void {
    this.#change(address, salt, -1);
  }

  #change(address: SourceAddress, salt: number, by: number): void {
    const high = cellOf(address.lineHigh, salt);
    const low = cellOf(address.lineLow, salt);
    this.#rows[0][high] = (this.#rows[0][high] as number) + by;
    this.#rows[1][low] = (this.#rows[1][low] as number) + by;
  }
}

function cellOf(half: number, salt: number): number {
  const mixed = Math.imul(half ^ salt, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) & mask;
}
