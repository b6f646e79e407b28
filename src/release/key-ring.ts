// The key files at hand: in the origin's folder, on a medium that somebody brought. A key file says in clear which key it
// holds, so only those that a role needs are opened, and only for those is a passphrase asked.

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../core/index.ts";
import { inspectKeyFile, readKeyFile, type KeyPurpose } from "./key-file.ts";
import type { RoleKeys } from "./metadata-documents.ts";
import { KeyError } from "./release-error.ts";
import type { PublicKey, Signer } from "./signing-key.ts";

export interface KeyEntry {
  readonly path: string;
  readonly purpose: KeyPurpose;
  readonly key: PublicKey;
  readonly isEncrypted: boolean;
}

/** Asked for each encrypted key that is opened. */
export type AskPassphrase = (entry: KeyEntry) => Promise<string>;

/** The keys of key files and of folders of them; in a folder other files do not matter. @throws KeyError */
export async function findKeys(paths: readonly string[]): Promise<readonly KeyEntry[]> {
  return (await Promise.all(paths.map(keysAt))).flat();
}

async function keysAt(path: string): Promise<readonly KeyEntry[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [await inspectKeyFile(path)];
    const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
    const entries = await Promise.all(names.map((name) => keyOrNot(join(path, name))));
    return entries.filter((entry) => entry !== null);
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new KeyError(isAbsent ? "key.not-found" : "key.read", `No keys at ${path}: ${messageOf(cause)}.`, { cause });
  }
}

async function keyOrNot(path: string): Promise<KeyEntry | null> {
  try {
    return await inspectKeyFile(path);
  } catch (error) {
    if (error instanceof KeyError && error.code === "key.file") return null;
    throw error;
  }
}

/**
 * Signers for a role: as many of its keys as its threshold asks for, or all that are there.
 * @throws KeyError key.threshold where too few are at hand, key.passphrase, key.exposed
 */
export async function openSigners(
  entries: readonly KeyEntry[],
  role: RoleKeys & { readonly name: string },
  ask: AskPassphrase,
): Promise<readonly Signer[]> {
  const found = role.keys.flatMap(({ keyId }) => entries.find(({ key }) => key.keyId === keyId) ?? []);
  if (found.length < role.threshold) {
    const needed = `${role.threshold} of its ${role.keys.length} keys`;
    const names = found.map(({ path }) => basename(path)).join(", ");
    const message = `The role ${role.name} needs ${needed}; at hand: ${names === "" ? "none" : names}.`;
    throw new KeyError("key.threshold", message);
  }
  const signers: Signer[] = [];
  for (const entry of found.slice(0, role.threshold)) {
    signers.push(await readKeyFile(entry.path, entry.purpose, entry.isEncrypted ? await ask(entry) : null));
  }
  return signers;
}
