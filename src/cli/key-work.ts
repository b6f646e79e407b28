// What the commands that change a repository's keys have in common: the repository and its store, the key files at hand,
// signers of a role, new keys. Each change is stored whole, and only after everything in it was signed.

import { access } from "node:fs/promises";
import { join } from "node:path";
import type {
  KeyEntry,
  KeyPurpose,
  MetadataFiles,
  MetadataStore,
  Repository,
  RoleKeys,
  Signer,
} from "../release/index.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./framework/usage-error.ts";
import { passphrases, type Passphrases } from "./passphrase.ts";

/** Opens the store of an origin's data folder. */
export type OpenMetadataStore = (dataFolder: string) => Promise<MetadataStore>;

export interface KeyWorkOptions {
  readonly data: string;
  readonly keys: readonly string[];
  readonly passphraseFile: string | null;
}

export const keyWorkOptions = {
  data: {
    kind: "path",
    placeholder: "DIR",
    default: "upswarm-data",
    setting: true,
    summary: "The origin's data folder",
  },
  keys: {
    kind: "list",
    of: "path",
    setting: true,
    summary: "Look for key files here too: a file or a folder, such as a stick with offline keys",
  },
} as const;

export class KeyWork implements AsyncDisposable {
  readonly repository: Repository;
  readonly entries: readonly KeyEntry[];
  readonly now: number;
  readonly #store: MetadataStore;
  readonly #passphrases: Passphrases;
  readonly #keysFolder: string;

  private constructor(parts: {
    readonly repository: Repository;
    readonly entries: readonly KeyEntry[];
    readonly now: number;
    readonly store: MetadataStore;
    readonly passphrases: Passphrases;
    readonly keysFolder: string;
  }) {
    this.repository = parts.repository;
    this.entries = parts.entries;
    this.now = parts.now;
    this.#store = parts.store;
    this.#passphrases = parts.passphrases;
    this.#keysFolder = parts.keysFolder;
  }

  /** @throws ReleaseError release.metadata; KeyError */
  static async open(options: KeyWorkOptions, context: Context, openStore: OpenMetadataStore): Promise<KeyWork> {
    const { findKeys, Repository } = await import("../release/index.ts");
    const store = await openStore(options.data);
    try {
      const keysFolder = join(options.data, "keys");
      const own = (await isThere(keysFolder)) ? [keysFolder] : [];
      return new KeyWork({
        repository: Repository.parse(await store.current()),
        entries: await findKeys([...own, ...options.keys]),
        now: context.clock.wallMs(),
        store,
        passphrases: passphrases(options, context),
        keysFolder,
      });
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
    return await openSigners(this.entries, { name: role, ...keys }, ({ path }) => this.#passphrases.of(path));
  }

  async onlineSigner(): Promise<Signer> {
    const [signer] = await this.signersOf("timestamp");
    if (signer === undefined) throw new UsageError("usage.argument", "The timestamp has no key.");
    return signer;
  }

  /** Makes an encrypted key. @throws KeyError key.exists */
  async newKey(path: string, purpose: KeyPurpose): Promise<Signer> {
    const { createKeyFile } = await import("../release/index.ts");
    return await createKeyFile({ path, purpose, passphrase: await this.#passphrases.choose(path) });
  }

  /** Makes the origin's next online key, beside the one that it replaces. */
  async newOnlineKey(): Promise<Signer> {
    const { createKeyFile } = await import("../release/index.ts");
    const version = (this.repository.expiries().find(({ role }) => role === "root")?.version ?? 0) + 1;
    const path = join(this.#keysFolder, `online-${version}.json`);
    return await createKeyFile({ path, purpose: "online", passphrase: null });
  }

  /** Stores a change, and returns the names of what it wrote. */
  async store(files: MetadataFiles): Promise<readonly string[]> {
    // Whatever is stored can be read back: a mistake must show before anything is written.
    this.repository.next(files);
    await this.#store.append(files);
    return [...files.keys()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
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
