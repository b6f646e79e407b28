// That a record and a metainfo speak of one release. The metainfo's hash is signed, and the record is; but a record with
// other info-hashes than its metainfo would send people who compare them after a different torrent.

import { createHash } from "node:crypto";
import { deriveTwin, parseMetainfo, type Metainfo } from "../metainfo/index.ts";
import { ReleaseError } from "./release-error.ts";
import type { ReleaseRecord } from "./release-record.ts";

/** @returns the metainfo. @throws ReleaseError release.record; MetainfoError */
export function checkMetainfo(record: ReleaseRecord, bytes: Buffer): Metainfo {
  const metainfo = parseMetainfo(bytes);
  const { infoHashV1, infoHashV2, name, layout } = metainfo;
  if (metainfo.version !== "hybrid" || infoHashV1 === null || infoHashV2 === null) {
    throw new ReleaseError(
      "release.record",
      `The .torrent of ${record.product} is not hybrid, as a release's must be.`,
    );
  }
  const twin = createHash("sha1").update(deriveTwin(metainfo)).digest("hex");
  const fileCount = layout.files.filter(({ kind }) => kind !== "pad").length;
  const pairs: readonly (readonly [keyof ReleaseRecord, string | number])[] = [
    ["infoHashV1", infoHashV1],
    ["infoHashV2", infoHashV2],
    ["infoHashTwin", twin],
    ["name", name],
    ["lengthBytes", layout.lengthBytes],
    ["fileCount", fileCount],
  ];
  for (const [field, value] of pairs) {
    if (record[field] === value) continue;
    const message = `The record of ${record.product} ${record.version} and its .torrent differ in ${field}.`;
    throw new ReleaseError("release.record", message);
  }
  return metainfo;
}
