// A release repository as verified values: what `Repository` holds, and what each change starts from.
// Invariant: the root chain is unbroken from 1.root.json; every other document is signed by its role's threshold and is
// the one that the timestamp and the snapshot name. Expiry is not looked at: an origin that was off must be able to sign
// anew; clients are the ones who refuse what has expired (TUF 5.4 to 5.6).

import { createHash } from "node:crypto";
import { ReleaseError } from "./release-error.ts";
import {
  isSigned,
  parseDocument,
  roleKeysOf,
  type Documents,
  type MetadataFiles,
  type RoleKeys,
} from "./metadata-documents.ts";
import { WITHDRAWALS_ROLE } from "./target-paths.ts";

export interface RepositoryState extends Documents {
  /** SHA-256 of 1.root.json, and of the root that is current, as they are served. */
  readonly fingerprints: { readonly first: string; readonly current: string };
  readonly withdrawals: Documents["targets"];
  /** By product: the roles of products that have a key of their own. */
  readonly products: ReadonlyMap<string, Documents["targets"]>;
}

/** @throws ReleaseError release.metadata */
export function readRepository(files: MetadataFiles): RepositoryState {
  const roots = readRoots(files);
  const { root } = roots;
  const timestamp = parseDocument("timestamp", fileOf(files, "timestamp.json"), "timestamp.json");
  checkSignature(root, "timestamp", timestamp, "timestamp.json");
  const snapshotName = `${timestamp.signed.snapshotMeta.version}.snapshot.json`;
  const snapshot = parseDocument("snapshot", fileOf(files, snapshotName), snapshotName);
  checkListing(timestamp.signed.snapshotMeta, fileOf(files, snapshotName), snapshotName);
  checkSignature(root, "snapshot", snapshot, snapshotName);
  const targetsOf = (delegator: Documents["root" | "targets"], role: string): Documents["targets"] => {
    const meta = snapshot.signed.meta[`${role}.json`];
    if (meta === undefined) throw broken(`The snapshot does not list ${role}.json`);
    const name = `${meta.version}.${role}.json`;
    const bytes = fileOf(files, name);
    const document = parseDocument("targets", bytes, name);
    checkListing(meta, bytes, name);
    checkSignature(delegator, role, document, name);
    if (document.signed.version !== meta.version) throw broken(`${name} has another version inside`);
    return document;
  };
  const targets = targetsOf(root, "targets");
  const products = productsOf(targets).map((product) => [product, targetsOf(targets, product)] as const);
  const withdrawals = targetsOf(targets, WITHDRAWALS_ROLE);
  return { ...roots, timestamp, snapshot, targets, withdrawals, products: new Map(products) };
}

/** The products that targets delegates. */
function productsOf(targets: Documents["targets"]): readonly string[] {
  return Object.keys(targets.signed.delegations?.roles ?? {}).filter((name) => name !== WITHDRAWALS_ROLE);
}

/** By product, who signs it; those that top-level targets signs are not among them. */
export function productKeysOf(targets: Documents["targets"]): Map<string, RoleKeys> {
  const keys = productsOf(targets).map((product) => [product, roleKeysOf(targets, product)] as const);
  return new Map(keys.filter((entry): entry is [string, RoleKeys] => entry[1] !== null));
}

/** The role that signs a product's releases. */
export function roleOf(state: RepositoryState, product: string): string {
  return state.products.has(product) ? product : "targets";
}

export function documentOf(state: RepositoryState, role: string): Documents["targets"] {
  const document = role === "targets" ? state.targets : state.products.get(role);
  if (document === undefined) throw new ReleaseError("release.not-found", `There is no role ${role.slice(0, 80)}.`);
  return document;
}

type Target = Documents["targets"]["signed"]["targets"][string];

/** A target of a product wherever it stands: releases from before a delegation stay with top-level targets. */
export function targetOf(state: RepositoryState, product: string, path: string): Target | null {
  for (const document of [state.targets, state.products.get(product)]) {
    const targets = document?.signed.targets ?? {};
    if (Object.hasOwn(targets, path)) return targets[path] ?? null;
  }
  return null;
}

function readRoots(files: MetadataFiles): Pick<RepositoryState, "root" | "fingerprints"> {
  let bytes = fileOf(files, "1.root.json");
  const first = fingerprintOf(bytes);
  let root = parseDocument("root", bytes, "1.root.json");
  checkSignature(root, "root", root, "1.root.json");
  for (let version = 2; files.has(`${version}.root.json`); version++) {
    const name = `${version}.root.json`;
    bytes = fileOf(files, name);
    const next = parseDocument("root", bytes, name);
    if (next.signed.version !== version) throw broken(`${name} has another version inside`);
    checkSignature(root, "root", next, name);
    checkSignature(next, "root", next, name);
    root = next;
  }
  return { root, fingerprints: { first, current: fingerprintOf(bytes) } };
}

/** Of a root's file: what `sha256sum 1.root.json` prints, so that anybody can compare it. */
export function fingerprintOf(root: Buffer): string {
  return createHash("sha256").update(root).digest("hex");
}

function checkListing(listing: { verify(bytes: Buffer): void }, bytes: Buffer, name: string): void {
  try {
    listing.verify(bytes);
  } catch (cause) {
    throw broken(`${name} is not the file that is listed`, cause);
  }
}

function checkSignature(
  delegator: Documents["root" | "targets"],
  role: string,
  document: Documents[keyof Documents],
  name: string,
): void {
  if (!isSigned(delegator, role, document)) throw broken(`${name} is not signed by enough keys of the role ${role}`);
}

function fileOf(files: MetadataFiles, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw broken(`The file ${name} is missing`);
  return bytes;
}

function broken(why: string, cause?: unknown): ReleaseError {
  return new ReleaseError("release.metadata", `The release repository is damaged: ${why}.`, { cause });
}
