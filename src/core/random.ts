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
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    int: (below) => Math.floor((next() / 2 ** 32) * below),
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => next() & 0xff)),
  };
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
