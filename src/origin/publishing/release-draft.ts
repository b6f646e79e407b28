// What a release is, from its metainfo, its whole-file digests and what the publisher says about it. The place in the
// product's sequence and the time come when it is published.

import { createHash } from "node:crypto";
import { parseInfoHash } from "../../core/index.ts";
import { deriveTwin, type Metainfo } from "../../metainfo/index.ts";
import type { HashAlgorithm, Release, ReleaseRef, Vendor } from "../domain.ts";
import type { ArtifactDigests } from "./artifact-digests.ts";
import { PublishError } from "./publish-error.ts";

/** What the publisher says. Product, version and channel are names as src/release parses them. */
export interface ReleaseDetails extends ReleaseRef {
  readonly channel: string;
  /** With the vendor's published hashes, which are yet to be compared. */
  readonly vendor: Vendor | null;
  readonly notes: string | null;
}

export type ReleaseDraft = Omit<Release, "sequence" | "publishedAt" | "withdrawal">;

const hashAlgorithms = ["sha1", "sha256", "sha512"] as const;
const hexDigits: Readonly<Record<HashAlgorithm, number>> = { sha1: 40, sha256: 64, sha512: 128 };

/** What is wrong with it before a byte is read. @throws PublishError publish.details */
export function checkDetails({ vendor }: ReleaseDetails, isFolder: boolean): void {
  const hashes = vendor?.hashes ?? [];
  if (hashes.length === 0) return;
  if (isFolder) {
    throw new PublishError("publish.details", "A folder has no hash of its own to compare with the vendor's.");
  }
  if (new Set(hashes.map(({ algorithm }) => algorithm)).size < hashes.length) {
    throw new PublishError("publish.details", "The vendor's hashes are one an algorithm.");
  }
  for (const { algorithm, hex } of hashes) {
    if (/^[0-9a-f]*$/i.test(hex) && hex.length === hexDigits[algorithm]) continue;
    const text = `The vendor's ${algorithm} is ${hexDigits[algorithm]} hex digits; "${hex.slice(0, 130)}" is not.`;
    throw new PublishError("publish.details", text);
  }
}

/** The digests that a single file's draft needs. */
export function wantedDigests({ vendor }: ReleaseDetails): readonly HashAlgorithm[] {
  return vendor?.hashes.some(({ algorithm }) => algorithm === "sha512") === true
    ? ["sha256", "sha1", "sha512"]
    : ["sha256", "sha1"];
}

/**
 * `digests`: of a single file, those of wantedDigests(); null for a folder.
 * @throws PublishError publish.vendor-hash, publish.metainfo
 */
export function draftRelease(
  metainfo: Metainfo,
  details: ReleaseDetails,
  digests: ArtifactDigests | null,
): ReleaseDraft {
  const { infoHashV1, infoHashV2, layout, name } = metainfo;
  if (infoHashV1 === null || infoHashV2 === null) {
    throw new PublishError("publish.metainfo", "A release's metainfo is hybrid: for clients of v1 and v2 alike.");
  }
  const { product, version, channel, notes } = details;
  return {
    product,
    version,
    channel,
    name,
    kind: layout.isFolder ? "folder" : "file",
    fileCount: layout.files.filter(({ kind }) => kind !== "pad").length,
    lengthBytes: layout.lengthBytes,
    pieceLengthBytes: layout.pieceLengthBytes,
    sha256: digests?.sha256 ?? null,
    sha1: digests?.sha1 ?? null,
    infoHashV1,
    infoHashV2,
    infoHashTwin: parseInfoHash(createHash("sha1").update(deriveTwin(metainfo)).digest()),
    vendor: comparedVendor(details, digests),
    notes,
  };
}

/** The vendor, whose hashes are the artifact's, the weakest first. @throws PublishError publish.vendor-hash */
function comparedVendor({ product, version, vendor }: ReleaseDetails, digests: ArtifactDigests | null): Vendor | null {
  if (vendor === null) return null;
  const given = new Map(vendor.hashes.map(({ algorithm, hex }) => [algorithm, hex.toLowerCase()]));
  const hashes = hashAlgorithms.flatMap((algorithm) => {
    const hex = given.get(algorithm);
    if (hex === undefined) return [];
    const found = digests?.[algorithm];
    if (found === hex) return [{ algorithm, hex }];
    throw new PublishError(
      "publish.vendor-hash",
      `This is not what the vendor published as ${product} ${version}: its ${algorithm} is ${found}, ` +
        `and ${vendor.name} says ${hex}. Nothing was published.`,
    );
  });
  return { ...vendor, hashes };
}
