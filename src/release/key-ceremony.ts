// The first root, and every change of keys afterwards (TUF 6.1). A new root is signed by the threshold of the old root's
// keys and by that of its own, so that each client can walk from the root it trusts to the newest.
// Invariant: what a change of keys invalidates is signed anew in the same change; a repository never waits half-signed.

import { ROLE_KEYS_MAX, ROOT_LIFE_MS, TARGETS_LIFE_MS, WITHDRAWALS_LIFE_MS } from "../core/index.ts";
import {
  checkSigned,
  createDocument,
  delegationsBody,
  encodeDocument,
  listed,
  rootBody,
  roleKeysOf,
  signDocument,
  type Documents,
  type MetadataFiles,
  type RoleKeys,
  type TopRole,
} from "./metadata-documents.ts";
import {
  publishRoles,
  signSnapshot,
  signTimestamp,
  signWithdrawals,
  targetsJson,
  type OnlineSigning,
} from "./online-signing.ts";
import { KeyError } from "./release-error.ts";
import { productKeysOf, type RepositoryState } from "./repository-state.ts";
import type { PublicKey, Signer } from "./signing-key.ts";
import { WITHDRAWALS_ROLE } from "./target-paths.ts";

export interface NewRepository extends OnlineSigning {
  readonly rootSigners: readonly Signer[];
  readonly rootThreshold: number;
  readonly targetsSigners: readonly Signer[];
  readonly targetsThreshold: number;
}

/** The first version of everything. @throws KeyError key.threshold */
export function createRepository(options: NewRepository): MetadataFiles {
  const { rootSigners, targetsSigners, onlineSigner, now } = options;
  const online = { keys: [onlineSigner.key], threshold: 1 };
  const targetsKeys = { keys: publicKeys(targetsSigners), threshold: options.targetsThreshold };
  const rootKeys = { keys: publicKeys(rootSigners), threshold: options.rootThreshold };
  const root = newRoot(1, now, { root: rootKeys, targets: targetsKeys, snapshot: online, timestamp: online });
  signDocument(root, rootSigners);
  checkSigned(root, "root", root);
  const targets = createDocument(
    "targets",
    { version: 1, now, life: TARGETS_LIFE_MS },
    { targets: {}, delegations: delegationsBody(online, new Map()) },
  );
  signDocument(targets, targetsSigners);
  checkSigned(root, "targets", targets);
  const withdrawals = createDocument("targets", { version: 1, now, life: WITHDRAWALS_LIFE_MS }, { targets: {} });
  signDocument(withdrawals, [onlineSigner]);
  const [targetsBytes, withdrawalsBytes] = [encodeDocument(targets), encodeDocument(withdrawals)];
  const meta = {
    "targets.json": { version: 1, ...listed(targetsBytes) },
    [`${WITHDRAWALS_ROLE}.json`]: { version: 1, ...listed(withdrawalsBytes) },
  };
  const snapshot = signSnapshot(root, 1, meta, options);
  return new Map([
    ["1.root.json", encodeDocument(root)],
    ["1.targets.json", targetsBytes],
    [`1.${WITHDRAWALS_ROLE}.json`, withdrawalsBytes],
    ["1.snapshot.json", snapshot],
    ["timestamp.json", signTimestamp(root, 1, { version: 1, ...listed(snapshot) }, options)],
  ]);
}

/** What changes, and who signs. Left out stays as it is; nothing at all gives the root another term. */
export interface KeyChange extends OnlineSigning {
  readonly root?: RoleKeys;
  readonly targets?: RoleKeys;
  /** The key of snapshot, timestamp and withdrawals; `onlineSigner` is then the new one. */
  readonly online?: PublicKey;
  /** Enough of the old root's keys and of the new one's. */
  readonly rootSigners: readonly Signer[];
  /** Of targets as it will be; needed where `targets` or `online` change. */
  readonly targetsSigners?: readonly Signer[];
}

/** @throws KeyError key.threshold */
export function rotateKeys(state: RepositoryState, change: KeyChange): MetadataFiles {
  const { now, rootSigners, targetsSigners = [] } = change;
  const online = change.online === undefined ? null : { keys: [change.online], threshold: 1 };
  const keysOf = (role: TopRole): RoleKeys => roleKeysOf(state.root, role) ?? { keys: [], threshold: 1 };
  const root = newRoot(state.root.signed.version + 1, now, {
    root: change.root ?? keysOf("root"),
    targets: change.targets ?? keysOf("targets"),
    snapshot: online ?? keysOf("snapshot"),
    timestamp: online ?? keysOf("timestamp"),
  });
  signDocument(root, rootSigners);
  checkSigned(state.root, "root", root);
  checkSigned(root, "root", root);
  const rootFile = [`${root.signed.version}.root.json`, encodeDocument(root)] as const;
  if (change.targets === undefined && online === null) return new Map([rootFile]);

  const withdrawalKeys = online ?? roleKeysOf(state.targets, WITHDRAWALS_ROLE) ?? { keys: [], threshold: 1 };
  const targets = createDocument(
    "targets",
    { version: state.targets.signed.version + 1, now, life: TARGETS_LIFE_MS },
    { targets: targetsJson(state.targets), delegations: delegationsBody(withdrawalKeys, productKeysOf(state.targets)) },
  );
  signDocument(targets, targetsSigners);
  checkSigned(root, "targets", targets);
  const changed = new Map<string, Documents["targets"]>([["targets", targets]]);
  if (online !== null) {
    const withdrawals = signWithdrawals(state.withdrawals, targetsJson(state.withdrawals), change);
    checkSigned(targets, WITHDRAWALS_ROLE, withdrawals);
    changed.set(WITHDRAWALS_ROLE, withdrawals);
  }
  return new Map([rootFile, ...publishRoles({ ...state, root }, changed, change)]);
}

function newRoot(version: number, now: number, roles: Readonly<Record<TopRole, RoleKeys>>): Documents["root"] {
  for (const [role, { keys, threshold }] of Object.entries(roles)) {
    const distinct = new Set(keys.map(({ keyId }) => keyId)).size;
    const isFair = Number.isSafeInteger(threshold) && threshold >= 1 && threshold <= keys.length;
    if (isFair && distinct === keys.length && keys.length <= ROLE_KEYS_MAX) continue;
    const message = `The role ${role} cannot have ${keys.length} keys of which ${threshold} must sign.`;
    throw new KeyError("key.threshold", message);
  }
  return createDocument("root", { version, now, life: ROOT_LIFE_MS }, rootBody(roles));
}

function publicKeys(signers: readonly Signer[]): PublicKey[] {
  return signers.map(({ key }) => key);
}
