// Publishing a release: the next version of its role's targets, made (also by a publisher elsewhere), signed, and taken
// in by the origin. The origin signs none of it: it can list what a publisher signed, and nothing else.

import { TARGETS_LIFE_MS } from "../core/index.ts";
import {
  createDocument,
  encodeDocument,
  isSigned,
  listed,
  parseDocument,
  roleKeysOf,
  signDocument,
  type Json,
  type MetadataFiles,
} from "./metadata-documents.ts";
import { publishRoles, targetsJson, type OnlineSigning } from "./online-signing.ts";
import { checkPublication } from "./publication-rules.ts";
import { ReleaseError } from "./release-error.ts";
import { checkMetainfo } from "./release-metainfo.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { documentOf, roleOf, targetOf, type RepositoryState } from "./repository-state.ts";
import { checkRoleLength } from "./role-size.ts";
import type { Signer } from "./signing-key.ts";
import { pointerTarget, releaseTarget } from "./target-json.ts";
import { releasePath, WITHDRAWALS_ROLE } from "./target-paths.ts";

/** A role's targets that wait for signatures, or have them. */
export interface TargetsProposal {
  /** "targets", or the product whose own role signs it. */
  readonly role: string;
  readonly bytes: Buffer;
}

export interface NewRelease {
  readonly record: ReleaseRecord;
  /** The hybrid .torrent. */
  readonly metainfo: Buffer;
  readonly now: number;
}

/**
 * What is to be signed for a release, unsigned; null where the same bytes are published already.
 * @throws ReleaseError release.exists where the version has other bytes; release.record, release.rejected
 */
export function prepareRelease(state: RepositoryState, release: NewRelease): TargetsProposal | null {
  const record = parseReleaseRecord(release.record);
  const { product, version, channel } = record;
  checkMetainfo(record, release.metainfo);
  const present = targetOf(state, product, releasePath(product, version));
  if (present !== null) {
    if (present.hashes["sha256"] === listed(release.metainfo).hashes.sha256) return null;
    const message = `${product} ${version} is published with other bytes, and a version is never replaced.`;
    throw new ReleaseError("release.exists", message);
  }
  const role = roleOf(state, product);
  const added = Object.fromEntries([releaseTarget(record, release.metainfo), pointerTarget(product, channel, version)]);
  const proposal = proposed(state, role, { ...targetsJson(documentOf(state, role)), ...added }, release.now);
  // What the origin would refuse is refused before anybody signs it.
  checkPublication(state, role, parseDocument("targets", proposal.bytes, role), release.now);
  return proposal;
}

/** What is to be signed so that a channel stands at a version that is published. @throws ReleaseError */
export function prepareChannel(
  state: RepositoryState,
  move: { readonly product: string; readonly channel: string; readonly version: string; readonly now: number },
): TargetsProposal {
  const { product, channel, version, now } = move;
  if (targetOf(state, product, releasePath(product, version)) === null) {
    throw new ReleaseError("release.not-found", `${product} ${version} is not published.`);
  }
  const role = roleOf(state, product);
  const moved = Object.fromEntries([pointerTarget(product, channel, version)]);
  return proposed(state, role, { ...targetsJson(documentOf(state, role)), ...moved }, now);
}

/** A role's targets as they are, to be signed for another term. */
export function prepareRenewal(state: RepositoryState, role: string, now: number): TargetsProposal {
  return proposed(state, role, targetsJson(documentOf(state, role)), now);
}

/** Adds signatures to a proposal. */
export function signTargets(proposal: TargetsProposal, signers: readonly Signer[]): TargetsProposal {
  const document = parseDocument("targets", proposal.bytes, `The proposal for ${proposal.role}`);
  signDocument(document, signers);
  return { role: proposal.role, bytes: encodeDocument(document) };
}

/**
 * Takes in what a publisher signed: the files to store.
 * @throws ReleaseError release.signature, release.conflict, release.rejected, release.record, release.pointer
 */
export function acceptTargets(
  state: RepositoryState,
  { role, bytes, ...signing }: TargetsProposal & OnlineSigning,
): MetadataFiles {
  if (role === WITHDRAWALS_ROLE || !isPublisherRole(state, role)) {
    throw new ReleaseError("release.rejected", `No publisher signs the role ${role.slice(0, 80)}.`);
  }
  checkRoleLength(role, bytes.length);
  const document = parseDocument("targets", bytes, `What was sent for ${role}`);
  if (!isSigned(role === "targets" ? state.root : state.targets, role, document)) {
    const { threshold = 1 } = roleKeysOf(role === "targets" ? state.root : state.targets, role) ?? {};
    const message = `What was sent is not signed by ${threshold} key${threshold === 1 ? "" : "s"} of the role ${role}.`;
    throw new ReleaseError("release.signature", message);
  }
  checkPublication(state, role, document, signing.now);
  return publishRoles(state, new Map([[role, document]]), signing);
}

function isPublisherRole(state: RepositoryState, role: string): boolean {
  return role === "targets" || state.products.has(role);
}

function proposed(state: RepositoryState, role: string, targets: Json, now: number): TargetsProposal {
  const { version, delegations } = documentOf(state, role).signed;
  const head = { version: version + 1, now, life: TARGETS_LIFE_MS };
  const body = { targets, ...(delegations === undefined ? {} : { delegations: delegations.toJSON() }) };
  return { role, bytes: encodeDocument(createDocument("targets", head, body)) };
}
