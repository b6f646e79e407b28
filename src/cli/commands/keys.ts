// `upswarm keys status|resign|rotate|delegate`: the keys of an origin's repository, and how long their signatures hold.
// Keys that are offline are brought by --keys for as long as the command takes.

import type { RoleKeys, Signer } from "../../release/index.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { keysOption, KeyWork } from "../key-work.ts";
import { dataOption } from "../origin-options.ts";
import { passphraseOption } from "../passphrase.ts";
import { rows } from "../torrent-summary.ts";

const newKeyOption = {
  kind: "list",
  of: "path",
  summary: "Make a key and write it, encrypted, to this file; may be given several times",
} as const;
const thresholdOption = { kind: "count", summary: "How many of the role's keys must sign" } as const;

const keyWorkOptions = { ...dataOption, ...keysOption, ...passphraseOption } as const;

export const keysStatusCommand: Command = defineCommand({
  name: "keys status",
  summary: "show who signs what, until when, and which of the keys are at hand",
  positionals: {},
  options: keyWorkOptions,
  examples: [{ line: "upswarm keys status --data /srv/upswarm --keys /media/stick", does: "before a ceremony" }],
  json: [
    "rootFingerprint (of 1.root.json), currentRootFingerprint",
    "roles [{role, version, expiresAt, threshold, keys [{keyId, file}]}]; file is null where the key is not at hand",
  ],
  async run({ options }, context) {
    await using work = await KeyWork.open(options, context);
    const { repository, entries, now } = work;
    const roles = repository.expiries().map(({ role, version, expiresAt, keys }) => ({
      role,
      version,
      expiresAt,
      threshold: keys.threshold,
      keys: keys.keys.map(({ keyId }) => ({
        keyId,
        file: entries.find(({ key }) => key.keyId === keyId)?.path ?? null,
      })),
    }));
    const { fingerprint: rootFingerprint, currentFingerprint: currentRootFingerprint } = repository;
    const lines = roles.map(({ role, version, expiresAt, threshold, keys }) => {
      const days = (Date.parse(expiresAt) - now) / 86_400_000;
      const left = days < 0 ? "EXPIRED" : days < 1 ? `${Math.floor(days * 24)} h left` : `${Math.floor(days)} d left`;
      const present = keys.filter(({ file }) => file !== null).length;
      const who = `${threshold} of ${keys.length} keys sign, ${present} at hand`;
      return [role, `version ${version}, until ${expiresAt.slice(0, 16)}Z (${left}), ${who}`] as const;
    });
    const text = rows([["root fingerprint", rootFingerprint], ...lines]);
    context.print({ rootFingerprint, currentRootFingerprint, roles }, text);
  },
});

export const keysResignCommand: Command = defineCommand({
  name: "keys resign",
  summary: "sign a role anew, as it is, for another term",
  description: [
    "Without a role it is the online ones (snapshot, timestamp, withdrawals), which a running origin signs by itself. " +
      "root, targets and products need their offline keys.",
  ],
  positionals: {
    role: { placeholder: "ROLE", summary: "root, targets, a product's name, or nothing", optional: true },
  },
  options: keyWorkOptions,
  examples: [
    { line: "upswarm keys resign targets --keys /media/stick", does: "once a quarter: 90 more days" },
    { line: "upswarm keys resign root --keys /media/a --keys /media/b", does: "once a year" },
  ],
  json: ["role, files (what was written)"],
  async run({ positionals, options }, context) {
    await using work = await KeyWork.open(options, context);
    const { repository, now } = work;
    const role = positionals.role ?? "online";
    if (["snapshot", "timestamp", "withdrawals"].includes(role)) {
      throw new UsageError("usage.argument", "The online roles are signed together: leave out the role.");
    }
    const signers = role === "online" ? [] : await work.signersOf(role);
    const onlineSigner = await work.onlineSigner();
    const signing = { onlineSigner, now };
    const files =
      role === "online"
        ? repository.refresh(signing)
        : role === "root"
          ? repository.rotateKeys({ rootSigners: signers, ...signing })
          : repository.renewTargets({ role, signers, ...signing });
    const names = await work.store(files);
    context.print({ role, files: names }, `Signed ${role} anew: ${names.join(", ")}.`);
  },
});

export const keysRotateCommand: Command = defineCommand({
  name: "keys rotate",
  summary: "give root, targets or the origin's online roles other keys",
  description: [
    "A root ceremony: the new root is signed by the root keys that counted before and by those that count from now on, " +
      "so that every machine can follow. All of the role's keys are retired, or only those that --retire names.",
  ],
  positionals: {
    role: { placeholder: "ROLE", summary: "root, targets or online", complete: ["root", "targets", "online"] },
  },
  options: {
    ...keyWorkOptions,
    newKey: newKeyOption,
    retire: {
      kind: "list",
      of: "string",
      placeholder: "KEYID",
      summary: "Retire this key alone; its id or the beginning of it",
    },
    threshold: thresholdOption,
  },
  examples: [
    {
      line: "upswarm keys rotate online --keys /media/a --keys /media/b",
      does: "after somebody was in the origin's machine",
    },
    {
      line: "upswarm keys rotate root --keys /media/a --keys /media/b --retire 3f9a --new-key /media/c/root-4.json",
      does: "replace one lost root key",
    },
  ],
  json: ["role, keys (the ids that count now), threshold, files (what was written)"],
  async run({ positionals, options }, context) {
    const role = rotatedRole(positionals.role, options.newKey.length > 0);
    await using work = await KeyWork.open(options, context);
    const rootSigners = await work.signersOf("root");
    const files = await (role === "online"
      ? rotateOnline(work, rootSigners)
      : rotateOffline(work, role, rootSigners, options));
    const names = await work.store(files);
    const after = work.repository
      .next(files)
      .expiries()
      .find((it) => it.role === (role === "online" ? "timestamp" : role));
    const keys = after?.keys.keys.map(({ keyId }) => keyId) ?? [];
    const threshold = after?.keys.threshold ?? 1;
    const text = `The role ${role} now has ${keys.length} keys, of which ${threshold} must sign: ${names.join(", ")}.`;
    context.print({ role, keys, threshold, files: names }, text);
  },
});

function rotatedRole(role: string, hasNewKey: boolean): "root" | "targets" | "online" {
  if (role !== "root" && role !== "targets" && role !== "online") {
    const message = `${role} is none of root, targets and online. For a product: keys delegate.`;
    throw new UsageError("usage.argument", message);
  }
  if ((role === "online") === hasNewKey) {
    const how = role === "online" ? "is made in the data folder: leave out" : "needs";
    throw new UsageError("usage.argument", `The new key of ${role} ${how} --new-key.`);
  }
  return role;
}

type Files = ReturnType<KeyWork["repository"]["rotateKeys"]>;

async function rotateOnline(work: KeyWork, rootSigners: readonly Signer[]): Promise<Files> {
  const targetsSigners = await work.signersOf("targets");
  const onlineSigner = await work.newOnlineKey();
  return work.repository.rotateKeys({
    online: onlineSigner.key,
    rootSigners,
    targetsSigners,
    onlineSigner,
    now: work.now,
  });
}

interface Rotation {
  readonly newKey: readonly string[];
  readonly retire: readonly string[];
  readonly threshold: number | null;
}

async function rotateOffline(
  work: KeyWork,
  role: "root" | "targets",
  rootSigners: readonly Signer[],
  rotation: Rotation,
): Promise<Files> {
  const before = work.keysOf(role);
  const retired = retiredAmong(before, rotation.retire);
  const kept = before.keys.filter(({ keyId }) => !retired.has(keyId));
  const threshold = rotation.threshold ?? before.threshold;
  const onlineSigner = await work.onlineSigner();
  // Old keys are opened before new ones are made: a wrong passphrase leaves nothing behind.
  const missing = Math.max(0, threshold - rotation.newKey.length);
  const keptSigners = missing === 0 ? [] : await work.signersOf(role, { keys: kept, threshold: missing });
  const made = await work.newKeys(rotation.newKey, role);
  const keys = { keys: [...kept, ...made.map(({ key }) => key)], threshold };
  const change = { onlineSigner, now: work.now };
  if (role === "targets") {
    return work.repository.rotateKeys({
      ...change,
      targets: keys,
      rootSigners,
      targetsSigners: [...keptSigners, ...made],
    });
  }
  return work.repository.rotateKeys({ ...change, root: keys, rootSigners: [...rootSigners, ...keptSigners, ...made] });
}

function retiredAmong(role: RoleKeys, given: readonly string[]): ReadonlySet<string> {
  if (given.length === 0) return new Set(role.keys.map(({ keyId }) => keyId));
  return new Set(
    given.map((beginning) => {
      const found = role.keys.filter(({ keyId }) => keyId.startsWith(beginning));
      const [only] = found;
      if (only !== undefined && found.length === 1) return only.keyId;
      const how = found.length === 0 ? "none" : "more than one";
      throw new UsageError("usage.value", `--retire: ${beginning} begins the id of ${how} of the role's keys.`);
    }),
  );
}

export const keysDelegateCommand: Command = defineCommand({
  name: "keys delegate",
  summary: "give a product keys of its own, for its publisher, or other ones",
  description: [
    "From then on only these keys publish the product; what was published before stays. The targets keys say who a " +
      "product's publisher is and can change it, as after a compromise. keys revoke-delegation takes them back.",
  ],
  positionals: { product: { placeholder: "PRODUCT", summary: "A product's name" } },
  options: { ...keyWorkOptions, newKey: newKeyOption, threshold: thresholdOption },
  examples: [
    {
      line: "upswarm keys delegate editor --keys /media/stick --new-key editor-key.json",
      does: "the editor's team publishes it",
    },
  ],
  json: ["product, keys (their ids), threshold, files (what was written)"],
  async run({ positionals, options }, context) {
    const { product } = positionals;
    if (options.newKey.length === 0) throw new UsageError("usage.argument", "The product's key needs --new-key FILE.");
    await using work = await KeyWork.open(options, context);
    const { signTargets, parseProductName } = await import("../../release/index.ts");
    parseProductName(product);
    const { repository, now } = work;
    const signers = await work.signersOf("targets");
    const onlineSigner = await work.onlineSigner();
    const made = await work.newKeys(options.newKey, "publisher");
    const keys = { keys: made.map(({ key }) => key), threshold: options.threshold ?? 1 };
    const first = signTargets(repository.prepareDelegation(product, now), made).bytes;
    const names = await work.store(repository.delegateProduct({ product, keys, first, signers, onlineSigner, now }));
    const ids = keys.keys.map(({ keyId }) => keyId);
    const text = `${product} is now published by ${keys.threshold} of ${ids.length} keys of its own: ${names.join(", ")}.`;
    context.print({ product, keys: ids, threshold: keys.threshold, files: names }, text);
  },
});
