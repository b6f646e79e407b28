// Payloads as plain files below the origin's data folder. The contract stands in payload-store.ts.
//
//   staging/RANDOM/                         being written; nobody's yet (staging.ts)
//   payloads/PRODUCT/VERSION/NAME           kept: served and seeded
//   quarantine/PRODUCT/VERSION/NAME         withdrawn: neither, until it is restored or purged
//
// Invariant: a payload changes its place by one rename of its VERSION folder, so it is whole wherever it is. Deleting
// begins with a rename back to staging, so that what is half deleted is never taken for a payload.

import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemClock, type Clock } from "../../core/index.ts";
import { toStorageError } from "../../storage/index.ts";
import { refOf, type ReleaseRef } from "../domain.ts";
import { syncFolder, syncTree } from "./durable-tree.ts";
import { isName, openInside } from "./file-opening.ts";
import { PayloadError, type OpenedFile, type PayloadStore, type StagedPayload } from "./payload-store.ts";
import { Staging } from "./staging.ts";

/** Names of folders below the data folder. */
export type PayloadPlace = "payloads" | "quarantine";

export class FolderPayloadStore implements PayloadStore {
  readonly #folder: string;
  readonly #staging: Staging;

  private constructor(folder: string, staging: Staging) {
    this.#folder = folder;
    this.#staging = staging;
  }

  /** Makes its folders where they are missing and removes what was left in staging. @throws PayloadError */
  static async open(dataFolder: string, clock: Clock = systemClock): Promise<FolderPayloadStore> {
    return withPayloadErrors(dataFolder, async () => {
      for (const name of ["payloads", "quarantine"]) await fs.mkdir(join(dataFolder, name), { recursive: true });
      return new FolderPayloadStore(dataFolder, await Staging.open(join(dataFolder, "staging"), clock));
    });
  }

  stage(): Promise<StagedPayload> {
    return withPayloadErrors(this.#folder, () => this.#claim());
  }

  keep(staged: StagedPayload, ref: ReleaseRef, name: string): Promise<void> {
    return withPayloadErrors(this.#folder, async () => {
      const source = join(staged.folder, this.#checked(name));
      const target = this.#path("payloads", ref);
      if ((await isThere(this.#path("quarantine", ref))) || (await isThere(target))) throw alreadyKept(ref);
      await syncTree(source);
      // A folder of its own, so that one rename both names the payload and fails where there is one.
      await using ready = await this.#claim();
      try {
        await fs.rename(source, join(ready.folder, name));
        await syncFolder(ready.folder);
        await this.#move(ready.folder, target);
      } catch (error) {
        // The staged folder has it again, for another try, unless it had got as far as its place.
        await fs.rename(join(ready.folder, name), source).catch(() => {});
        throw isOccupied(error) ? alreadyKept(ref) : error;
      }
    });
  }

  artifactPath(ref: ReleaseRef, name: string): Promise<string | null> {
    return withPayloadErrors(this.#folder, async () => {
      if (![ref.product, ref.version, name].every(isName)) return null;
      const path = join(this.#path("payloads", ref), name);
      return (await isThere(path)) ? path : null;
    });
  }

  openFile(ref: ReleaseRef, path: readonly string[]): Promise<OpenedFile | null> {
    return withPayloadErrors(this.#folder, async () => {
      if (!isName(ref.product) || !isName(ref.version)) return null;
      return openInside(this.#path("payloads", ref), path);
    });
  }

  quarantine(ref: ReleaseRef): Promise<void> {
    return this.#transfer(ref, "payloads", "quarantine");
  }

  restore(ref: ReleaseRef): Promise<void> {
    return this.#transfer(ref, "quarantine", "payloads");
  }

  purge(ref: ReleaseRef): Promise<void> {
    return withPayloadErrors(this.#folder, async () => {
      if (!(await this.#delete(this.#path("quarantine", ref)))) throw unknown(ref, "in quarantine");
    });
  }

  discard(ref: ReleaseRef): Promise<void> {
    return withPayloadErrors(this.#folder, async () => {
      await this.#delete(this.#path("payloads", ref));
    });
  }

  /** What is in one place, in no order. */
  list(place: PayloadPlace): Promise<readonly ReleaseRef[]> {
    return withPayloadErrors(this.#folder, async () => {
      const refs: ReleaseRef[] = [];
      const root = join(this.#folder, place);
      for (const product of await foldersIn(root)) {
        const versions = await foldersIn(join(root, product));
        refs.push(...versions.map((version) => ({ product, version })));
      }
      return refs;
    });
  }

  #transfer(ref: ReleaseRef, from: PayloadPlace, to: PayloadPlace): Promise<void> {
    return withPayloadErrors(this.#folder, async () => {
      const source = this.#path(from, ref);
      const target = this.#path(to, ref);
      if (await isThere(source)) {
        await this.#move(source, target);
        return;
      }
      // Done before, perhaps just before a crash: to ask for it again is no error.
      if (!(await isThere(target))) throw unknown(ref, "kept here");
    });
  }

  /** What cannot be removed in the end goes as a leftover, at a later start: whether the publish succeeded is known by then. */
  async #claim(): Promise<StagedPayload> {
    const claimed = await this.#staging.claim();
    const release = async (): Promise<void> => claimed[Symbol.asyncDispose]();
    return { folder: claimed.folder, [Symbol.asyncDispose]: () => release().catch(() => {}) };
  }

  /** False where there is nothing. */
  async #delete(path: string): Promise<boolean> {
    if (!(await isThere(path))) return false;
    await using doomed = await this.#staging.claim();
    await this.#move(path, join(doomed.folder, "doomed"));
    return true;
  }

  /** By one rename, on the disk when it returns. */
  async #move(source: string, target: string): Promise<void> {
    await fs.mkdir(dirname(target), { recursive: true });
    await fs.rename(source, target);
    // The product's folder may be new: then its own name has to be on the disk too.
    for (const path of [dirname(target), dirname(dirname(target)), dirname(source)]) await syncFolder(path);
  }

  #path(place: PayloadPlace, { product, version }: ReleaseRef): string {
    return join(this.#folder, place, this.#checked(product), this.#checked(version));
  }

  #checked(name: string): string {
    if (!isName(name)) throw new PayloadError("payload.unknown", `${JSON.stringify(name)} cannot be a name here.`);
    return name;
  }
}

/** What else somebody put there (a desktop's own notes) is no payload. */
async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await fs.readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && isName(entry.name)).map(({ name }) => name);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function isOccupied(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function alreadyKept(ref: ReleaseRef): PayloadError {
  return new PayloadError("payload.exists", `There is a payload of ${refOf(ref)} already.`);
}

function unknown(ref: ReleaseRef, where: string): PayloadError {
  return new PayloadError("payload.unknown", `No payload of ${refOf(ref)} is ${where}.`);
}

/** `folder` is named where the system names no path. */
async function withPayloadErrors<T>(folder: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    const { message, retryable } = toStorageError(cause, folder);
    throw new PayloadError("payload.store", `The payload store failed. ${message}`, { cause, retryable });
  }
}
