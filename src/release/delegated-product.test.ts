// A product that was delegated and has published with its own key, for tests of what comes after. It holds no test.

import type { DelegationRevocation, KeptReleases, RevokedDelegation } from "./delegation-revocation.ts";
import { signTargets } from "./publication.ts";
import {
  newKeys,
  newRepository,
  newSigner,
  published,
  sample,
  type Keys,
  type Sample,
} from "./release-fixture.test.ts";
import type { OnlineSigning } from "./online-signing.ts";
import type { Repository } from "./repository.ts";
import type { Signer } from "./signing-key.ts";

export const now: number = Date.now();
export const keys: Keys = newKeys();
export const signing: OnlineSigning = { onlineSigner: keys.online, now };
export const publisher: Signer = newSigner();
export const one: Sample = sample();
export const two: Sample = sample({ version: "1.1", sequence: 2 });
export const beta: Sample = sample({ version: "2.0-b", sequence: 3, channel: "beta" });
export const bad: Sample = sample({ version: "1.2", sequence: 4, content: "malware" });
export const all: readonly Sample[] = [one, two, beta, bad];

export function delegated(repository: Repository, signer: Signer): Repository {
  const first = signTargets(repository.prepareDelegation("editor", now), [signer]).bytes;
  const role = { keys: [signer.key], threshold: 1 };
  return repository.next(
    repository.delegateProduct({ product: "editor", keys: role, first, signers: keys.targets, ...signing }),
  );
}

export function added(repository: Repository, release: Sample, signers: readonly Signer[]): Repository {
  return repository.next(repository.addRelease({ ...release, signers, ...signing }));
}

/** 1.0 is of top-level targets; 1.1, 2.0-b and 1.2 are the publisher's. */
export const before: Repository = [two, beta, bad].reduce(
  (repository, release) => added(repository, release, [publisher]),
  delegated(published(newRepository(keys, now), keys, one, now), publisher),
);

export const why: DelegationRevocation["why"] = { kind: "key-compromise", reason: "Its publisher's key was stolen." };
export const base: Omit<DelegationRevocation, "keep"> = { product: "editor", why, signers: keys.targets, ...signing };
export const revoke = (keep: DelegationRevocation["keep"], from: Repository = before): RevokedDelegation =>
  from.revokeDelegation({ ...base, keep });
export const none: KeptReleases = { versions: [], until: null };
export const everything: KeptReleases = { versions: [], all: true };
export const versionsOf = (repository: Repository): string[] => repository.releases().map(({ version }) => version);
export const channelsOf = (repository: Repository): string[] =>
  repository.channels().map(({ channel, version }) => `${channel} ${version}`);
