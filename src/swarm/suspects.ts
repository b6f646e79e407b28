// Who sent the bad block. When a piece fails its hash and one peer sent all of it, that peer is the liar. Otherwise the
// digests of the failed blocks are kept with their senders; once the true digests are known (from the Merkle leaves of a
// v2 torrent, or from the piece once it came good, v1), whoever sent a block with another digest is the liar. Until then
// nobody is blamed: an innocent peer that shared a piece with a liar must not be banned.

import assert from "node:assert";
import { SUSPECT_ATTEMPTS_MAX, SUSPECT_PIECES_MAX } from "../core/index.ts";
import type { SwarmPeer } from "./peer.ts";

/** Bytes of a block's digest (SHA-256). */
export const BLOCK_DIGEST_BYTES = 32;

interface Attempt {
  readonly senders: readonly (SwarmPeer | null)[];
  readonly digests: Uint8Array;
}

export class Suspects {
  readonly #attempts = new Map<number, Attempt[]>();

  has(piece: number): boolean {
    return this.#attempts.has(piece);
  }

  /** For tests. @throws AssertionError where more is remembered than may be */
  audit(): void {
    assert.ok(this.#attempts.size <= SUSPECT_PIECES_MAX, "Pieces that failed their hash.");
    for (const attempts of this.#attempts.values()) assert.ok(attempts.length <= SUSPECT_ATTEMPTS_MAX, "Attempts.");
  }

  /** The liar, where the failed piece came from one peer alone; else null, and the attempt is remembered. */
  failed(piece: number, senders: readonly (SwarmPeer | null)[], digests: Uint8Array): SwarmPeer | null {
    const first = senders[0] ?? null;
    if (first !== null && senders.every((sender) => sender === first)) return first;
    if (!this.#attempts.has(piece) && this.#attempts.size >= SUSPECT_PIECES_MAX) {
      const oldest = this.#attempts.keys().next().value;
      if (oldest !== undefined) this.#attempts.delete(oldest);
    }
    const earlier = this.#attempts.get(piece) ?? [];
    const attempt = { senders: [...senders], digests: Uint8Array.from(digests) };
    this.#attempts.set(piece, [...earlier.slice(1 - SUSPECT_ATTEMPTS_MAX), attempt]);
    return null;
  }

  /** The true digests are known: who lied. */
  resolve(piece: number, digests: Uint8Array): Set<SwarmPeer> {
    const liars = new Set<SwarmPeer>();
    for (const attempt of this.#attempts.get(piece) ?? []) {
      attempt.senders.forEach((sender, block) => {
        const at = block * BLOCK_DIGEST_BYTES;
        const sent = attempt.digests.subarray(at, at + BLOCK_DIGEST_BYTES);
        const good = digests.subarray(at, at + BLOCK_DIGEST_BYTES);
        if (sender !== null && Buffer.compare(sent, good) !== 0) liars.add(sender);
      });
    }
    this.#attempts.delete(piece);
    return liars;
  }
}
