// What a fuzz target is: one decoder, inputs to begin with that our own encoders made, and what must hold of every input.

import type { Random } from "../src/core/index.ts";

export interface FuzzTarget {
  readonly name: string;
  readonly corpus: readonly Buffer[];
  /** What its decoder looks for: keys, numbers, separators. */
  readonly tokens: readonly string[];
  /** Bencoded inputs are also changed value by value, so that what comes out is bencoding again. */
  readonly isBencoded: boolean;
  /** Damage that keeps more of the input's shape than bytes do, beside that to its bytes. */
  readonly mutate?: (input: Buffer, random: Random) => Buffer;
  /** A fresh input of the right shape, for decoders that refuse nearly every damaged one. */
  readonly generate?: (random: Random) => Buffer;
  /**
   * True where the input was accepted, false where it was refused as it should be. Throws where neither is so: another
   * error than the decoder's own, or an accepted input that breaks the target's invariant.
   */
  readonly check: (input: Buffer, random: Random) => boolean | Promise<boolean>;
  /** Before the first input, where it needs more than the input: it may take long. */
  readonly open?: () => Promise<unknown>;
  /** After the last one. Targets may share what they open, so all of them are closed at the end. */
  readonly close?: () => Promise<void>;
}

/** Whether `read` accepts: false where it throws an error of `kind`; any other error is a finding. */
export function accepts(kind: abstract new (...args: never[]) => Error, read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof kind) return false;
    throw error;
  }
}
