// Releases and signed metadata as the contracts of the origin's stores use them: plausible, and different for each name.

import { createHash } from "node:crypto";
import { parseInfoHash, parseInfoHashV2 } from "../../src/core/index.ts";
import type { NewRelease, SignedFiles } from "../../src/origin/catalogue/catalogue.ts";
import type { Release, Withdrawal } from "../../src/origin/domain.ts";

export function sampleRelease(changes: Partial<Release> & { product: string; version: string }): Release {
  const digest = (algorithm: string, what: string): string =>
    createHash(algorithm).update(`${changes.product}/${changes.version} ${what}`).digest("hex");
  return {
    channel: "stable",
    sequence: 1,
    name: `${changes.product}-${changes.version}.tar`,
    kind: "file",
    fileCount: 1,
    lengthBytes: 270_000_000,
    pieceLengthBytes: 65_536,
    sha256: digest("sha256", "bytes"),
    sha1: digest("sha1", "bytes"),
    infoHashV1: parseInfoHash(digest("sha1", "v1")),
    infoHashV2: parseInfoHashV2(digest("sha256", "v2")),
    infoHashTwin: parseInfoHash(digest("sha1", "twin")),
    vendor: null,
    notes: null,
    publishedAt: Date.parse("2026-11-25T12:00:00Z"),
    withdrawal: null,
    ...changes,
  };
}

export function withMetainfo(release: Release): NewRelease {
  return { release, metainfo: Buffer.from(`metainfo of ${release.product}/${release.version}`) };
}

/** The metadata of one signing: a new version of targets and snapshot, and the timestamp that leads to them. */
export function signing(version: number, by = "us"): SignedFiles {
  const file = (role: string): Buffer => Buffer.from(JSON.stringify({ signed: { _type: role, version }, by }));
  return new Map([
    [`${version}.targets.json`, file("targets")],
    [`${version}.snapshot.json`, file("snapshot")],
    ["timestamp.json", file("timestamp")],
  ]);
}

export function rootFile(version: number): SignedFiles {
  return new Map([[`${version}.root.json`, Buffer.from(JSON.stringify({ signed: { _type: "root", version } }))]]);
}

export const sampleWithdrawal: Withdrawal = {
  kind: "legal",
  at: Date.parse("2026-11-25T13:00:00Z"),
  reason: "The rights holder asked for it.",
  demandedBy: "Contoso Ltd",
  vendorUrl: "https://vendor.example/update",
  replacedBy: "2.0",
  caseId: "case-1",
};
