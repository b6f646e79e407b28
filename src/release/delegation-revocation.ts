// Taking a delegation back (TUF 6.1): top-level targets no longer name the product's role, and whatever its keys sign from
// then on counts for nothing. What they signed before is vouched for by nobody either, unless top-level targets sign it
// in the same change: that is said release by release, and the others are withdrawn, so that a machine is told why.
// Invariants: no release that was not asked for is signed by the targets key, and one that is withdrawn only by its name; a
// dropped one cannot come back by the online key alone, since no target of it is left; the snapshot goes on listing the
// role's last document, since clients refuse a snapshot from which a file is missing (TUF 5.5.5), and a later delegation
// goes on from its version.

import { TARGETS_LIFE_MS } from "../core/index.ts";
import { parseChannelPointer, type ChannelPointer } from "./channel-pointer.ts";
import {
  checkSigned,
  createDocument,
  delegationsBody,
  roleKeysOf,
  signDocument,
  type Documents,
  type Json,
  type MetadataFiles,
} from "./metadata-documents.ts";
import { parseProductName } from "./names.ts";
import { publishRoles, signWithdrawals, targetsJson, type OnlineSigning } from "./online-signing.ts";
import { ReleaseError } from "./release-error.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { documentOf, productKeysOf, type RepositoryState } from "./repository-state.ts";
import { checkRoleSize } from "./role-size.ts";
import type { Signer } from "./signing-key.ts";
import { pointerTarget } from "./target-json.ts";
import { releasePath, targetNameOf, WITHDRAWALS_ROLE } from "./target-paths.ts";
import type { WithdrawalKind, WithdrawalRecord } from "./withdrawal-record.ts";
import { withdrawalOf, withdrawnTargets } from "./withdrawals.ts";

/** Of the releases that the product's role signed, those that top-level targets sign from now on. */
export type KeptReleases = {
  /** By name, and so those that are withdrawn too. */
  readonly versions: readonly string[];
} & (
  | {
      /** This one and all before it, by sequence number, but for those that are withdrawn. */
      readonly until: string | null;
    }
  | {
      /** But for those that are withdrawn. */
      readonly all: true;
    }
);

export interface DelegationRevocation extends OnlineSigning {
  readonly product: string;
  readonly keep: KeptReleases;
  /** Why the others are withdrawn; what is withdrawn already keeps its reason. */
  readonly why: { readonly kind: WithdrawalKind; readonly reason: string };
  /** Of the top-level targets. */
  readonly signers: readonly Signer[];
}

export interface RevokedDelegation {
  readonly files: MetadataFiles;
  /** Versions, in the order of their numbers. */
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  /** Of the dropped ones that were not withdrawn before. */
  readonly withdrawals: readonly WithdrawalRecord[];
  /** Where the product's channels stand now. */
  readonly channels: readonly ChannelPointer[];
}

/** @throws KeyError key.threshold; ReleaseError release.name, release.not-found, release.too-many, release.withdrawal-record */
export function revokeDelegation(state: RepositoryState, revocation: DelegationRevocation): RevokedDelegation {
  const { keep, why, signers, now } = revocation;
  const product = parseProductName(revocation.product);
  const own = documentOf(state, product);
  const releases = releasesOf(own, product);
  const kept = keptOf(state, releases, { product, keep });
  const dropped = releases.filter((record) => !kept.includes(record));
  const withdrawals = dropped
    .filter(({ version }) => withdrawalOf(state, product, version) === null)
    .map((record) => withdrawalOfDropped(record, why, now));
  const isCompromised = ({ version }: ReleaseRecord): boolean =>
    withdrawalOf(state, product, version)?.kind === "key-compromise";
  const isBelieved = "all" in keep ? !dropped.some(isCompromised) : dropped.length === 0;
  const channels = channelsAfter(state, own, { product, kept, isBelieved });

  const ownTargets = targetsJson(own);
  const moved = kept.map(({ version }) => releasePath(product, version)).map((path) => [path, ownTargets[path]]);
  const pointers = channels.map(({ channel, version }) => pointerTarget(product, channel, version));
  const targets = { ...targetsJson(state.targets), ...Object.fromEntries([...moved, ...pointers]) } as Json;
  const document = withoutDelegation(state, product, { targets, signers, now });
  const changed = new Map([["targets", document]]);
  if (withdrawals.length > 0) {
    const signed = signWithdrawals(state.withdrawals, withdrawnTargets(state, withdrawals), revocation);
    checkSigned(document, WITHDRAWALS_ROLE, signed);
    changed.set(WITHDRAWALS_ROLE, signed);
  }
  return {
    files: publishRoles(state, changed, revocation),
    kept: versionsOf(kept),
    dropped: versionsOf(dropped),
    withdrawals,
    channels,
  };
}

function versionsOf(records: readonly ReleaseRecord[]): readonly string[] {
  return records.map(({ version }) => version);
}

interface NewTargets {
  readonly targets: Json;
  readonly signers: readonly Signer[];
  readonly now: number;
}

function withoutDelegation(
  state: RepositoryState,
  product: string,
  { targets, signers, now }: NewTargets,
): Documents["targets"] {
  const products = productKeysOf(state.targets);
  products.delete(product);
  const withdrawalKeys = roleKeysOf(state.targets, WITHDRAWALS_ROLE) ?? { keys: [], threshold: 1 };
  const head = { version: state.targets.signed.version + 1, now, life: TARGETS_LIFE_MS };
  const document = createDocument("targets", head, {
    targets,
    delegations: delegationsBody(withdrawalKeys, products),
  });
  signDocument(document, signers);
  checkSigned(state.root, "targets", document);
  checkRoleSize("targets", document, "Keep fewer releases, or give the product to another publisher.");
  return document;
}

/** By their sequence numbers. */
function releasesOf(document: Documents["targets"] | undefined, product: string): readonly ReleaseRecord[] {
  const records = Object.entries(document?.signed.targets ?? {}).flatMap(([path, target]) => {
    const name = targetNameOf(path);
    return name?.kind === "release" && name.product === product ? [parseReleaseRecord(target.custom)] : [];
  });
  return records.sort((a, b) => a.sequence - b.sequence);
}

/**
 * What is withdrawn is kept by its name alone: its withdrawal is the online key's to end, so a signature that nobody meant
 * would let a stolen online key publish it.
 */
function keptOf(
  state: RepositoryState,
  releases: readonly ReleaseRecord[],
  { product, keep }: Pick<DelegationRevocation, "product" | "keep">,
): readonly ReleaseRecord[] {
  const { versions } = keep;
  const until = "until" in keep ? keep.until : null;
  for (const named of [...versions, ...(until === null ? [] : [until])]) {
    if (releases.some(({ version }) => version === named)) continue;
    const signed = releases.map(({ version }) => version).join(", ");
    const message = `The role ${product} has not signed ${product} ${named}; it signed ${signed === "" ? "nothing" : signed}.`;
    throw new ReleaseError("release.not-found", message);
  }
  const last = "all" in keep ? Infinity : (releases.find(({ version }) => version === until)?.sequence ?? 0);
  return releases.filter(({ version, sequence }) => {
    return versions.includes(version) || (sequence <= last && withdrawalOf(state, product, version) === null);
  });
}

function withdrawalOfDropped(
  { product, version, vendor }: ReleaseRecord,
  { kind, reason }: DelegationRevocation["why"],
  now: number,
): WithdrawalRecord {
  const at = new Date(now).toISOString();
  const vendorUrl = vendor?.url ?? null;
  return { schema: 1, product, version, kind, at, reason, demandedBy: null, vendorUrl, replacedBy: null };
}

interface Remaining {
  readonly product: string;
  readonly kept: readonly ReleaseRecord[];
  /** Whether the role's last word on its channels counts. */
  readonly isBelieved: boolean;
}

/**
 * Where all is kept, but for recalls and the like, channels stay. Otherwise the role's word for where they stand is worth
 * no more than its releases: whoever has its keys could point back at an old version with a hole in it. Each then stands at
 * the newest release that is left; one that has none stays at a withdrawn version, so that who asks for it is told why.
 */
function channelsAfter(
  state: RepositoryState,
  own: Documents["targets"],
  { product, kept, isBelieved }: Remaining,
): readonly ChannelPointer[] {
  const left = [...releasesOf(state.targets, product), ...kept]
    .filter(({ version }) => withdrawalOf(state, product, version) === null)
    .sort((a, b) => b.sequence - a.sequence);
  return Object.entries(own.signed.targets)
    .filter(([path]) => targetNameOf(path)?.kind === "channel")
    .map(([, target]) => parseChannelPointer(target.custom))
    .map((pointer) => {
      const newest = isBelieved ? undefined : left.find(({ channel }) => channel === pointer.channel);
      return newest === undefined ? pointer : { ...pointer, version: newest.version };
    });
}
