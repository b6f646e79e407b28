// A backup of an origin, made while it serves, publishes and withdraws.
//
//   TARGET/origin.sqlite                    the database at one moment
//   TARGET/payloads/…, TARGET/quarantine/…  the payloads of the releases that it names, where it says that they are
//   TARGET/origin.json, TARGET/keys/        configuration and online key; offline-keys too where asked
//   TARGET/backup.json                      written last: with it the backup is whole
//
// The database comes first. A publish keeps its payload before its transaction, so every release of the copied database
// has its payload on the disk already; the other way round a release published in between would be in the backup
// without its bytes. Payloads never change, only their place does: one that is withdrawn or restored meanwhile is looked
// for in the other place. What was purged meanwhile is gone, as it was meant to be. Uploads under way are left out: their
// publishers send them again.

import fs from "node:fs/promises";
import { join } from "node:path";
import { BACKUP_LOOKS_MAX, type Clock } from "../../core/index.ts";
import { SqliteCatalogue } from "../catalogue/sqlite-catalogue.ts";
import { dataFolderOf, type DataFolder } from "../data-folder.ts";
import { openDatabase } from "../database/open-database.ts";
import { SqliteConnection } from "../database/sqlite-connection.ts";
import type { Release, ReleaseRef } from "../domain.ts";
import { syncTree } from "../payloads/durable-tree.ts";
import { BackupError } from "./backup-error.ts";
import { copyTree, type CopyMode } from "./tree-copy.ts";

export const BACKUP_FORMAT: number = 1;
export const MANIFEST = "backup.json";

export interface BackupOptions {
  /** The root and targets keys, encrypted as they are. They are safest where no backup is. */
  readonly offlineKeys: boolean;
  /** By default "link": no bytes are copied where the target is on the same disk. */
  readonly payloads?: CopyMode;
  readonly clock: Pick<Clock, "wallMs">;
  readonly onRelease?: (release: ReleaseRef) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface BackupManifest {
  readonly format: number;
  readonly madeAt: number;
  readonly releaseCount: number;
  /** Of releases that are not withdrawn: nothing to serve was found for them. */
  readonly missing: readonly ReleaseRef[];
}

/** `target` is empty or not there. @throws BackupError, DatabaseError, CatalogueError; what the file system throws */
export async function backUp(dataFolder: string, target: string, options: BackupOptions): Promise<BackupManifest> {
  const source = dataFolderOf(dataFolder);
  const copy = dataFolderOf(target);
  if (!(await isThere(source.config)) || !(await isThere(source.database))) {
    throw new BackupError("backup.no-origin", `${source.root} holds no origin.`);
  }
  await makeEmpty(copy.root);
  copyDatabase(source.database, copy.database);
  const releases = await releasesOf(copy.database);
  const missing: ReleaseRef[] = [];
  for (const release of releases) {
    options.signal?.throwIfAborted();
    const isCopied = await copyPayload(source, copy, release, options.payloads ?? "link");
    const { product, version } = release;
    if (!isCopied && release.withdrawal === null) missing.push({ product, version });
    options.onRelease?.(release);
  }
  await copyTree(source.config, copy.config, "copy");
  await copyIfThere(source.onlineKeys, copy.onlineKeys);
  if (options.offlineKeys) await copyIfThere(source.offlineKeys, copy.offlineKeys);
  // On the disk before the file that says so.
  await syncTree(copy.root);
  const madeAt = options.clock.wallMs();
  const manifest: BackupManifest = { format: BACKUP_FORMAT, madeAt, releaseCount: releases.length, missing };
  await fs.writeFile(join(copy.root, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncTree(copy.root);
  return manifest;
}

/** Makes the folder where it is missing. @throws BackupError backup.not-empty */
export async function makeEmpty(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await fs.readdir(folder)).length > 0) {
    throw new BackupError("backup.not-empty", `${folder} holds something already. Name an empty folder.`);
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

export async function releasesOf(database: string): Promise<readonly Release[]> {
  await using opened = await openDatabase(database);
  const catalogue = new SqliteCatalogue(opened);
  const products = await catalogue.products();
  return (await Promise.all(products.map(({ name }) => catalogue.releases(name)))).flat();
}

type PlaceName = "payloads" | "quarantine";

/** Where a payload lies: by default where the release says. */
export function placeOf(folder: DataFolder, release: Release, place: PlaceName = placeName(release)): string {
  return join(folder.root, place, release.product, release.version);
}

/** Over a connection of its own: a transaction of another one does not stand in the way. */
function copyDatabase(source: string, target: string): void {
  const connection = new SqliteConnection(source);
  try {
    connection.copyTo(target);
  } finally {
    connection.close();
  }
}

function placeName({ withdrawal }: Release): PlaceName {
  return withdrawal === null ? "payloads" : "quarantine";
}

/** False where there is none. */
async function copyPayload(source: DataFolder, copy: DataFolder, release: Release, mode: CopyMode): Promise<boolean> {
  const target = placeOf(copy, release);
  await fs.mkdir(join(target, ".."), { recursive: true });
  for (let look = 1; look <= BACKUP_LOOKS_MAX; look++) {
    for (const place of ["payloads", "quarantine"] as const) {
      try {
        await copyTree(placeOf(source, release, place), target, mode);
        return true;
      } catch (error) {
        // It is in the other place, or went there under our hands.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        await fs.rm(target, { recursive: true, force: true });
      }
    }
  }
  return false;
}

async function copyIfThere(source: string, target: string): Promise<void> {
  if (await isThere(source)) await copyTree(source, target, "copy");
}
