// What withdraws a release and brings it back: signed, stored, acted upon, in an order that a crash cannot turn into
// something worse.
//
// withdraw: sign and store (from here it is withdrawn, whatever happens) → tracker refuses, seed ends → payload into
// quarantine. restore: payload out of quarantine (still refused by everybody who asks the catalogue) → sign and store →
// tracker and seed; where it cannot be signed any more, back into quarantine. Where it crashes in between, opening the
// origin puts payloads where the catalogue says.

import type { Clock, Log } from "../core/index.ts";
import { messageOf, ORIGIN_SIGNING_ATTEMPTS_MAX } from "../core/index.ts";
import type { Signer } from "../release/index.ts";
import { CatalogueError, type Catalogue, type SignedFiles } from "./catalogue/catalogue.ts";
import { refOf, type Release, type ReleaseRef, type Withdrawal } from "./domain.ts";
import type { ReleaseLifecycle } from "./origin-parts.ts";
import type { PayloadStore } from "./payloads/payload-store.ts";
import type { PublishLock } from "./publishing/publish-lock.ts";

/** Makes the metadata that says so, over what is signed now. */
export interface WithdrawalSigning {
  withdraw(release: Release, withdrawal: Withdrawal): Promise<SignedFiles>;
  restore(release: Release, signers?: readonly Signer[]): Promise<SignedFiles>;
}

export interface LifecycleDeps {
  readonly catalogue: Catalogue;
  readonly payloads: PayloadStore;
  readonly signing: WithdrawalSigning;
  /** Whoever puts payloads right holds it too: between two steps nobody may take them for what a crash left. */
  readonly publishLock: PublishLock;
  /** Absent in a command beside a running origin, which follows the catalogue by itself. */
  readonly swarms: { follow(): Promise<void> } | null;
  readonly clock: Clock;
  readonly log: Log;
}

export function createLifecycle(deps: LifecycleDeps): ReleaseLifecycle {
  return {
    withdraw: (ref, withdrawal) => withdraw(deps, ref, withdrawal),
    restore: (ref, signers) => restore(deps, ref, signers),
    purge: (ref) => purge(deps, ref),
  };
}

/** One that is withdrawn already stays as it is: the first reason counts. */
async function withdraw(deps: LifecycleDeps, ref: ReleaseRef, why: Omit<Withdrawal, "at">): Promise<Release> {
  const { catalogue, payloads, signing, swarms, clock, log } = deps;
  const release = await known(catalogue, ref);
  if (release.withdrawal === null) {
    const withdrawal: Withdrawal = { ...why, at: clock.wallMs() };
    await signedAnew(async () => catalogue.withdraw(ref, withdrawal, await signing.withdraw(release, withdrawal)));
    log.write("info", "release.withdrawn", { release: refOf(ref), kind: why.kind });
  }
  await swarms?.follow();
  await payloads.quarantine(ref);
  return await known(catalogue, ref);
}

async function restore(deps: LifecycleDeps, ref: ReleaseRef, signers?: readonly Signer[]): Promise<Release> {
  const { catalogue, payloads, signing, publishLock, swarms, log } = deps;
  await using _lock = await publishLock();
  const release = await known(catalogue, ref);
  if (release.withdrawal !== null) {
    // What cannot be signed is told before its payload is moved.
    await signing.restore(release, signers);
    try {
      await payloads.restore(ref);
      await signedAnew(async () => catalogue.restore(ref, await signing.restore(release, signers)));
    } catch (error) {
      // A revocation since the first signing, say. The first error counts; what fails here is put right at the next start.
      await quarantineAgain(deps, ref).catch((reason: unknown) => {
        log.write("error", "release.not-quarantined", { release: refOf(ref), reason: messageOf(reason) });
      });
      throw error;
    }
    log.write("info", "release.restored", { release: refOf(ref) });
  }
  await swarms?.follow();
  return await known(catalogue, ref);
}

async function quarantineAgain({ catalogue, payloads }: LifecycleDeps, ref: ReleaseRef): Promise<void> {
  if ((await known(catalogue, ref)).withdrawal !== null) await payloads.quarantine(ref);
}

async function purge({ catalogue, payloads, log }: LifecycleDeps, ref: ReleaseRef): Promise<void> {
  const { withdrawal } = await known(catalogue, ref);
  if (withdrawal === null) {
    throw new CatalogueError(
      "catalogue.not-withdrawn",
      `${refOf(ref)} is not withdrawn: withdraw it before its payload is deleted.`,
    );
  }
  await payloads.purge(ref);
  log.write("warn", "release.purged", { release: refOf(ref) });
}

/** Where somebody else signed in between, what is signed now is read again. */
export async function signedAnew(attempt: () => Promise<void>): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      await attempt();
      return;
    } catch (error) {
      const isConflict = error instanceof CatalogueError && error.code === "catalogue.conflict";
      if (!isConflict || attempts >= ORIGIN_SIGNING_ATTEMPTS_MAX) throw error;
    }
  }
}

async function known(catalogue: Catalogue, ref: ReleaseRef): Promise<Release> {
  const release = await catalogue.release(ref);
  if (release === null) throw new CatalogueError("catalogue.unknown", `There is no release ${refOf(ref)}.`);
  return release;
}
