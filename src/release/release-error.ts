// What can go wrong with releases, their signatures and their keys, as one closed union of codes.
// A network that fails is not among them: that is NetError's, and passes through here as it is.

import { CodedError, type CodedErrorOptions } from "../core/index.ts";
import type { WithdrawalRecord } from "./withdrawal-record.ts";

export type ReleaseErrorCode =
  /** A product's, version's or channel's name that is not allowed. */
  | "release.name"
  | "release.record"
  | "release.withdrawal-record"
  | "release.pointer"
  /** The version is published with other bytes: a version is never replaced. */
  | "release.exists"
  | "release.not-found"
  | "release.withdrawn"
  | "release.already-withdrawn"
  | "release.not-withdrawn"
  /** The keys that signed it were taken back, and none that counts has signed it since. */
  | "release.unsigned"
  /** The repository's own files are incomplete, damaged or not signed as they must be. */
  | "release.metadata"
  /** What a publisher sent is not signed by enough of the role's keys. */
  | "release.signature"
  /** What a publisher sent is signed, but changes what may not change. */
  | "release.rejected"
  /** What a publisher sent was made for another state of the repository; make it anew. */
  | "release.conflict"
  /** The role is full; see ROLE_TARGETS_MAX. */
  | "release.too-many"
  /** What an origin served does not verify: somebody tampers with it, or it is broken. */
  | "release.verification"
  /** Metadata whose time is over: the origin is not kept, or somebody holds newer metadata back. */
  | "release.expired"
  /** The origin's root is not known here, and trusting it on first use is forbidden. */
  | "release.first-use"
  /** The folder that remembers roots and versions cannot be read or written. */
  | "release.trust-store"
  /** The URL is no release page of an origin. */
  | "release.page";

export class ReleaseError<Code extends ReleaseErrorCode = ReleaseErrorCode> extends CodedError<Code> {}

/** A release that was withdrawn: by whom, why, and what to take instead. */
export class WithdrawnError extends ReleaseError<"release.withdrawn"> {
  readonly withdrawal: WithdrawalRecord;

  constructor(withdrawal: WithdrawalRecord, options: CodedErrorOptions = {}) {
    super("release.withdrawn", withdrawnText(withdrawal), options);
    this.withdrawal = withdrawal;
  }
}

export type KeyErrorCode =
  /** The file is no key file, or was changed. */
  | "key.file"
  | "key.not-found"
  | "key.read"
  | "key.write"
  /** A key is never overwritten. */
  | "key.exists"
  /** Others on this machine can read a key that is not encrypted. */
  | "key.exposed"
  | "key.passphrase"
  /** The keys at hand are fewer than the role's threshold, or are not the role's. */
  | "key.threshold";

export class KeyError extends CodedError<KeyErrorCode> {}

function withdrawnText(record: WithdrawalRecord): string {
  const { product, version, kind, reason, demandedBy, vendorUrl, replacedBy } = record;
  const what = { legal: "withdrawn for legal reasons", recall: "recalled", "key-compromise": "withdrawn" }[kind];
  const because = kind === "key-compromise" ? " because a key that signed it was compromised" : "";
  const demand = demandedBy === null ? "" : ` on the demand of ${demandedBy}`;
  return [
    `${product} ${version} was ${what}${because}${demand}: ${/[.!?]$/.test(reason) ? reason : `${reason}.`}`,
    ...(replacedBy === null ? [] : [`Take version ${replacedBy} instead.`]),
    ...(vendorUrl === null ? [] : [`The vendor's own page: ${vendorUrl}`]),
  ].join(" ");
}
