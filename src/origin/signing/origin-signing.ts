// The release repository (TUF) of this origin, over the catalogue: what the origin may sign by itself (withdrawals,
// snapshot, timestamp) and what it takes in from who holds the targets key. Nothing here stores anything but refresh():
// the catalogue stores a release's change and the metadata that says so in one transaction.
// Invariant: the repository in memory is the one that is stored, or is read again: it goes by the change number.

import assert from "node:assert";
import type { Clock } from "../../core/index.ts";
import {
  releasePath,
  Repository,
  type MetadataStore,
  type Signer,
  type TargetsProposal,
  type WithdrawalRecord,
} from "../../release/index.ts";
import type { Catalogue, SignedFiles } from "../catalogue/catalogue.ts";
import type { Release, Withdrawal } from "../domain.ts";
import type { SigningStatus } from "../origin-parts.ts";
import { signedAnew, type WithdrawalSigning } from "../release-lifecycle.ts";
import { releaseRecordOf } from "./release-record.ts";

export interface OriginSigningDeps {
  readonly catalogue: Catalogue;
  /** The key that the repository names; asked again when it names another one. */
  readonly openOnlineSigner: (repository: Repository) => Promise<Signer>;
  readonly clock: Clock;
}

export class OriginSigning implements WithdrawalSigning, MetadataStore {
  readonly #deps: OriginSigningDeps;
  #read: { readonly changeNumber: number; readonly repository: Repository } | null = null;
  #onlineSigner: Signer | null = null;

  constructor(deps: OriginSigningDeps) {
    this.#deps = deps;
  }

  /** As it is stored now. @throws ReleaseError release.metadata */
  async repository(): Promise<Repository> {
    const changeNumber = await this.#deps.catalogue.changeNumber();
    if (this.#read?.changeNumber !== changeNumber) {
      this.#read = { changeNumber, repository: Repository.parse(await this.current()) };
    }
    return this.#read.repository;
  }

  async withdraw(release: Release, withdrawal: Withdrawal): Promise<SignedFiles> {
    const record = withdrawalRecordOf(release, withdrawal);
    const repository = await this.repository();
    return repository.withdraw({ record, ...(await this.#online(repository)) });
  }

  /** With the keys that sign the product now also what nobody signs any more. @throws ReleaseError release.unsigned */
  async restore(release: Release, signers: readonly Signer[] | null = null): Promise<SignedFiles> {
    const { product, version } = release;
    const repository = await this.repository();
    const signing = await this.#online(repository);
    const isSigned = repository.targetFile(releasePath(product, version)) !== null;
    const metainfo = isSigned || signers === null ? null : await this.#deps.catalogue.metainfo(release);
    if (metainfo === null || signers === null) return repository.restore({ product, version, ...signing });
    return repository.readmit({ record: releaseRecordOf(release), metainfo, signers, ...signing });
  }

  /** By the targets key, or the product's own: a publisher beside the origin. No files where it is published already. */
  async addRelease(release: Release, metainfo: Buffer, signers: readonly Signer[]): Promise<SignedFiles> {
    const repository = await this.repository();
    const signing = await this.#online(repository);
    return repository.addRelease({ record: releaseRecordOf(release), metainfo, signers, ...signing });
  }

  /** What a publisher elsewhere has signed. @throws ReleaseError release.rejected, release.signature, release.conflict */
  async accept(proposal: TargetsProposal): Promise<SignedFiles> {
    const repository = await this.repository();
    return repository.acceptTargets({ ...proposal, ...(await this.#online(repository)) });
  }

  /** Signs snapshot, timestamp and withdrawals anew before they expire. True where it did. */
  async refresh(): Promise<boolean> {
    let refreshed = false;
    await signedAnew(async () => {
      const repository = await this.repository();
      refreshed = repository.needsRefresh(this.#deps.clock.wallMs());
      if (refreshed) await this.append(repository.refresh(await this.#online(repository)));
    });
    return refreshed;
  }

  /** A target's bytes by the path under which clients ask for it. */
  async targetFile(path: string): Promise<Buffer | null> {
    const file = (await this.repository()).targetFile(path);
    if (file === null) return null;
    if (file.name.kind !== "release") return file.bytes;
    return await this.#deps.catalogue.metainfo(file.name);
  }

  async status(): Promise<SigningStatus> {
    const repository = await this.repository();
    return {
      rootFingerprint: repository.fingerprint,
      roles: repository.expiries().map(({ role, version, expiresAt, keys }) => ({
        role,
        version,
        expiresAt: Date.parse(expiresAt),
        threshold: keys.threshold,
        keyIds: keys.keys.map(({ keyId }) => keyId),
      })),
    };
  }

  current(): Promise<SignedFiles> {
    return this.#deps.catalogue.currentlySigned();
  }

  append(files: SignedFiles): Promise<void> {
    return this.#deps.catalogue.sign(files);
  }

  /** @throws KeyError where the key that the repository names is not at hand */
  async checkOnlineKey(): Promise<void> {
    await this.#online(await this.repository());
  }

  /** Another one after a rotation beside the running origin. */
  async #online(repository: Repository): Promise<{ readonly onlineSigner: Signer; readonly now: number }> {
    const keys = repository.expiries().find(({ role }) => role === "timestamp")?.keys.keys ?? [];
    const known = this.#onlineSigner?.key.keyId;
    const isCurrent = this.#onlineSigner !== null && keys.some(({ keyId }) => keyId === known);
    this.#onlineSigner = isCurrent ? this.#onlineSigner : await this.#deps.openOnlineSigner(repository);
    assert(this.#onlineSigner !== null);
    return { onlineSigner: this.#onlineSigner, now: this.#deps.clock.wallMs() };
  }
}

function withdrawalRecordOf({ product, version }: Release, withdrawal: Withdrawal): WithdrawalRecord {
  const { kind, reason, demandedBy, vendorUrl, replacedBy } = withdrawal;
  const at = new Date(withdrawal.at).toISOString();
  return { schema: 1, product, version, kind, at, reason, demandedBy, vendorUrl, replacedBy };
}
