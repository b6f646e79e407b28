// Randomness as an argument. `seededRandom` makes a simulation reproducible; `systemRandom` is for everything that an
// attacker could gain from guessing.

import { randomBytes } from "node:crypto";

export interface Random {
  /** An integer in [0, below), uniform. below is 1 … 2^32. */
  int(below: number): number;
  bytes(count: number): Buffer;
}

/** sfc32 by Chris Doty-Humphrey: small, fast and good enough for simulations; never for secrets. */
export function seededRandom(seed: number): Random {
  return new Sfc32(seed);
}

/** State in a typed array: as variables of a closure a number took twice as long, and a tracker draws 50 an announce. */
class Sfc32 implements Random {
  readonly #state: Int32Array;

  constructor(seed: number) {
    this.#state = Int32Array.of(0x9e3779b9, 0x243f6a88, seed, 1);
    for (let i = 0; i < 12; i++) this.#next();
  }

  int(below: number): number {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#next() & 0xff));
  }

  #next(): number {
    const state = this.#state;
    const b = state[1] as number;
    const c = state[2] as number;
    const counter = state[3] as number;
    const t = ((((state[0] as number) + b) | 0) + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + t;
    state[3] = counter + 1;
    return t >>> 0;
  }
}

export const systemRandom: Random = {
  int: (below) => {
    // Rejection keeps it uniform where 2^32 is no multiple of `below`.
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const value = pooledUint32();
      if (value < limit) return value % below;
    }
  },
  bytes: (count) => randomBytes(count),
};

let pool = Buffer.alloc(0);
let used = 0;
function pooledUint32(): number {
  if (used + 4 > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  const value = pool.readUInt32LE(used);
  used += 4;
  return value;
}
