// Giving a product a key of its own: from then on its publisher signs its releases and channels, and top-level targets
// only says who that is. Releases from before stay where they are, since a version never changes.

import { isDeepStrictEqual } from "node:util";
import { DELEGATED_PRODUCTS_MAX, SNAPSHOT_ROLES_MAX, TARGETS_LIFE_MS } from "../core/index.ts";
import {
  checkSigned,
  createDocument,
  delegationsBody,
  encodeDocument,
  isSigned,
  parseDocument,
  roleKeysOf,
  signDocument,
  type MetadataFiles,
  type RoleKeys,
} from "./metadata-documents.ts";
import { parseProductName } from "./names.ts";
import { publishRoles, targetsJson, type OnlineSigning } from "./online-signing.ts";
import type { TargetsProposal } from "./publication.ts";
import { ReleaseError } from "./release-error.ts";
import { productKeysOf, type RepositoryState } from "./repository-state.ts";
import type { Signer } from "./signing-key.ts";
import { WITHDRAWALS_ROLE } from "./target-paths.ts";

/** Gives a product a key of its own. `first` is that role's document as prepareDelegation() made it, signed. */
export interface Delegation extends OnlineSigning {
  readonly product: string;
  readonly keys: RoleKeys;
  readonly first: Buffer;
  /** Of the top-level targets. */
  readonly signers: readonly Signer[];
}

/** The product's own targets, to be signed by its publisher: what it has, and where its channels stand. */
export function prepareDelegation(state: RepositoryState, product: string, now: number): TargetsProposal {
  const own = state.products.get(product);
  const moved = Object.entries(targetsJson(own ?? state.targets)).filter(([path]) => {
    return own !== undefined || path.startsWith(`${product}/channels/`);
  });
  // A snapshot's versions never go down, also where the product had a role of its own before.
  const version = (state.snapshot.signed.meta[`${product}.json`]?.version ?? 0) + 1;
  const head = { version, now, life: TARGETS_LIFE_MS };
  const document = createDocument("targets", head, { targets: Object.fromEntries(moved) });
  return { role: product, bytes: encodeDocument(document) };
}

/** @throws KeyError key.threshold, ReleaseError release.signature, release.rejected, release.too-many */
export function delegateProduct(state: RepositoryState, delegation: Delegation): MetadataFiles {
  const { keys, signers, now } = delegation;
  const product = parseProductName(delegation.product);
  const products = productKeysOf(state.targets).set(product, keys);
  if (products.size > DELEGATED_PRODUCTS_MAX) {
    throw new ReleaseError("release.too-many", `${DELEGATED_PRODUCTS_MAX} products have keys of their own already.`);
  }
  // Those of delegations that were taken back stay listed.
  if (new Set([...Object.keys(state.snapshot.signed.meta), `${product}.json`]).size > SNAPSHOT_ROLES_MAX) {
    throw new ReleaseError("release.too-many", `The snapshot lists ${SNAPSHOT_ROLES_MAX} roles already.`);
  }
  const withdrawals = roleKeysOf(state.targets, WITHDRAWALS_ROLE) ?? { keys: [], threshold: 1 };
  // Where the channels stand is the publisher's to say from now on; top-level targets would be asked first.
  const kept = Object.entries(targetsJson(state.targets)).filter(([path]) => !path.startsWith(`${product}/channels/`));
  const head = { version: state.targets.signed.version + 1, now, life: TARGETS_LIFE_MS };
  const targets = createDocument("targets", head, {
    targets: Object.fromEntries(kept),
    delegations: delegationsBody(withdrawals, products),
  });
  signDocument(targets, signers);
  checkSigned(state.root, "targets", targets);
  const first = parseDocument("targets", delegation.first, `What was sent for ${product}`);
  if (!isSigned(targets, product, first)) {
    throw new ReleaseError("release.signature", `The first document of ${product} is not signed by its own keys.`);
  }
  const expected = parseDocument("targets", prepareDelegation(state, product, now).bytes, product);
  const isSame = isDeepStrictEqual(targetsJson(first), targetsJson(expected));
  if (!isSame || first.signed.version !== expected.signed.version || first.signed.delegations !== undefined) {
    throw new ReleaseError("release.conflict", `The first document of ${product} is not the one that was prepared.`);
  }
  return publishRoles(
    state,
    new Map([
      ["targets", targets],
      [product, first],
    ]),
    delegation,
  );
}
