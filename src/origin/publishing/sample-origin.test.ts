// An origin's stores in a temporary folder, and a signature that is none: for tests of what is published.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/index.ts";
import { StorageWorkers } from "../../storage/index.ts";
import type { SignedFiles } from "../catalogue/catalogue.ts";
import { SqliteCatalogue } from "../catalogue/sqlite-catalogue.ts";
import { dataFolderOf } from "../data-folder.ts";
import { openDatabase, type Database } from "../database/open-database.ts";
import { FolderPayloadStore } from "../payloads/folder-payload-store.ts";
import { prepareRelease, type PreparationOptions, type PreparedRelease } from "./prepare-release.ts";
import { createPublishLock } from "./publish-lock.ts";
import { publishRelease, type Publication, type PublishingParts, type PublishOutcome } from "./publish-release.ts";
import type { ReleaseDetails } from "./release-draft.ts";

export interface SampleOrigin extends AsyncDisposable, PublishingParts {
  readonly folder: string;
  readonly database: Database;
  readonly payloads: FolderPayloadStore;
}

export async function openOrigin(folder: string): Promise<SampleOrigin> {
  const database = await openDatabase(dataFolderOf(folder).database);
  return {
    folder,
    database,
    catalogue: new SqliteCatalogue(database),
    payloads: await FolderPayloadStore.open(folder),
    lock: createPublishLock({ path: dataFolderOf(folder).publishLock }),
    clock: systemClock,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "upswarm-publish-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Temporary; gone with its folder. */
export async function sampleOrigin(): Promise<SampleOrigin> {
  const folder = await temporaryFolder();
  const origin = await openOrigin(folder.path);
  const close = async (): Promise<void> => {
    await origin[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { ...origin, [Symbol.asyncDispose]: close };
}

let signings = 0;

/** The next version of targets and the timestamp that leads to it; other bytes with each signing. */
export function signNext(current: SignedFiles): SignedFiles {
  const timestamp = current.get("timestamp.json");
  const { signed } = JSON.parse(timestamp?.toString() ?? '{"signed":{"version":0}}') as { signed: { version: number } };
  const bytes = Buffer.from(JSON.stringify({ signed: { version: signed.version + 1 }, signing: ++signings }));
  return new Map([
    [`${signed.version + 1}.targets.json`, bytes],
    ["timestamp.json", bytes],
  ]);
}

export const sign: Publication["sign"] = (_release, _metainfo, current) => Promise.resolve(signNext(current));

export function details(version: string, changes: Partial<ReleaseDetails> = {}): ReleaseDetails {
  return { product: "update", version, channel: "stable", vendor: null, notes: null, ...changes };
}

export async function prepare(options: Partial<PreparationOptions> & { path: string }): Promise<PreparedRelease> {
  await using workers = new StorageWorkers();
  return await prepareRelease({
    details: details("1.0"),
    copyTo: null,
    trackers: ["http://127.0.0.1/announce", "udp://127.0.0.1:6969"],
    publicUrl: "https://updates.example",
    workers,
    ...options,
  });
}

export async function publish(
  origin: SampleOrigin,
  path: string,
  what: ReleaseDetails,
  changes: Partial<Publication> = {},
): Promise<PublishOutcome> {
  await using staged = await origin.payloads.stage();
  const prepared = await prepare({ path, details: what, copyTo: staged.folder });
  return await publishRelease(origin, { ...prepared, staged, sign, ...changes });
}
