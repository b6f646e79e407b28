// Withdrawing and restoring a release: the origin's online key signs it within moments, while the key that publishes is
// offline. Whoever steals the online key can say no (and take a no back), but never a new yes.

import { checkSigned, type Json, type MetadataFiles } from "./metadata-documents.ts";
import { publishRoles, signWithdrawals, targetsJson, type OnlineSigning } from "./online-signing.ts";
import { ReleaseError } from "./release-error.ts";
import { targetOf, type RepositoryState } from "./repository-state.ts";
import { withdrawalTarget } from "./target-json.ts";
import { releasePath, WITHDRAWALS_ROLE, withdrawalPath } from "./target-paths.ts";
import { parseWithdrawalRecord, type WithdrawalRecord } from "./withdrawal-record.ts";

/** @throws ReleaseError release.not-found, release.already-withdrawn, release.withdrawal-record; KeyError key.threshold */
export function withdraw(
  state: RepositoryState,
  { record: given, ...signing }: OnlineSigning & { readonly record: WithdrawalRecord },
): MetadataFiles {
  const record = parseWithdrawalRecord(given);
  const { product, version, replacedBy } = record;
  for (const named of [version, ...(replacedBy === null ? [] : [replacedBy])]) {
    if (targetOf(state, product, releasePath(product, named)) !== null) continue;
    throw new ReleaseError("release.not-found", `${product} ${named} is not published.`);
  }
  if (withdrawalOf(state, product, version) !== null) {
    throw new ReleaseError("release.already-withdrawn", `${product} ${version} is withdrawn already.`);
  }
  return publishWithdrawals(state, withdrawnTargets(state, [record]), signing);
}

/** The targets of the withdrawals role with more of them. @throws ReleaseError release.withdrawal-record */
export function withdrawnTargets(state: RepositoryState, records: readonly WithdrawalRecord[]): Json {
  const added = records.map((record) => withdrawalTarget(parseWithdrawalRecord(record)));
  return { ...targetsJson(state.withdrawals), ...Object.fromEntries(added) };
}

/** The targets of the withdrawals role without one of them. */
export function restoredTargets(state: RepositoryState, product: string, version: string): Json {
  const { [withdrawalPath(product, version)]: _gone, ...rest } = targetsJson(state.withdrawals);
  return rest;
}

/** @throws ReleaseError release.not-withdrawn, release.unsigned; KeyError key.threshold */
export function restore(
  state: RepositoryState,
  { product, version, ...signing }: OnlineSigning & { readonly product: string; readonly version: string },
): MetadataFiles {
  if (withdrawalOf(state, product, version) === null) {
    throw new ReleaseError("release.not-withdrawn", `${product} ${version} is not withdrawn.`);
  }
  if (targetOf(state, product, releasePath(product, version)) === null) {
    const message = `Nobody signs ${product} ${version} any more: its publisher's keys were taken back. It comes back when the keys that sign ${product} now sign it anew.`;
    throw new ReleaseError("release.unsigned", message);
  }
  return publishWithdrawals(state, restoredTargets(state, product, version), signing);
}

export function withdrawalOf(state: RepositoryState, product: string, version: string): WithdrawalRecord | null {
  const { targets } = state.withdrawals.signed;
  const path = withdrawalPath(product, version);
  return Object.hasOwn(targets, path) ? parseWithdrawalRecord(targets[path]?.custom) : null;
}

function publishWithdrawals(state: RepositoryState, targets: Json, signing: OnlineSigning): MetadataFiles {
  const document = signWithdrawals(state.withdrawals, targets, signing);
  checkSigned(state.targets, WITHDRAWALS_ROLE, document);
  return publishRoles(state, new Map([[WITHDRAWALS_ROLE, document]]), signing);
}
