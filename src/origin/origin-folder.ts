// An origin's folder, opened: what every command needs, whether it serves or works beside a running origin. It owns the
// database and nothing else; sockets and timers belong to serve-origin.ts.

import type { Clock, Log } from "../core/index.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { SqliteCatalogue } from "./catalogue/sqlite-catalogue.ts";
import { dataFolderOf, readConfig, type DataFolder } from "./data-folder.ts";
import { openDatabase, type Database } from "./database/open-database.ts";
import type { OriginConfig, ReleaseLifecycle } from "./origin-parts.ts";
import { FolderPayloadStore } from "./payloads/folder-payload-store.ts";
import { createPublishLock, type PublishLock } from "./publishing/publish-lock.ts";
import { createLifecycle } from "./release-lifecycle.ts";
import { openOnlineSigner } from "./signing/online-key.ts";
import { OriginSigning } from "./signing/origin-signing.ts";

export interface OriginFolderDeps {
  readonly clock: Clock;
  readonly log: Log;
}

export interface OriginFolder extends AsyncDisposable {
  readonly folder: DataFolder;
  readonly config: OriginConfig;
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly payloads: FolderPayloadStore;
  /** One publish at a time, over all processes. */
  readonly publishLock: PublishLock;
  readonly signing: OriginSigning;
  /** For a command beside a running origin, which follows what it stores. */
  readonly lifecycle: ReleaseLifecycle;
}

/**
 * @throws DataFolderError data.none, data.unreadable; ConfigError; DatabaseError; KeyError where the online key cannot be
 *   read; PayloadError
 */
export async function openOriginFolder(path: string, deps: OriginFolderDeps): Promise<OriginFolder> {
  const folder = dataFolderOf(path);
  const config = await readConfig(folder);
  const database = await openDatabase(folder.database);
  try {
    const catalogue = new SqliteCatalogue(database);
    const payloads = await FolderPayloadStore.open(folder.root, deps.clock);
    const signing = new OriginSigning({
      catalogue,
      openOnlineSigner: (repository) => openOnlineSigner(folder.onlineKeys, repository),
      clock: deps.clock,
    });
    // A key that is lost or that others can read is told now, and not when something has to be withdrawn.
    await signing.checkOnlineKey();
    const publishLock = createPublishLock({ path: folder.publishLock });
    const lifecycle = createLifecycle({ catalogue, payloads, signing, publishLock, swarms: null, ...deps });
    const close = async (): Promise<void> => await database[Symbol.asyncDispose]();
    const parts = { folder, config, database, catalogue, payloads, publishLock, signing, lifecycle };
    return { ...parts, [Symbol.asyncDispose]: close };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
