// What a machine remembers of an origin: the root by which it knows it, and the newest metadata that it has seen, which
// is what rollback and freezing are recognised by (TUF 5.3 to 5.6). Layout of the folder of one origin:
//   root.json       the root that was pinned by a person or trusted on first use; never replaced by the origin
//   metadata/       tuf-js's own files: the root that the chain has led to, timestamp, snapshot, targets
// Invariant: files are replaced whole. Two processes that check at once each work on a copy; where both have something
// newer, the one that is done first wins, and either is a state that was verified.

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../core/index.ts";
import { ReleaseError } from "./release-error.ts";

export interface Remembered {
  /** null where nothing is known of the origin yet. */
  readonly pin: Buffer | null;
  /** By name, such as "timestamp.json". */
  readonly metadata: ReadonlyMap<string, Buffer>;
}

export class TrustStore {
  readonly pinPath: string;
  readonly #metadataFolder: string;

  constructor(folder: string) {
    this.pinPath = join(folder, "root.json");
    this.#metadataFolder = join(folder, "metadata");
  }

  /** @throws ReleaseError release.trust-store */
  async read(): Promise<Remembered> {
    return await this.#guard("read", async () => {
      const pin = await readIfThere(this.pinPath);
      const names = pin === null ? [] : await namesIn(this.#metadataFolder);
      const files = await Promise.all(names.map(async (name) => [name, await readIfThere(this.#at(name))] as const));
      return { pin, metadata: new Map(files.filter((entry): entry is [string, Buffer] => entry[1] !== null)) };
    });
  }

  /** @throws ReleaseError release.trust-store */
  async write(before: Remembered, after: Remembered): Promise<void> {
    await this.#guard("written", async () => {
      await mkdir(this.#metadataFolder, { recursive: true, mode: 0o700 });
      for (const [name, bytes] of after.metadata) {
        const known = before.metadata.get(name);
        if (known?.equals(bytes) === true) continue;
        // Another process was here: what it has left is as good as ours, and may be newer.
        const present = await readIfThere(this.#at(name));
        if ((present === null) === (known === undefined) && (present === null || known?.equals(present) === true)) {
          await replace(this.#at(name), bytes);
        }
      }
      if (after.pin !== null && before.pin?.equals(after.pin) !== true) await replace(this.pinPath, after.pin);
    });
  }

  #at(name: string): string {
    return join(this.#metadataFolder, name);
  }

  async #guard<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const message = `What is trusted of the origin (${this.pinPath}) cannot be ${action}: ${messageOf(cause)}.`;
      throw new ReleaseError("release.trust-store", message, { cause });
    }
  }
}

/** The folder of one origin below `folder`: `updates.example-443`. */
export function originFolder(folder: string, origin: URL): string {
  const port = origin.port === "" ? (origin.protocol === "https:" ? "443" : "80") : origin.port;
  return join(folder, `${origin.hostname.replaceAll(/[^a-z0-9.-]/g, "_")}-${port}`);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function replace(path: string, bytes: Buffer): Promise<void> {
  const temporary = path.replace(/([^/\\]+)$/, `.$1.${randomUUID()}.tmp`);
  try {
    {
      await using file = await open(temporary, "w", 0o600);
      await file.writeFile(bytes);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
