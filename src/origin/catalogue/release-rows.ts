// A release as a row of its table and back. The metainfo stands in the same row and is read only where it is asked for.

import type { Insertable, Selectable } from "kysely";
import { parseInfoHash, parseInfoHashV2 } from "../../core/index.ts";
import type { ReleaseTables } from "../database/release-tables.ts";
import type { HashAlgorithm, Release, Vendor, Withdrawal } from "../domain.ts";
import type { NewRelease } from "./catalogue.ts";

type ReleaseTable = ReleaseTables["releases"];
export type ReleaseRow = Omit<Selectable<ReleaseTable>, "metainfo">;
export type WithdrawalColumns = Pick<ReleaseRow, Extract<keyof ReleaseRow, `withdrawn_${string}`>>;

/** All but the metainfo. */
export const releaseColumns: readonly (keyof ReleaseRow)[] = [
  "product",
  "version",
  "channel",
  "sequence",
  "name",
  "kind",
  "file_count",
  "length_bytes",
  "piece_length_bytes",
  "sha256",
  "sha1",
  "info_hash_v1",
  "info_hash_v2",
  "info_hash_twin",
  "vendor_name",
  "vendor_url",
  "vendor_hashes",
  "notes",
  "published_at",
  "withdrawn_kind",
  "withdrawn_at",
  "withdrawn_reason",
  "withdrawn_by",
  "withdrawn_vendor_url",
  "withdrawn_replaced_by",
  "withdrawn_case",
];

export function rowOf({ release, metainfo }: NewRelease): Insertable<ReleaseTable> {
  const { vendor } = release;
  return {
    product: release.product,
    version: release.version,
    channel: release.channel,
    sequence: release.sequence,
    name: release.name,
    kind: release.kind,
    file_count: release.fileCount,
    length_bytes: release.lengthBytes,
    piece_length_bytes: release.pieceLengthBytes,
    sha256: release.sha256,
    sha1: release.sha1,
    info_hash_v1: release.infoHashV1,
    info_hash_v2: release.infoHashV2,
    info_hash_twin: release.infoHashTwin,
    vendor_name: vendor?.name ?? null,
    vendor_url: vendor?.url ?? null,
    vendor_hashes: vendor?.hashes.map(({ algorithm, hex }) => `${algorithm}:${hex}`).join(" ") ?? null,
    notes: release.notes,
    published_at: release.publishedAt,
    metainfo,
    ...withdrawalColumns(release.withdrawal),
  };
}

export function releaseOf(row: ReleaseRow): Release {
  return {
    product: row.product,
    version: row.version,
    channel: row.channel,
    sequence: row.sequence,
    name: row.name,
    kind: row.kind,
    fileCount: row.file_count,
    lengthBytes: row.length_bytes,
    pieceLengthBytes: row.piece_length_bytes,
    sha256: row.sha256,
    sha1: row.sha1,
    infoHashV1: parseInfoHash(row.info_hash_v1),
    infoHashV2: parseInfoHashV2(row.info_hash_v2),
    infoHashTwin: parseInfoHash(row.info_hash_twin),
    vendor: vendorOf(row),
    notes: row.notes,
    publishedAt: row.published_at,
    withdrawal: withdrawalOf(row),
  };
}

export function withdrawalColumns(withdrawal: Withdrawal | null): WithdrawalColumns {
  return {
    withdrawn_kind: withdrawal?.kind ?? null,
    withdrawn_at: withdrawal?.at ?? null,
    withdrawn_reason: withdrawal?.reason ?? null,
    withdrawn_by: withdrawal?.demandedBy ?? null,
    withdrawn_vendor_url: withdrawal?.vendorUrl ?? null,
    withdrawn_replaced_by: withdrawal?.replacedBy ?? null,
    withdrawn_case: withdrawal?.caseId ?? null,
  };
}

function vendorOf(row: ReleaseRow): Vendor | null {
  if (row.vendor_name === null) return null;
  const words = row.vendor_hashes?.split(" ").filter((word) => word !== "") ?? [];
  const hashes = words.map((word) => {
    const [algorithm, hex = ""] = word.split(":");
    return { algorithm: algorithm as HashAlgorithm, hex };
  });
  return { name: row.vendor_name, url: row.vendor_url, hashes };
}

function withdrawalOf(row: ReleaseRow): Withdrawal | null {
  if (row.withdrawn_kind === null) return null;
  return {
    kind: row.withdrawn_kind,
    at: row.withdrawn_at ?? 0,
    reason: row.withdrawn_reason ?? "",
    demandedBy: row.withdrawn_by,
    vendorUrl: row.withdrawn_vendor_url,
    replacedBy: row.withdrawn_replaced_by,
    caseId: row.withdrawn_case,
  };
}
