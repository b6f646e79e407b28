// After a crash between two steps the payloads may not be where the catalogue says. The catalogue leads: a release is
// published, withdrawn or restored when its transaction is done, and the folders follow.
//
//   publish    keep the payload, then the catalogue   a crash between leaves a payload of nobody: removed here
//   withdraw   the catalogue, then quarantine         … a withdrawn payload that is still kept: quarantined here
//   restore    the catalogue, then out of quarantine  … the reverse
//
// Invariant: nothing in quarantine is ever deleted here. Run it under the publish lock: a publish that is between its
// two steps looks like one that crashed there.

import { refOf, type Release, type ReleaseRef } from "../domain.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { FolderPayloadStore } from "./folder-payload-store.ts";

export interface Reconciliation {
  readonly quarantined: readonly ReleaseRef[];
  readonly restored: readonly ReleaseRef[];
  /** Published by nobody: removed. */
  readonly removed: readonly ReleaseRef[];
  /** Releases that are to be served and whose payload is not there: a backup that lacks it, a folder that was deleted. */
  readonly missing: readonly ReleaseRef[];
}

/** @throws PayloadError, CatalogueError */
export async function reconcilePayloads(
  payloads: FolderPayloadStore,
  catalogue: Pick<Catalogue, "products" | "releases">,
): Promise<Reconciliation> {
  const releases = new Map<string, Release>();
  for (const { name } of await catalogue.products()) {
    for (const release of await catalogue.releases(name)) releases.set(refOf(release), release);
  }
  const quarantined: ReleaseRef[] = [];
  const restored: ReleaseRef[] = [];
  const removed: ReleaseRef[] = [];
  for (const ref of await payloads.list("payloads")) {
    const release = releases.get(refOf(ref));
    if (release?.withdrawal === null) continue;
    if (release === undefined) {
      await payloads.discard(ref);
      removed.push(ref);
    } else {
      await payloads.quarantine(ref);
      quarantined.push(ref);
    }
  }
  for (const ref of await payloads.list("quarantine")) {
    if (releases.get(refOf(ref))?.withdrawal !== null) continue;
    await payloads.restore(ref);
    restored.push(ref);
  }
  const kept = new Set((await payloads.list("payloads")).map(refOf));
  const missing = [...releases.values()].filter((release) => release.withdrawal === null && !kept.has(refOf(release)));
  return { quarantined, restored, removed, missing };
}
