// Signing anew a release that nobody signs any more, since its publisher's keys were taken back: by the keys that sign the
// product now, together with the end of its withdrawal. It is the one way back, and needs an offline key.
// Deliberately not here: whether these are the bytes of then. The origin's catalogue has kept them, and whoever signs says so.

import { TARGETS_LIFE_MS } from "../core/index.ts";
import { parseChannelPointer } from "./channel-pointer.ts";
import { checkSigned, createDocument, signDocument, type Documents, type MetadataFiles } from "./metadata-documents.ts";
import { publishRoles, signWithdrawals, targetsJson, type OnlineSigning } from "./online-signing.ts";
import type { NewRelease } from "./publication.ts";
import { ReleaseError } from "./release-error.ts";
import { checkMetainfo } from "./release-metainfo.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { documentOf, roleOf, targetOf, type RepositoryState } from "./repository-state.ts";
import { checkRoleSize } from "./role-size.ts";
import type { Signer } from "./signing-key.ts";
import { pointerTarget, releaseTarget, type TargetEntry } from "./target-json.ts";
import { channelPath, releasePath, WITHDRAWALS_ROLE } from "./target-paths.ts";
import { restoredTargets, withdrawalOf } from "./withdrawals.ts";

export interface Readmission extends NewRelease, OnlineSigning {
  /** Of the role that signs the product now. */
  readonly signers: readonly Signer[];
}

/** @throws KeyError key.threshold; ReleaseError release.exists, release.not-withdrawn, release.record, release.too-many */
export function readmit(state: RepositoryState, readmission: Readmission): MetadataFiles {
  const { metainfo, signers, now } = readmission;
  const record = parseReleaseRecord(readmission.record);
  const { product, version } = record;
  checkMetainfo(record, metainfo);
  if (targetOf(state, product, releasePath(product, version)) !== null) {
    throw new ReleaseError("release.exists", `${product} ${version} is signed as it is.`);
  }
  if (withdrawalOf(state, product, version) === null) {
    throw new ReleaseError("release.not-withdrawn", `${product} ${version} is not withdrawn.`);
  }
  const role = roleOf(state, product);
  const before = documentOf(state, role);
  const added = [releaseTarget(record, metainfo), ...pointerOf(state, record)];
  const targets = { ...targetsJson(before), ...Object.fromEntries(added) };
  const { version: last, delegations } = before.signed;
  const document = createDocument(
    "targets",
    { version: last + 1, now, life: TARGETS_LIFE_MS },
    { targets, ...(delegations === undefined ? {} : { delegations: delegations.toJSON() }) },
  );
  signDocument(document, signers);
  checkSigned(role === "targets" ? state.root : state.targets, role, document);
  checkRoleSize(role, document);
  const withdrawals = signWithdrawals(state.withdrawals, restoredTargets(state, product, version), readmission);
  checkSigned(state.targets, WITHDRAWALS_ROLE, withdrawals);
  const changed = new Map<string, Documents["targets"]>([
    [role, document],
    [WITHDRAWALS_ROLE, withdrawals],
  ]);
  return publishRoles(state, changed, readmission);
}

/**
 * Its channel's pointer, where the channel stands at nothing that is signed. Elsewhere the channel stays: that it stands at
 * an older release may be somebody's decision.
 */
function pointerOf(state: RepositoryState, record: ReleaseRecord): readonly TargetEntry[] {
  const { product, version, channel } = record;
  const pointer = targetOf(state, product, channelPath(product, channel));
  const standsAt = pointer === null ? null : parseChannelPointer(pointer.custom).target;
  const isStanding = standsAt !== null && targetOf(state, product, standsAt) !== null;
  return isStanding ? [] : [pointerTarget(product, channel, version)];
}
