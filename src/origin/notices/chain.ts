// A chain of entries: each holds the hash of the one before, so that none can be changed, taken out or put in without
// changing every later hash. What is hashed is the bytes of the previous hash and then the entry as canonical JSON (keys
// sorted, no spaces, UTF-8). An end that was cut off shows only to who knows a later head: heads are published.
// Personal data never stands in an entry: it holds the digest of a record with its salt, and both can be erased.

import { hash } from "node:crypto";

export type ChainValue = string | number | boolean | null | readonly string[];
export type ChainFields = Readonly<Record<string, ChainValue>>;

export interface ChainContent {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly at: number;
  /** What it is about: a case, an account. */
  readonly subject: string;
  readonly event: string;
  readonly fields: ChainFields;
  /** Of a record that is kept apart: recordDigest(). */
  readonly record: string | null;
}

export interface ChainEntry extends ChainContent {
  /** Hex. */
  readonly previous: string;
  readonly hash: string;
}

export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

export type ChainCheck =
  | { readonly isIntact: true; readonly head: ChainHead }
  | { readonly isIntact: false; readonly sequence: number; readonly reason: string };

/** Before the first entry. */
export const CHAIN_START: ChainHead = { sequence: 0, hash: "0".repeat(64) };

export function link(content: ChainContent, previous: string): ChainEntry {
  return { ...content, previous, hash: hashOf(content, previous) };
}

/** A check that entries are fed to in order, as they are read. */
export class ChainVerifier {
  #head = CHAIN_START;
  #failure: Extract<ChainCheck, { isIntact: false }> | null = null;

  add(entry: ChainEntry): void {
    if (this.#failure !== null) return;
    const reason = this.#reasonAgainst(entry);
    if (reason === null) this.#head = { sequence: entry.sequence, hash: entry.hash };
    else this.#failure = { isIntact: false, sequence: this.#head.sequence + 1, reason };
  }

  get result(): ChainCheck {
    return this.#failure ?? { isIntact: true, head: this.#head };
  }

  #reasonAgainst(entry: ChainEntry): string | null {
    if (entry.sequence !== this.#head.sequence + 1) return `is missing: number ${entry.sequence} stands in its place`;
    if (entry.previous !== this.#head.hash) return "does not name the hash of the entry before";
    return entry.hash === hashOf(entry, entry.previous) ? null : "is not what was hashed";
  }
}

export function verifyChain(entries: Iterable<ChainEntry>): ChainCheck {
  const verifier = new ChainVerifier();
  for (const entry of entries) verifier.add(entry);
  return verifier.result;
}

/** Of personal data: says nothing about it to who lacks the salt, which is random and as long as a hash. */
export function recordDigest(salt: Uint8Array, content: string): string {
  return hash("sha256", Buffer.concat([salt, Buffer.from(content)]), "hex");
}

function hashOf({ sequence, at, subject, event, fields, record }: ChainContent, previous: string): string {
  const bytes = Buffer.from(canonicalJson({ sequence, at, subject, event, fields, record }));
  return hash("sha256", Buffer.concat([Buffer.from(previous, "hex"), bytes]), "hex");
}

/** The one JSON text of a value: keys in the order of their UTF-16 units, no white space. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
