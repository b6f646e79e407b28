// An origin from its backup, in a folder of its own. The backup stays as it is: everything is copied, and shares bytes
// only where the file system keeps the copies apart.
//
// Invariant: the folder is an origin when all of it is there: the configuration, by which it is recognized, comes last.

import fs from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../core/index.ts";
import { dataFolderOf } from "../data-folder.ts";
import { syncTree } from "../payloads/durable-tree.ts";
import { BACKUP_FORMAT, isThere, makeEmpty, MANIFEST, placeOf, releasesOf, type BackupManifest } from "./back-up.ts";
import { BackupError } from "./backup-error.ts";
import { copyTree } from "./tree-copy.ts";

/**
 * `dataFolder` is empty or not there. @returns what was in the backup.
 * @throws BackupError, DatabaseError; what the file system throws
 */
export async function restoreBackup(
  source: string,
  dataFolder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<BackupManifest> {
  const from = dataFolderOf(source);
  const to = dataFolderOf(dataFolder);
  const manifest = await readManifest(join(from.root, MANIFEST));
  await makeEmpty(to.root);
  await copyTree(from.database, to.database, "copy");
  checkDatabase(to.database);
  for (const release of await releasesOf(to.database)) {
    options.signal?.throwIfAborted();
    const payload = placeOf(from, release);
    // What was missing or purged then is missing now.
    if (!(await isThere(payload))) continue;
    await fs.mkdir(join(placeOf(to, release), ".."), { recursive: true });
    await copyTree(payload, placeOf(to, release), "copy");
  }
  for (const keys of ["onlineKeys", "offlineKeys"] as const) {
    if (await isThere(from[keys])) await copyTree(from[keys], to[keys], "copy");
  }
  await syncTree(to.root);
  await copyTree(from.config, to.config, "copy");
  await syncTree(to.root);
  return manifest;
}

async function readManifest(path: string): Promise<BackupManifest> {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(await fs.readFile(path, "utf8")) as BackupManifest;
  } catch (cause) {
    const text = `This is no whole backup (${messageOf(cause)}). One that broke off lacks ${MANIFEST}.`;
    throw new BackupError("backup.incomplete", text, { cause });
  }
  if (manifest.format !== BACKUP_FORMAT) {
    throw new BackupError(
      "backup.version",
      `The backup has format ${manifest.format}; this program knows ${BACKUP_FORMAT}.`,
    );
  }
  return manifest;
}

/** A disk that lost bytes shows here, and not when somebody asks for a release. */
function checkDatabase(path: string): void {
  let found: string | undefined;
  try {
    using database = new DatabaseSync(path);
    found = (database.prepare("PRAGMA integrity_check").get() as { integrity_check: string }).integrity_check;
  } catch (cause) {
    throw new BackupError("backup.damaged", `The backup's database cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (found !== "ok") throw new BackupError("backup.damaged", `The backup's database is damaged: ${found}`);
}
