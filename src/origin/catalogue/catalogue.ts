// The catalogue: which releases there are, what is signed about them, what was sent. This is the contract of any store;
// test/contracts/catalogue.ts is the suite that each implementation passes.
//
// Obligations:
// - A release and the metadata that signs it become visible together or not at all: what was acknowledged survives a
//   crash at any moment, what was not leaves no trace.
// - A version is never replaced: publish() of one that is there throws `catalogue.exists`.
// - A withdrawn release stays listed, with its withdrawal.
// - changeNumber() differs whenever another process (or this one) has changed anything.

import type { InfoHash } from "../../core/index.ts";
import { CodedError } from "../../core/index.ts";
import type { Product, Release, ReleaseRef, Traffic, Withdrawal } from "../domain.ts";

export type CatalogueErrorCode =
  /** The version is there already. */
  | "catalogue.exists"
  /** Only what is withdrawn can be purged. */
  | "catalogue.not-withdrawn"
  /** There is no such release. */
  | "catalogue.unknown"
  /** The metadata changed meanwhile: read again and sign again. */
  | "catalogue.conflict"
  /** The store cannot be read or written. */
  | "catalogue.store";

export class CatalogueError extends CodedError<CatalogueErrorCode> {}

/** Signed metadata by the names under which it is served: "1.root.json", "timestamp.json". */
export type SignedFiles = ReadonlyMap<string, Buffer>;

export interface NewRelease {
  readonly release: Release;
  /** The hybrid .torrent: what is signed. */
  readonly metainfo: Buffer;
}

/** So many of a list at most, from the item after a position on; null is its beginning. */
export interface ListPart<Position> {
  readonly after: Position | null;
  readonly countMax: number;
}

export interface WithdrawnRelease {
  readonly ref: ReleaseRef;
  readonly withdrawal: Withdrawal;
}

export interface Catalogue {
  /** By name; a part begins after a name. */
  products(part?: ListPart<string>): Promise<readonly Product[]>;
  /** Newest first; a part begins after a sequence number, so below it. */
  releases(product: string, part?: ListPart<number>): Promise<readonly Release[]>;
  release(ref: ReleaseRef): Promise<Release | null>;
  /** The newest that is not withdrawn. */
  newest(product: string, channel: string): Promise<Release | null>;
  /** Newest first, over all products. */
  recent(countMax: number): Promise<readonly Release[]>;
  /** Whose product, version, name, vendor, notes or hashes hold all the words. */
  search(query: string, countMax: number): Promise<readonly Release[]>;
  /** By any of its three info-hashes. */
  byInfoHash(infoHash: InfoHash): Promise<Release | null>;
  metainfo(ref: ReleaseRef): Promise<Buffer | null>;

  /** @throws CatalogueError catalogue.exists, catalogue.conflict */
  publish(added: NewRelease, signed: SignedFiles): Promise<void>;
  /** @throws CatalogueError catalogue.unknown, catalogue.conflict */
  withdraw(ref: ReleaseRef, withdrawal: Withdrawal, signed: SignedFiles): Promise<void>;
  /** Several, all of them or none. @throws CatalogueError catalogue.unknown, catalogue.conflict */
  withdrawAll(withdrawn: readonly WithdrawnRelease[], signed: SignedFiles): Promise<void>;
  /** @throws CatalogueError catalogue.unknown, catalogue.conflict */
  restore(ref: ReleaseRef, signed: SignedFiles): Promise<void>;

  /** By name; old versions too. */
  signedFile(name: string): Promise<Buffer | null>;
  /** The files that the current timestamp leads to, all versions of the root, and the timestamp. */
  currentlySigned(): Promise<SignedFiles>;
  /** Metadata alone: refreshed, rotated. A numbered file that is there with other bytes is `catalogue.conflict`. */
  sign(signed: SignedFiles): Promise<void>;

  traffic(ref: ReleaseRef): Promise<Traffic>;
  /** Adds to what is there. */
  addTraffic(ref: ReleaseRef, more: Partial<Traffic>): Promise<void>;

  changeNumber(): Promise<number>;
}
