// What a publisher's signature may change. A signature says who; these rules say what: they hold also for a publisher
// whose machine was broken into, and for the targets key itself, as long as the origin takes nothing in past them.
// Invariant: releases are only added, with growing sequence numbers; channels may be pointed anew; delegations, foreign
// paths and everything else stay as they are.

import { isDeepStrictEqual } from "node:util";
import { PUBLISHER_CLOCK_AHEAD_MS, TARGETS_LIFE_MS } from "../core/index.ts";
import { parseChannelPointer } from "./channel-pointer.ts";
import type { Documents } from "./metadata-documents.ts";
import { targetsJson } from "./online-signing.ts";
import { ReleaseError } from "./release-error.ts";
import { parseReleaseRecord } from "./release-record.ts";
import { documentOf, targetOf, type RepositoryState } from "./repository-state.ts";
import { checkRoleSize } from "./role-size.ts";
import { releasePath, targetNameOf, type TargetName } from "./target-paths.ts";
import { withdrawalOf } from "./withdrawals.ts";

type Targets = Documents["targets"];
type Target = Targets["signed"]["targets"][string];

/** @throws ReleaseError release.conflict, release.rejected, release.too-many, release.record, release.pointer */
export function checkPublication(state: RepositoryState, role: string, next: Targets, now: number): void {
  const before = documentOf(state, role);
  if (next.signed.version !== before.signed.version + 1) {
    const expected = before.signed.version + 1;
    const message = `Version ${expected} of ${role} is next, not ${next.signed.version}: prepare the release anew.`;
    throw new ReleaseError("release.conflict", message, { retryable: true });
  }
  const life = Date.parse(next.signed.expires) - now;
  if (life <= 0 || life > TARGETS_LIFE_MS + PUBLISHER_CLOCK_AHEAD_MS) {
    throw rejected(role, `it expires at ${next.signed.expires}: is the publisher's clock wrong?`);
  }
  const [delegated, delegatedBefore] = [next, before].map(({ signed }) => signed.delegations?.toJSON());
  if (!isDeepStrictEqual(delegated, delegatedBefore)) throw rejected(role, "it changes delegations");
  checkRoleSize(role, next);
  checkTargets(state, role, before, next);
}

function checkTargets(state: RepositoryState, role: string, before: Targets, next: Targets): void {
  const [was, is] = [targetsJson(before), targetsJson(next)];
  for (const path of Object.keys(was)) {
    if (!Object.hasOwn(is, path)) throw rejected(role, `it removes ${path}`);
  }
  const sequences = new Map<string, number>();
  for (const [path, target] of Object.entries(next.signed.targets)) {
    if (isDeepStrictEqual(is[path], was[path])) continue;
    const name = ownTarget(state, role, path);
    if (!isWholeTarget(target)) throw rejected(role, `${path} has no length and SHA-256, or fields beyond them`);
    if (name.kind === "channel") checkPointer(state, role, next, target, name);
    else if (Object.hasOwn(was, path)) throw rejected(role, `it changes ${path}, and a version is never replaced`);
    else checkNewRelease(state, role, { target, name, sequences });
  }
}

/** The name of a path that this role signs, and no other does. */
function ownTarget(state: RepositoryState, role: string, path: string): Exclude<TargetName, { kind: "withdrawal" }> {
  const name = targetNameOf(path);
  if (name === null || name.kind === "withdrawal")
    throw rejected(role, `${path.slice(0, 200)} is no target of its own`);
  const signer = state.products.has(name.product) ? name.product : "targets";
  if (signer !== role) throw rejected(role, `${path} is signed by ${signer}`);
  return name;
}

function isWholeTarget(target: Target): boolean {
  const fields = Object.keys(target.unrecognizedFields);
  const hashes = Object.keys(target.hashes);
  return (
    isDeepStrictEqual(fields, ["custom"]) &&
    isDeepStrictEqual(hashes, ["sha256"]) &&
    /^[0-9a-f]{64}$/.test(target.hashes["sha256"] ?? "") &&
    Number.isSafeInteger(target.length) &&
    target.length > 0
  );
}

function checkPointer(
  state: RepositoryState,
  role: string,
  next: Targets,
  target: Target,
  name: Extract<TargetName, { kind: "channel" }>,
): void {
  const pointer = parseChannelPointer(target.custom);
  if (pointer.product !== name.product || pointer.channel !== name.channel) {
    throw rejected(role, `the pointer of ${target.path} speaks of another channel`);
  }
  const isThere =
    Object.hasOwn(next.signed.targets, pointer.target) || targetOf(state, name.product, pointer.target) !== null;
  if (!isThere) throw rejected(role, `${target.path} points to ${pointer.version}, which is not published`);
}

interface AddedRelease {
  readonly target: Target;
  readonly name: Extract<TargetName, { kind: "release" }>;
  /** By product, the highest sequence number of this change so far. */
  readonly sequences: Map<string, number>;
}

function checkNewRelease(state: RepositoryState, role: string, { target, name, sequences }: AddedRelease): void {
  const { product, version } = name;
  const record = parseReleaseRecord(target.custom);
  if (record.product !== product || record.version !== version) {
    throw rejected(role, `the record of ${target.path} speaks of another release`);
  }
  // Published before the product had a role of its own: top-level targets would be asked first anyway.
  if (targetOf(state, product, releasePath(product, version)) !== null) {
    throw rejected(role, `${product} ${version} is published, and a version is never replaced`);
  }
  // Its publisher's keys were taken back: whoever signs the product now must not give other bytes that name.
  if (withdrawalOf(state, product, version) !== null) {
    throw rejected(role, `${product} ${version} was published and withdrawn, and a version is never replaced`);
  }
  const last = sequences.get(product) ?? lastSequence(state, product);
  if (record.sequence <= last) {
    throw rejected(role, `the sequence number of ${product} ${version} is ${record.sequence}, and ${last} is taken`);
  }
  sequences.set(product, record.sequence);
}

/** The highest sequence number of a product's releases; 0 where it has none. */
export function lastSequence(state: RepositoryState, product: string): number {
  let last = 0;
  for (const document of [state.targets, state.products.get(product)]) {
    for (const [path, target] of Object.entries(document?.signed.targets ?? {})) {
      if (!path.startsWith(`${product}/`) || targetNameOf(path)?.kind !== "release") continue;
      last = Math.max(last, parseReleaseRecord(target.custom).sequence);
    }
  }
  return last;
}

function rejected(role: string, why: string): ReleaseError {
  return new ReleaseError("release.rejected", `The new targets of ${role} are refused: ${why}.`);
}
