// A release of the catalogue as what is signed about it.

import type { ReleaseRecord } from "../../release/index.ts";
import type { Release } from "../domain.ts";

/** What is signed about a release: all of it but what only this origin needs. */
export function releaseRecordOf(release: Release): ReleaseRecord {
  const { product, version, channel, sequence, name, kind, fileCount, lengthBytes, sha256, sha1 } = release;
  const { infoHashV1, infoHashV2, infoHashTwin, vendor, notes, publishedAt } = release;
  return {
    schema: 1,
    product,
    version,
    channel,
    sequence,
    name,
    kind,
    fileCount,
    lengthBytes,
    sha256,
    sha1,
    infoHashV1,
    infoHashV2,
    infoHashTwin,
    vendor:
      vendor === null
        ? null
        : { ...vendor, hashes: vendor.hashes.map((hash) => ({ ...hash, checked: "equal" as const })) },
    notes,
    status: "published",
    publishedAt: new Date(publishedAt).toISOString(),
  };
}
