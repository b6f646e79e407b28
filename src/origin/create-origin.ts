// `init`: a folder that is an origin. Keys first, then what they sign in the database, the description last; only with
// that is it an origin, so one that was interrupted is no half one.

import { join } from "node:path";
import type { Clock } from "../core/index.ts";
import { createKeyFile, createRepository, Repository } from "../release/index.ts";
import { SqliteCatalogue } from "./catalogue/sqlite-catalogue.ts";
import { prepareDataFolder, writeConfig, type DataFolder } from "./data-folder.ts";
import { openDatabase } from "./database/open-database.ts";
import type { OriginConfig } from "./origin-parts.ts";

/** The files of the keys that init makes. */
const ONLINE_KEY_FILE = "online.json";
const ROOT_KEY_FILE = "root.json";
const TARGETS_KEY_FILE = "targets.json";

export interface NewOrigin {
  readonly path: string;
  readonly config: OriginConfig;
  /** Of the offline keys. */
  readonly passphrase: string;
  readonly clock: Clock;
}

export interface CreatedOrigin {
  readonly folder: DataFolder;
  /** What clients pin. */
  readonly rootFingerprint: string;
}

/** @throws DataFolderError data.exists; KeyError */
export async function createOrigin({ path, config, passphrase, clock }: NewOrigin): Promise<CreatedOrigin> {
  const folder = await prepareDataFolder(path);
  const offline = { passphrase } as const;
  const root = await createKeyFile({ path: join(folder.offlineKeys, ROOT_KEY_FILE), purpose: "root", ...offline });
  const targets = await createKeyFile({
    path: join(folder.offlineKeys, TARGETS_KEY_FILE),
    purpose: "targets",
    ...offline,
  });
  const onlineSigner = await createKeyFile({
    path: join(folder.onlineKeys, ONLINE_KEY_FILE),
    purpose: "online",
    passphrase: null,
  });
  const signed = createRepository({
    rootSigners: [root],
    rootThreshold: 1,
    targetsSigners: [targets],
    targetsThreshold: 1,
    onlineSigner,
    now: clock.wallMs(),
  });
  await using database = await openDatabase(folder.database);
  await new SqliteCatalogue(database).sign(signed);
  await writeConfig(folder, config);
  return { folder, rootFingerprint: Repository.parse(signed).fingerprint };
}
