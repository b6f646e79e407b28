// Where a repository's files are kept, for those who change them: append-only, since every version that a client may
// still ask for has to stay. The origin keeps them in its database; a plain folder is enough for keys kept elsewhere.

import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../core/index.ts";
import type { MetadataFiles } from "./metadata-documents.ts";
import { ReleaseError } from "./release-error.ts";

export interface MetadataStore extends AsyncDisposable {
  /** At least every root, and the current version of every other role. */
  current(): Promise<MetadataFiles>;
  /** All of them or none; `timestamp.json` alone may be replaced. Rejects where another version of a file is there. */
  append(files: MetadataFiles): Promise<void>;
}

/** A folder of files, for keys that are kept apart from an origin. One process at a time, and no transaction. */
export class FolderMetadataStore implements MetadataStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async current(): Promise<MetadataFiles> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => /^(?:\d+\.[^/]+|timestamp)\.json$/.test(name));
      return new Map(await Promise.all(names.map(async (name) => [name, await readFile(this.#at(name))] as const)));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
        throw new ReleaseError("release.not-found", `There is no release repository in ${this.#folder}.`, { cause });
      }
      const message = `The release repository ${this.#folder} cannot be read: ${messageOf(cause)}.`;
      throw new ReleaseError("release.metadata", message, { cause });
    }
  }

  async append(files: MetadataFiles): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    // The timestamp is what makes the others current: written last, nothing before it counts.
    const names = [...files.keys()].sort((a, b) => Number(a === "timestamp.json") - Number(b === "timestamp.json"));
    for (const name of names) await this.#write(name, files.get(name) ?? Buffer.alloc(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #write(name: string, bytes: Buffer): Promise<void> {
    const temporary = this.#at(`.${name}.tmp`);
    {
      await using file = await open(temporary, "w");
      await file.writeFile(bytes);
      await file.sync();
    }
    if (name === "timestamp.json") return rename(temporary, this.#at(name));
    try {
      // Unlike a rename it replaces nothing.
      await link(temporary, this.#at(name));
    } catch (cause) {
      const message = `${name} exists: somebody else changed the repository.`;
      throw new ReleaseError("release.conflict", message, { cause, retryable: true });
    } finally {
      await rm(temporary);
    }
  }

  #at(name: string): string {
    return join(this.#folder, name);
  }
}
