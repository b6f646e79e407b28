// What the commands that change a repository's keys have in common: the repository and its store, the key files at hand,
// signers of a role, new keys. Each change is stored whole, and only after everything in it was signed.

import { access } from "node:fs/promises";
import { join } from "node:path";
import type { OpenMetadataStore } from "../origin/index.ts";
import type {
  KeyEntry,
  KeyPurpose,
  MetadataFiles,
  Repository,
  RoleKeys,
  Signer,
  WithdrawalRecord,
} from "../release/index.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./framework/usage-error.ts";
import { readNewPassphrase, readPassphrase } from "./passphrase.ts";

export const keysOption = {
  keys: {
    kind: "list",
    of: "path",
    setting: true,
    summary: "Look for key files here too: a file or a folder, such as a stick with offline keys",
  },
} as const;

export interface KeyWorkOptions {
  readonly data: string;
  readonly keys: readonly string[];
  readonly passphraseFile: string | null;
}

export interface WithdrawingChange {
  readonly files: MetadataFiles;
  readonly withdrawals: readonly WithdrawalRecord[];
}

export interface Stored<T> {
  readonly change: T;
  /** Why payloads of what was withdrawn lie where they lay; null where none does. */
  readonly unquarantined: Error | null;
}

interface Parts extends Pick<KeyWorkOptions, "passphraseFile"> {
  readonly repository: Repository;
  readonly entries: readonly KeyEntry[];
  readonly store: OpenMetadataStore;
  readonly context: Context;
}

export class KeyWork implements AsyncDisposable {
  readonly repository: Repository;
  readonly entries: readonly KeyEntry[];
  /** Milliseconds since 1970: one moment for all that is signed. */
  readonly now: number;
  readonly #parts: Parts;
  #newPassphrase: string | null = null;

  private constructor(parts: Parts) {
    this.repository = parts.repository;
    this.entries = parts.entries;
    this.now = parts.context.clock.wallMs();
    this.#parts = parts;
  }

  /** @throws DataFolderError, DatabaseError; ReleaseError release.metadata; KeyError */
  static async open(options: KeyWorkOptions, context: Context): Promise<KeyWork> {
    const { openMetadataStore } = await import("../origin/index.ts");
    const { findKeys, Repository } = await import("../release/index.ts");
    const store = await openMetadataStore(options.data, context.clock);
    try {
      const own = [store.onlineKeys, ...((await isThere(store.offlineKeys)) ? [store.offlineKeys] : [])];
      const entries = await findKeys([...own, ...options.keys]);
      const repository = Repository.parse(await store.current());
      return new KeyWork({ repository, entries, store, context, passphraseFile: options.passphraseFile });
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Who signs a role now. @throws UsageError where there is no such role */
  keysOf(role: string): RoleKeys {
    const found = this.repository.expiries().find((expiry) => expiry.role === role);
    if (found !== undefined) return found.keys;
    const roles = this.repository.expiries().map((expiry) => expiry.role);
    throw new UsageError("usage.argument", `There is no role ${role}; the roles are ${roles.join(", ")}.`);
  }

  /** As many of a role's keys as it needs. @throws KeyError */
  async signersOf(role: string, keys: RoleKeys = this.keysOf(role)): Promise<readonly Signer[]> {
    const { openSigners } = await import("../release/index.ts");
    const { passphraseFile, context } = this.#parts;
    const ask = ({ path }: KeyEntry): Promise<string> =>
      readPassphrase(passphraseFile, `Passphrase of ${path}`, context);
    return await openSigners(this.entries, { name: role, ...keys }, ask);
  }

  /** The origin's own key. @throws KeyError */
  async onlineSigner(): Promise<Signer> {
    const [signer] = await this.signersOf("timestamp");
    if (signer === undefined) throw new UsageError("usage.argument", "The timestamp has no key.");
    return signer;
  }

  /** Makes encrypted keys, all with one passphrase. @throws KeyError key.exists */
  async newKeys(paths: readonly string[], purpose: KeyPurpose): Promise<readonly Signer[]> {
    const { createKeyFile } = await import("../release/index.ts");
    const { passphraseFile, context } = this.#parts;
    const passphrase = (this.#newPassphrase ??= await readNewPassphrase(passphraseFile, context));
    const made: Signer[] = [];
    for (const path of paths) made.push(await createKeyFile({ path, purpose, passphrase }));
    return made;
  }

  /** Makes the origin's next key, beside the one that it replaces. */
  async newOnlineKey(): Promise<Signer> {
    const { createKeyFile } = await import("../release/index.ts");
    const version = (this.repository.expiries().find(({ role }) => role === "root")?.version ?? 0) + 1;
    const path = join(this.#parts.store.onlineKeys, `online-${version}.json`);
    return await createKeyFile({ path, purpose: "online", passphrase: null });
  }

  /**
   * Stores a change that withdraws releases too. It is made from what is signed when it is stored: keys are typed in for
   * minutes, and whoever else has keys may publish meanwhile. @throws ReleaseError, KeyError; CatalogueError
   */
  async storeWithdrawing<T extends WithdrawingChange>(make: (repository: Repository) => T): Promise<Stored<T>> {
    const { signedAnew } = await import("../origin/index.ts");
    const { Repository } = await import("../release/index.ts");
    const { store } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<Stored<T>>();
    await signedAnew(async () => {
      const repository = Repository.parse(await store.current());
      const change = make(repository);
      repository.next(change.files);
      resolve({ change, unquarantined: await store.withdraw(change.withdrawals, change.files) });
    });
    return await promise;
  }

  /** Stores a change, and returns the names of what it wrote. */
  async store(files: MetadataFiles): Promise<readonly string[]> {
    // Whatever is stored can be read back: a mistake must show before anything is written.
    this.repository.next(files);
    await this.#parts.store.append(files);
    return [...files.keys()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.store[Symbol.asyncDispose]();
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
