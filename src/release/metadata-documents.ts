// TUF's documents (TUF 4.3 to 4.6) over @tufjs/models: made from plain values, signed, verified, encoded. Whatever this
// folder signs or trusts passes through here.
// Invariant: a document that `verify` let pass is signed by the threshold of its role's keys, as its delegator says.

import { createHash } from "node:crypto";
import {
  Metadata,
  MetadataKind,
  Signature,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from "@tufjs/models";
import { messageOf } from "../core/index.ts";
import { KeyError, ReleaseError } from "./release-error.ts";
import { keyJson, publicKeyOf, type PublicKey, type Signer } from "./signing-key.ts";
import { productPatterns, WITHDRAWALS_ROLE, withdrawalPatterns } from "./target-paths.ts";

/** Metadata by the names under which it is served: `1.root.json`, `3.targets.json`, `timestamp.json`. */
export type MetadataFiles = ReadonlyMap<string, Buffer>;

/** Who signs a role, and how many of them must. */
export interface RoleKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

export type TopRole = "root" | "targets" | "snapshot" | "timestamp";
export type Json = Parameters<typeof Metadata.fromJSON>[1];

export interface Documents {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly snapshot: Metadata<Snapshot>;
  readonly timestamp: Metadata<Timestamp>;
}

const SPEC_VERSION = "1.0.31";
const kinds = {
  root: MetadataKind.Root,
  targets: MetadataKind.Targets,
  snapshot: MetadataKind.Snapshot,
  timestamp: MetadataKind.Timestamp,
} as const;

/** An unsigned document. `life` is how long its signature will hold, from `now` on. */
export function createDocument<Kind extends TopRole>(
  kind: Kind,
  head: { readonly version: number; readonly now: number; readonly life: number },
  body: Json,
): Documents[Kind] {
  const { version, now, life } = head;
  const signed = { _type: kind, spec_version: SPEC_VERSION, version, expires: expiryText(now + life), ...body };
  return fromJson(kind, { signed, signatures: [] });
}

/** From untrusted bytes. @throws ReleaseError release.metadata */
export function parseDocument<Kind extends TopRole>(kind: Kind, bytes: Buffer, name: string): Documents[Kind] {
  try {
    const document = fromJson(kind, JSON.parse(bytes.toString("utf8")) as Json);
    const { version, expires } = document.signed;
    if (!Number.isSafeInteger(version) || version < 1) throw new Error("its version is no positive integer");
    if (Number.isNaN(Date.parse(expires))) throw new Error("it has no time when it expires");
    return document;
  } catch (cause) {
    const message = `${name} is no ${kind} metadata: ${messageOf(cause)}.`;
    throw new ReleaseError("release.metadata", message, { cause });
  }
}

function fromJson<Kind extends TopRole>(kind: Kind, json: Json): Documents[Kind] {
  // The overloads of fromJSON() tie each kind to its document; a union of kinds is beyond them.
  return Metadata.fromJSON(kinds[kind] as MetadataKind.Root, json) as Documents[TopRole] as Documents[Kind];
}

/** Adds signatures; those that are there stay. */
export function signDocument(document: Documents[TopRole], signers: readonly Signer[]): void {
  for (const signer of signers) {
    document.sign((bytes) => new Signature({ keyID: signer.key.keyId, sig: signer.sign(bytes).toString("hex") }), true);
  }
}

/** Whether the document has its role's threshold of signatures. `role` is a top-level role or a delegated one. */
export function isSigned(
  delegator: Documents["root" | "targets"],
  role: string,
  document: Documents[TopRole],
): boolean {
  try {
    delegator.verifyDelegate(role, document);
    return true;
  } catch {
    // verifyDelegate() has no other way to say no; which key failed matters to nobody here.
    return false;
  }
}

/** For what was signed here: that the keys at hand were enough. @throws KeyError key.threshold */
export function checkSigned(
  delegator: Documents["root" | "targets"],
  role: string,
  document: Documents[TopRole],
): void {
  if (isSigned(delegator, role, document)) return;
  const threshold = roleKeysOf(delegator, role)?.threshold ?? 1;
  const needed = threshold === 1 ? "one of its keys" : `${threshold} of its keys`;
  throw new KeyError("key.threshold", `The role ${role} needs ${needed}: those at hand do not suffice.`);
}

export function encodeDocument(document: Documents[TopRole]): Buffer {
  return Buffer.from(JSON.stringify(document.toJSON()));
}

/** As snapshots and timestamps list a file, and targets a target: length and hash keep endless data and mixtures out. */
export function listed(bytes: Buffer): { length: number; hashes: { sha256: string } } {
  return { length: bytes.length, hashes: { sha256: createHash("sha256").update(bytes).digest("hex") } };
}

/** The keys of a role as its delegator names them; null where there is no such role. */
export function roleKeysOf(delegator: Documents["root" | "targets"], role: string): RoleKeys | null {
  const { signed } = delegator;
  const [roles, keys] =
    "roles" in signed ? [signed.roles, signed.keys] : [signed.delegations?.roles, signed.delegations?.keys];
  const found = Object.hasOwn(roles ?? {}, role) ? roles?.[role] : undefined;
  if (found === undefined) return null;
  const publicKeys = found.keyIDs.map((keyId) => publicKeyOf(keys?.[keyId]?.keyVal["public"] ?? ""));
  return { keys: publicKeys, threshold: found.threshold };
}

/** Of a root's body. */
export function rootBody(roles: Readonly<Record<TopRole, RoleKeys>>): Json {
  return {
    consistent_snapshot: true,
    keys: keysJson(Object.values(roles)),
    roles: Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, roleJson(role)])),
  };
}

/** Of a targets' body: the withdrawals role by the online key, and products with keys of their own. */
export function delegationsBody(withdrawals: RoleKeys, products: ReadonlyMap<string, RoleKeys>): Json {
  const delegated = (name: string, role: RoleKeys, paths: readonly string[]): Json => ({
    ...roleJson(role),
    name,
    paths: [...paths],
    // Each path belongs to one role: nobody else is asked where that one does not know it.
    terminating: true,
  });
  return {
    keys: keysJson([withdrawals, ...products.values()]),
    roles: [
      delegated(WITHDRAWALS_ROLE, withdrawals, withdrawalPatterns),
      ...[...products].map(([product, role]) => delegated(product, role, productPatterns(product))),
    ],
  };
}

function roleJson(role: RoleKeys): Json {
  return { keyids: role.keys.map(({ keyId }) => keyId), threshold: role.threshold };
}

function keysJson(roles: readonly RoleKeys[]): Json {
  return Object.fromEntries(roles.flatMap(({ keys }) => keys.map((key) => [key.keyId, keyJson(key)])));
}

/** TUF's form of a time: seconds and a Z. */
function expiryText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
