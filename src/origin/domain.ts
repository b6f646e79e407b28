// What the origin speaks of: products, releases, withdrawals, traffic. Values only; every part of the origin shares them.
// Times are milliseconds since 1970. Nothing here knows how it is stored, signed or shown.

import type { InfoHash, InfoHashV2 } from "../core/index.ts";

/** A release by its names; a version is never replaced, so this names the same bytes for ever. */
export interface ReleaseRef {
  readonly product: string;
  readonly version: string;
}

export type HashAlgorithm = "sha1" | "sha256" | "sha512";

/** Whose software it is, which may differ from who publishes it here. */
export interface Vendor {
  readonly name: string;
  /** The vendor's own page of this release. */
  readonly url: string | null;
  /** What the vendor published, and the artifact's bytes were found to have: one an algorithm. Single files only. */
  readonly hashes: readonly VendorHash[];
}

export interface VendorHash {
  readonly algorithm: HashAlgorithm;
  readonly hex: string;
}

export interface Release extends ReleaseRef {
  /** "stable", "beta", … */
  readonly channel: string;
  /** Grows by one with each release of the product. */
  readonly sequence: number;
  /** Of the file or folder. */
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly fileCount: number;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  /** Hex, of a single file's bytes; null for folders. */
  readonly sha256: string | null;
  readonly sha1: string | null;
  readonly infoHashV1: InfoHash;
  readonly infoHashV2: InfoHashV2;
  readonly infoHashTwin: InfoHash;
  readonly vendor: Vendor | null;
  /** Plain text. */
  readonly notes: string | null;
  readonly publishedAt: number;
  readonly withdrawal: Withdrawal | null;
}

/** legal: on a notice; recall: broken or insecure, by the publisher; key-compromise: nothing signed by that key counts. */
export type WithdrawalKind = "legal" | "recall" | "key-compromise";

export interface Withdrawal {
  readonly kind: WithdrawalKind;
  readonly at: number;
  /** A sentence for a person. */
  readonly reason: string;
  /** Who demanded it, as the public may read it. */
  readonly demandedBy: string | null;
  /** Where the vendor's own page is: what the tombstone points to. */
  readonly vendorUrl: string | null;
  /** The version that replaces a recalled one. */
  readonly replacedBy: string | null;
  /** The case that it belongs to. */
  readonly caseId: string | null;
}

export interface Product {
  readonly name: string;
  readonly releaseCount: number;
  /** By sequence, withdrawn ones included. */
  readonly newest: Release;
}

/** What was sent for a release since it was published, over restarts. */
export interface Traffic {
  /** Payload that the first seed sent to peers. */
  readonly seedBytes: number;
  /** Payload that left by HTTP to BitTorrent clients (web seed) and to browsers (direct); told apart by Range of a client. */
  readonly webSeedBytes: number;
  readonly directBytes: number;
  /** Machines that announced that they have all of it. */
  readonly completed: number;
  readonly directDownloads: number;
}

/** A swarm as of now, and its traffic. */
export interface LiveSwarm {
  readonly seeds: number;
  readonly downloading: number;
  /** Bytes a second that the first seed sends. */
  readonly originRate: number;
  readonly traffic: Traffic;
  /** Oldest first, one every few seconds, the last quarter of an hour. */
  readonly history: readonly LiveSample[];
}

export interface LiveSample {
  readonly at: number;
  readonly seeds: number;
  readonly downloading: number;
  readonly completed: number;
  readonly originBytes: number;
}

export function refOf({ product, version }: ReleaseRef): string {
  return `${product}/${version}`;
}
