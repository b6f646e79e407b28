// SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash that nobody predicts without the key. It makes
// connection ids, and spreads addresses that attackers choose over hash tables.
// On 32-bit halves, since BigInt and node:crypto's HMAC cost more than the rest of an announce (HMAC-SHA256: about
// 2 µs; this: about 0.2 µs). Deliberately for whole 32-bit words only, which is what is hashed here.

export class SipHash {
  /** The halves of the last result. */
  high = 0;
  low = 0;
  readonly #key: Int32Array;

  /** 16 secret bytes. */
  constructor(key: Buffer) {
    this.#key = Int32Array.of(key.readInt32LE(0), key.readInt32LE(4), key.readInt32LE(8), key.readInt32LE(12));
  }

  /** Hashes the first `count` words as 4 · count bytes, each little-endian, into `high` and `low`. */
  update(words: Int32Array, count: number): void {
    const key = this.#key;
    const state = scratch;
    state[0] = (key[0] as number) ^ 0x7073_6575;
    state[1] = (key[1] as number) ^ 0x736f_6d65;
    state[2] = (key[2] as number) ^ 0x6e64_6f6d;
    state[3] = (key[3] as number) ^ 0x646f_7261;
    state[4] = (key[0] as number) ^ 0x6e65_7261;
    state[5] = (key[1] as number) ^ 0x6c79_6765;
    state[6] = (key[2] as number) ^ 0x7974_6573;
    state[7] = (key[3] as number) ^ 0x7465_6462;
    const paired = count & ~1;
    for (let at = 0; at < paired; at += 2) absorb(state, words[at] as number, words[at + 1] as number);
    absorb(state, count === paired ? 0 : (words[paired] as number), count << 26);
    state[4] = state[4] ^ 0xff;
    rounds(state, 4);
    this.low = (state[0] ^ state[2] ^ state[4] ^ state[6]) >>> 0;
    this.high = (state[1] ^ state[3] ^ state[5] ^ state[7]) >>> 0;
  }
}

/** v0 … v3, each as low and high half. One is enough: hashing never yields. */
const scratch = new Int32Array(8);

function absorb(state: Int32Array, low: number, high: number): void {
  state[6] = (state[6] as number) ^ low;
  state[7] = (state[7] as number) ^ high;
  rounds(state, 2);
  state[0] = (state[0] as number) ^ low;
  state[1] = (state[1] as number) ^ high;
}

/** `aL`, `aH` are the halves of v0, `bL`, `bH` of v1, and so on. A sum carries where it is below one of its terms. */
function rounds(state: Int32Array, count: number): void {
  let [aL, aH, bL, bH] = [state[0] as number, state[1] as number, state[2] as number, state[3] as number];
  let [cL, cH, dL, dH] = [state[4] as number, state[5] as number, state[6] as number, state[7] as number];
  let kept = 0;
  for (let round = 0; round < count; round++) {
    aL = (aL + bL) | 0;
    aH = (aH + bH + (aL >>> 0 < bL >>> 0 ? 1 : 0)) | 0;
    kept = bL;
    bL = ((bL << 13) | (bH >>> 19)) ^ aL;
    bH = ((bH << 13) | (kept >>> 19)) ^ aH;
    kept = aL;
    aL = aH;
    aH = kept;
    cL = (cL + dL) | 0;
    cH = (cH + dH + (cL >>> 0 < dL >>> 0 ? 1 : 0)) | 0;
    kept = dL;
    dL = ((dL << 16) | (dH >>> 16)) ^ cL;
    dH = ((dH << 16) | (kept >>> 16)) ^ cH;
    aL = (aL + dL) | 0;
    aH = (aH + dH + (aL >>> 0 < dL >>> 0 ? 1 : 0)) | 0;
    kept = dL;
    dL = ((dL << 21) | (dH >>> 11)) ^ aL;
    dH = ((dH << 21) | (kept >>> 11)) ^ aH;
    cL = (cL + bL) | 0;
    cH = (cH + bH + (cL >>> 0 < bL >>> 0 ? 1 : 0)) | 0;
    kept = bL;
    bL = ((bL << 17) | (bH >>> 15)) ^ cL;
    bH = ((bH << 17) | (kept >>> 15)) ^ cH;
    kept = cL;
    cL = cH;
    cH = kept;
  }
  state[0] = aL;
  state[1] = aH;
  state[2] = bL;
  state[3] = bH;
  state[4] = cL;
  state[5] = cH;
  state[6] = dL;
  state[7] = dH;
}
