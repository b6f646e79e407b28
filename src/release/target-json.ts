// Targets as they stand in a role's file: length, hash, and the record as custom data, with the path under which they stand.

import { pointerTo } from "./channel-pointer.ts";
import { listed, type Json } from "./metadata-documents.ts";
import type { ReleaseRecord } from "./release-record.ts";
import { channelPath, releasePath, withdrawalPath } from "./target-paths.ts";
import type { WithdrawalRecord } from "./withdrawal-record.ts";

export type TargetEntry = readonly [path: string, target: Json];

export function releaseTarget(record: ReleaseRecord, metainfo: Buffer): TargetEntry {
  return [releasePath(record.product, record.version), { ...listed(metainfo), custom: plain(record) }];
}

export function pointerTarget(product: string, channel: string, version: string): TargetEntry {
  return [channelPath(product, channel), recordTarget(pointerTo(product, channel, version))];
}

export function withdrawalTarget(record: WithdrawalRecord): TargetEntry {
  return [withdrawalPath(record.product, record.version), recordTarget(record)];
}

/** The bytes of a target that is nothing but its custom data. */
export function encodeRecord(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}

function recordTarget(record: object): Json {
  return { ...listed(encodeRecord(record)), custom: plain(record) };
}

/** A record as JSON that TUF's models take. */
function plain(record: object): Json {
  return JSON.parse(JSON.stringify(record)) as Json;
}
