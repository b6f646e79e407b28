// The last steps of a publish, local or uploaded: nothing is there yet under these names, the payload is kept, the release
// signed and put into the catalogue in one transaction.
//
// Invariant: whoever sees the release can have its bytes: the payload is on the disk before the catalogue names it. A
// crash between leaves a payload of nobody, which the next publish of that version, or the next start, removes. All of
// it happens under the publish lock, so no other publish is taken for such a leftover.

import { truncateInfoHash, ORIGIN_SIGNING_ATTEMPTS_MAX, type Clock } from "../../core/index.ts";
import { CatalogueError, type Catalogue, type SignedFiles } from "../catalogue/catalogue.ts";
import { refOf, type Release } from "../domain.ts";
import type { PayloadStore, StagedPayload } from "../payloads/payload-store.ts";
import { PublishError } from "./publish-error.ts";
import type { PublishLock } from "./publish-lock.ts";
import type { ReleaseDraft } from "./release-draft.ts";

/** The metadata that is new with the release, over what is signed now. It must not ask anybody: the lock is held. */
export type SignRelease = (release: Release, metainfo: Buffer, current: SignedFiles) => Promise<SignedFiles>;

export interface PublishingParts {
  readonly catalogue: Catalogue;
  readonly payloads: PayloadStore;
  readonly lock: PublishLock;
  readonly clock: Clock;
}

export interface Publication {
  readonly draft: ReleaseDraft;
  readonly metainfo: Buffer;
  /** Holds the artifact under its name. */
  readonly staged: StagedPayload;
  readonly sign: SignRelease;
  /** Where the publisher has signed them already, elsewhere. */
  readonly signedAs?: Pick<Release, "sequence" | "publishedAt">;
  readonly signal?: AbortSignal | undefined;
}

export interface PublishOutcome {
  /** "same": these bytes are this version already, and nothing was changed. */
  readonly kind: "published" | "same";
  readonly release: Release;
}

/** @throws PublishError, CatalogueError, PayloadError; what `sign` throws */
export async function publishRelease(parts: PublishingParts, publication: Publication): Promise<PublishOutcome> {
  const { draft, staged, signal } = publication;
  await using _lock = await parts.lock(signal);
  const existing = await findSame(parts.catalogue, draft);
  if (existing !== null) return { kind: "same", release: existing };
  // Before anything is kept: who is refused has changed nothing, and still has the payload to try again with.
  const signed = await signOver(parts, publication);
  // A payload that no release names, by a publish that crashed.
  await parts.payloads.discard(draft);
  await parts.payloads.keep(staged, draft, draft.name);
  try {
    return { kind: "published", release: await addToCatalogue(parts, publication, signed) };
  } catch (error) {
    // A commit whose answer was lost may have happened: what the catalogue has keeps its payload.
    const there = await parts.catalogue.release(draft);
    if (there === null) await parts.payloads.discard(draft);
    throw error;
  }
}

/** The next release's place in its product's sequence. */
export async function nextSequence(catalogue: Catalogue, product: string): Promise<number> {
  const [newest] = await catalogue.releases(product, { after: null, countMax: 1 });
  return (newest?.sequence ?? 0) + 1;
}

/**
 * The release where it is published already with these bytes; null where the version is free.
 * @throws PublishError publish.exists, publish.withdrawn, publish.duplicate
 */
export async function findSame(catalogue: Catalogue, draft: ReleaseDraft): Promise<Release | null> {
  const there = await catalogue.release(draft);
  if (there !== null && !isSame(there, draft)) {
    const text = `${refOf(draft)} is published with other bytes, and a version is never replaced. Give it another version.`;
    throw new PublishError("publish.exists", text);
  }
  const owner = there ?? (await ownerOf(catalogue, draft));
  if (owner !== null && owner.withdrawal !== null) {
    const text = `These bytes were withdrawn as ${refOf(owner)} (${owner.withdrawal.kind}): ${owner.withdrawal.reason}`;
    throw new PublishError("publish.withdrawn", text);
  }
  if (there === null && owner !== null) {
    const text = `These bytes are published as ${refOf(owner)} already, and a torrent belongs to one release.`;
    throw new PublishError("publish.duplicate", text);
  }
  return there;
}

/** By any of the three info-hashes. */
async function ownerOf(catalogue: Catalogue, draft: ReleaseDraft): Promise<Release | null> {
  for (const infoHash of [draft.infoHashV1, draft.infoHashTwin, truncateInfoHash(draft.infoHashV2)]) {
    const owner = await catalogue.byInfoHash(infoHash);
    if (owner !== null) return owner;
  }
  return null;
}

/** Another piece length gives another info-hash of the same file. */
function isSame(there: Release, draft: ReleaseDraft): boolean {
  if (there.infoHashV2 === draft.infoHashV2) return true;
  return there.sha256 !== null && there.sha256 === draft.sha256 && there.name === draft.name;
}

interface SignedRelease {
  readonly release: Release;
  readonly signed: SignedFiles;
}

async function signOver({ catalogue, clock }: PublishingParts, publication: Publication): Promise<SignedRelease> {
  const { draft, metainfo, sign, signedAs, signal } = publication;
  signal?.throwIfAborted();
  const current = await catalogue.currentlySigned();
  const sequence = await nextSequence(catalogue, draft.product);
  if (signedAs !== undefined && signedAs.sequence !== sequence) {
    const text = `The next release of ${draft.product} is number ${sequence}; this one was signed as ${signedAs.sequence}.`;
    throw new PublishError("publish.stale", text, { retryable: true });
  }
  const release = { ...draft, sequence, publishedAt: clock.wallMs(), ...signedAs, withdrawal: null };
  return { release, signed: await sign(release, metainfo, current) };
}

async function addToCatalogue(
  parts: PublishingParts,
  publication: Publication,
  first: SignedRelease,
): Promise<Release> {
  let { release, signed } = first;
  for (let attempt = 1; ; attempt++) {
    try {
      await parts.catalogue.publish({ release, metainfo: publication.metainfo }, signed);
      return release;
    } catch (error) {
      // The lock keeps other publishes away, but not the schedule that renews timestamps, nor a withdrawal.
      const isConflict = error instanceof CatalogueError && error.code === "catalogue.conflict";
      if (!isConflict || attempt === ORIGIN_SIGNING_ATTEMPTS_MAX) throw error;
    }
    ({ release, signed } = await signOver(parts, publication));
  }
}
