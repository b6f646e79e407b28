// What the origin signs by itself: a new snapshot and timestamp after every change, and all three online roles before
// their time is over. It happens when half of a role's life is over, so that an origin may be off for hours.

import { SNAPSHOT_LIFE_MS, TIMESTAMP_LIFE_MS, WITHDRAWALS_LIFE_MS } from "../core/index.ts";
import {
  checkSigned,
  createDocument,
  encodeDocument,
  listed,
  signDocument,
  type Documents,
  type Json,
  type MetadataFiles,
} from "./metadata-documents.ts";
import type { RepositoryState } from "./repository-state.ts";
import type { Signer } from "./signing-key.ts";
import { WITHDRAWALS_ROLE } from "./target-paths.ts";

export interface OnlineSigning {
  readonly onlineSigner: Signer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a change starts from: the state, or the parts of it that a key ceremony has already replaced. */
type Before = Pick<RepositoryState, "root" | "snapshot" | "timestamp">;

/** The files of changed roles, and the snapshot and timestamp that list them. @throws KeyError key.threshold */
export function publishRoles(
  before: Before,
  changed: ReadonlyMap<string, Documents["targets"]>,
  signing: OnlineSigning,
): MetadataFiles {
  const { root, snapshot, timestamp } = before;
  const files = new Map<string, Buffer>();
  const meta: Json = Object.fromEntries(
    Object.entries(snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]),
  );
  for (const [role, document] of changed) {
    const bytes = encodeDocument(document);
    const { version } = document.signed;
    files.set(`${version}.${role}.json`, bytes);
    meta[`${role}.json`] = { version, ...listed(bytes) };
  }
  const [snapshotVersion, timestampVersion] = [snapshot.signed.version + 1, timestamp.signed.version + 1];
  const snapshotBytes = signSnapshot(root, snapshotVersion, meta, signing);
  files.set(`${snapshotVersion}.snapshot.json`, snapshotBytes);
  const snapshotMeta = { version: snapshotVersion, ...listed(snapshotBytes) };
  files.set("timestamp.json", signTimestamp(root, timestampVersion, snapshotMeta, signing));
  return files;
}

export function signSnapshot(root: Documents["root"], version: number, meta: Json, signing: OnlineSigning): Buffer {
  const snapshot = createDocument("snapshot", { version, now: signing.now, life: SNAPSHOT_LIFE_MS }, { meta });
  signDocument(snapshot, [signing.onlineSigner]);
  checkSigned(root, "snapshot", snapshot);
  return encodeDocument(snapshot);
}

export function signTimestamp(
  root: Documents["root"],
  version: number,
  snapshot: Json,
  signing: OnlineSigning,
): Buffer {
  const head = { version, now: signing.now, life: TIMESTAMP_LIFE_MS };
  const timestamp = createDocument("timestamp", head, { meta: { "snapshot.json": snapshot } });
  signDocument(timestamp, [signing.onlineSigner]);
  checkSigned(root, "timestamp", timestamp);
  return encodeDocument(timestamp);
}

/** The withdrawals anew, as they are or with other targets. The caller checks the signature where keys change too. */
export function signWithdrawals(
  before: Documents["targets"],
  targets: Json,
  signing: OnlineSigning,
): Documents["targets"] {
  const head = { version: before.signed.version + 1, now: signing.now, life: WITHDRAWALS_LIFE_MS };
  const document = createDocument("targets", head, { targets });
  signDocument(document, [signing.onlineSigner]);
  return document;
}

export function needsRefresh(state: RepositoryState, now: number): boolean {
  const { snapshot, timestamp, withdrawals } = state;
  return (
    isHalfOver(timestamp, TIMESTAMP_LIFE_MS, now) ||
    isHalfOver(snapshot, SNAPSHOT_LIFE_MS, now) ||
    isHalfOver(withdrawals, WITHDRAWALS_LIFE_MS, now)
  );
}

/** Signs the timestamp anew, and the snapshot and the withdrawals where half of their life is over. */
export function refresh(state: RepositoryState, signing: OnlineSigning): MetadataFiles {
  const { root, snapshot, timestamp, targets, withdrawals } = state;
  if (isHalfOver(withdrawals, WITHDRAWALS_LIFE_MS, signing.now)) {
    const document = signWithdrawals(withdrawals, targetsJson(withdrawals), signing);
    checkSigned(targets, WITHDRAWALS_ROLE, document);
    return publishRoles(state, new Map([[WITHDRAWALS_ROLE, document]]), signing);
  }
  if (isHalfOver(snapshot, SNAPSHOT_LIFE_MS, signing.now)) return publishRoles(state, new Map(), signing);
  const version = timestamp.signed.version + 1;
  const bytes = signTimestamp(root, version, timestamp.signed.snapshotMeta.toJSON(), signing);
  return new Map([["timestamp.json", bytes]]);
}

/** The targets of a role as they stand in its file. */
export function targetsJson(document: Documents["targets"]): Json {
  return Object.fromEntries(Object.entries(document.signed.targets).map(([path, target]) => [path, target.toJSON()]));
}

function isHalfOver(document: Documents[keyof Documents], life: number, now: number): boolean {
  return Date.parse(document.signed.expires) - now < life / 2;
}
