// A release repository as an immutable value over its metadata files. Every change returns the files to store, and
// changes nothing itself: the caller stores them in one transaction and goes on with `next()`.
// TUF's terms throughout; the security arguments stand in the files that do the work (publication-rules, key-ceremony).

import { withdrawalOf, withdraw, restore } from "./withdrawals.ts";
import { parseChannelPointer, pointerTo, type ChannelPointer } from "./channel-pointer.ts";
import { delegateProduct, prepareDelegation, type Delegation } from "./delegation.ts";
import { revokeDelegation, type DelegationRevocation, type RevokedDelegation } from "./delegation-revocation.ts";
import { rotateKeys, type KeyChange } from "./key-ceremony.ts";
import { roleKeysOf, type MetadataFiles, type RoleKeys } from "./metadata-documents.ts";
import { needsRefresh, refresh, type OnlineSigning } from "./online-signing.ts";
import { lastSequence } from "./publication-rules.ts";
import {
  acceptTargets,
  prepareChannel,
  prepareRelease,
  prepareRenewal,
  signTargets,
  type NewRelease,
  type TargetsProposal,
} from "./publication.ts";
import { readmit, type Readmission } from "./readmission.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { readRepository, roleOf, type RepositoryState } from "./repository-state.ts";
import type { Signer } from "./signing-key.ts";
import { encodeRecord } from "./target-json.ts";
import { targetNameOf, WITHDRAWALS_ROLE, type TargetName } from "./target-paths.ts";
import { parseWithdrawalRecord, type WithdrawalRecord } from "./withdrawal-record.ts";

export interface Expiry {
  readonly role: string;
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly keys: RoleKeys;
}

/** A target as TUF clients download it. */
export interface TargetFileInfo {
  readonly path: string;
  readonly name: TargetName;
  /** Below the target URL, with the hash before the file's name (TUF 6.2): `PRODUCT/VERSION/HASH.PRODUCT-VERSION.torrent`. */
  readonly servedAs: string;
  readonly lengthBytes: number;
  readonly sha256: string;
  /** The bytes where they follow from the metadata; null for a .torrent, which the origin's catalogue has. */
  readonly bytes: Buffer | null;
}

interface Signers {
  /** Of the role that signs: top-level targets, or the product's own. */
  readonly signers: readonly Signer[];
}

export class Repository {
  /** All that it was parsed from, and what changes have added. */
  readonly files: MetadataFiles;
  readonly #state: RepositoryState;
  #targetFiles: ReadonlyMap<string, TargetFileInfo> | null = null;

  private constructor(files: MetadataFiles) {
    this.files = files;
    this.#state = readRepository(files);
  }

  /** From the files that are stored; older versions among them do not matter. @throws ReleaseError release.metadata */
  static parse(files: MetadataFiles): Repository {
    return new Repository(files);
  }

  /** The repository after a change that was stored. */
  next(changed: MetadataFiles): Repository {
    return changed.size === 0 ? this : new Repository(new Map([...this.files, ...changed]));
  }

  /** Of 1.root.json, by which people know the repository; it stays as it is through every rotation. */
  get fingerprint(): string {
    return this.#state.fingerprints.first;
  }

  get currentFingerprint(): string {
    return this.#state.fingerprints.current;
  }

  releases(): readonly ReleaseRecord[] {
    return this.#targets().flatMap(([path, target]) =>
      targetNameOf(path)?.kind === "release" ? [parseReleaseRecord(target.custom)] : [],
    );
  }

  channels(): readonly ChannelPointer[] {
    return this.#targets().flatMap(([path, target]) =>
      targetNameOf(path)?.kind === "channel" ? [parseChannelPointer(target.custom)] : [],
    );
  }

  withdrawals(): readonly WithdrawalRecord[] {
    return Object.values(this.#state.withdrawals.signed.targets).map((target) => parseWithdrawalRecord(target.custom));
  }

  withdrawal(product: string, version: string): WithdrawalRecord | null {
    return withdrawalOf(this.#state, product, version);
  }

  /** The role that signs a product's releases: its own, or "targets". */
  roleOf(product: string): string {
    return roleOf(this.#state, product);
  }

  /** For the next release of a product. */
  nextSequence(product: string): number {
    return lastSequence(this.#state, product) + 1;
  }

  /** Every role's version, keys and the end of its term. */
  expiries(): readonly Expiry[] {
    const { root, targets, snapshot, timestamp, withdrawals, products } = this.#state;
    const top = Object.entries({ root, targets, snapshot, timestamp }).map(([role, document]) => ({
      role,
      document,
      keys: roleKeysOf(root, role),
    }));
    const delegated = [[WITHDRAWALS_ROLE, withdrawals] as const, ...products].map(([role, document]) => ({
      role,
      document,
      keys: roleKeysOf(targets, role),
    }));
    return [...top, ...delegated].map(({ role, document, keys }) => ({
      role,
      version: document.signed.version,
      expiresAt: new Date(document.signed.expires).toISOString(),
      keys: keys ?? { keys: [], threshold: 1 },
    }));
  }

  /** What stands behind a target's path, or behind the path under which it is served; null where there is none. */
  targetFile(path: string): TargetFileInfo | null {
    const plain = path.replace(/[0-9a-f]{64}\.([^/]+)$/, "$1");
    const found = this.targetFiles().get(path) ?? this.targetFiles().get(plain) ?? null;
    return found !== null && (path === found.path || path === found.servedAs) ? found : null;
  }

  /** All targets, by path. */
  targetFiles(): ReadonlyMap<string, TargetFileInfo> {
    if (this.#targetFiles !== null) return this.#targetFiles;
    const withdrawn = Object.entries(this.#state.withdrawals.signed.targets);
    const files = [...this.#targets(), ...withdrawn].flatMap(([path, target]) => {
      const name = targetNameOf(path);
      const sha256 = target.hashes["sha256"] ?? "";
      if (name === null) return [];
      const servedAs = path.replace(/[^/]+$/, (base) => `${sha256}.${base}`);
      return [{ path, name, servedAs, lengthBytes: target.length, sha256, bytes: bytesOf(name, target.custom) }];
    });
    this.#targetFiles = new Map(files.map((file) => [file.path, file]));
    return this.#targetFiles;
  }

  /** Publishes; no files where the same bytes are published already. @throws ReleaseError, KeyError */
  addRelease(release: NewRelease & OnlineSigning & Signers): MetadataFiles {
    const proposal = prepareRelease(this.#state, release);
    return proposal === null ? new Map() : this.#signed(proposal, release);
  }

  /** What a publisher elsewhere signs with signTargets() and sends to acceptTargets(); null where nothing is to be done. */
  prepareRelease(release: NewRelease): TargetsProposal | null {
    return prepareRelease(this.#state, release);
  }

  /** Points a channel at a version that is published. */
  pointChannel(
    move: OnlineSigning & Signers & { readonly product: string; readonly channel: string; readonly version: string },
  ): MetadataFiles {
    return this.#signed(prepareChannel(this.#state, move), move);
  }

  acceptTargets(proposal: TargetsProposal & OnlineSigning): MetadataFiles {
    return acceptTargets(this.#state, proposal);
  }

  /** Another term for targets or a product's role, with the same keys. */
  renewTargets(renewal: OnlineSigning & Signers & { readonly role: string }): MetadataFiles {
    return this.#signed(prepareRenewal(this.#state, renewal.role, renewal.now), renewal);
  }

  withdraw(withdrawal: OnlineSigning & { readonly record: WithdrawalRecord }): MetadataFiles {
    return withdraw(this.#state, withdrawal);
  }

  restore(restoration: OnlineSigning & { readonly product: string; readonly version: string }): MetadataFiles {
    return restore(this.#state, restoration);
  }

  /** Whether the origin should sign its roles anew. */
  needsRefresh(now: number): boolean {
    return needsRefresh(this.#state, now);
  }

  refresh(signing: OnlineSigning): MetadataFiles {
    return refresh(this.#state, signing);
  }

  /** A root ceremony: other keys or thresholds for root, targets or the online roles, or another term for the root. */
  rotateKeys(change: KeyChange): MetadataFiles {
    return rotateKeys(this.#state, change);
  }

  prepareDelegation(product: string, now: number): TargetsProposal {
    return prepareDelegation(this.#state, product, now);
  }

  delegateProduct(delegation: Delegation): MetadataFiles {
    return delegateProduct(this.#state, delegation);
  }

  /** Takes a product's keys back; what of its releases is kept is signed by top-level targets in the same change. */
  revokeDelegation(revocation: DelegationRevocation): RevokedDelegation {
    return revokeDelegation(this.#state, revocation);
  }

  /** Of a release that nobody signs any more: signs it anew, and takes its withdrawal back. */
  readmit(readmission: Readmission): MetadataFiles {
    return readmit(this.#state, readmission);
  }

  #signed(proposal: TargetsProposal, signing: OnlineSigning & Signers): MetadataFiles {
    const { onlineSigner, now, signers } = signing;
    return acceptTargets(this.#state, { ...signTargets(proposal, signers), onlineSigner, now });
  }

  #targets(): [
    path: string,
    target: { length: number; hashes: Record<string, string>; custom: Record<string, unknown> },
  ][] {
    const { targets, products } = this.#state;
    return [targets, ...products.values()].flatMap((document) => Object.entries(document.signed.targets));
  }
}

function bytesOf(name: TargetName, custom: unknown): Buffer | null {
  if (name.kind === "release") return null;
  if (name.kind === "withdrawal") return encodeRecord(parseWithdrawalRecord(custom));
  const { product, channel, version } = parseChannelPointer(custom);
  return encodeRecord(pointerTo(product, channel, version));
}
