// `init`: a folder that is an origin. Keys first, then what they sign in the database, the description last; only with
// that is it an origin, so one that was interrupted is no half one. Who begins again goes on with what is there: a key is
// never overwritten, so the keys of an interrupted run are opened with the passphrase, and what they signed is kept.

import { join } from "node:path";
import type { Clock } from "../core/index.ts";
import { createKeyFile, createRepository, KeyError, readKeyFile, Repository, type Signer } from "../release/index.ts";
import type { SignedFiles } from "./catalogue/catalogue.ts";
import { SqliteCatalogue } from "./catalogue/sqlite-catalogue.ts";
import { DataFolderError, prepareDataFolder, writeConfig, type DataFolder } from "./data-folder.ts";
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
  const root = await keyAt({ path: join(folder.offlineKeys, ROOT_KEY_FILE), purpose: "root", ...offline });
  const targets = await keyAt({ path: join(folder.offlineKeys, TARGETS_KEY_FILE), purpose: "targets", ...offline });
  const onlineSigner = await keyAt({
    path: join(folder.onlineKeys, ONLINE_KEY_FILE),
    purpose: "online",
    passphrase: null,
  });
  await using database = await openDatabase(folder.database);
  const catalogue = new SqliteCatalogue(database);
  let signed = await catalogue.currentlySigned();
  if (signed.size > 0) {
    checkSignedBy(signed, { root, targets, timestamp: onlineSigner }, folder);
  } else {
    signed = createRepository({
      rootSigners: [root],
      rootThreshold: 1,
      targetsSigners: [targets],
      targetsThreshold: 1,
      onlineSigner,
      now: clock.wallMs(),
    });
    await catalogue.sign(signed);
  }
  await writeConfig(folder, config);
  return { folder, rootFingerprint: Repository.parse(signed).fingerprint };
}

async function keyAt(key: Parameters<typeof createKeyFile>[0]): Promise<Signer> {
  try {
    return await createKeyFile(key);
  } catch (error) {
    if (!(error instanceof KeyError) || error.code !== "key.exists") throw error;
    return await readKeyFile(key.path, key.purpose, key.passphrase);
  }
}

/** By role, the key that has to be one of the role's. @throws DataFolderError data.exists */
function checkSignedBy(signed: SignedFiles, signers: Readonly<Record<string, Signer>>, folder: DataFolder): void {
  for (const { role, keys } of Repository.parse(signed).expiries()) {
    const signer = signers[role];
    if (signer === undefined || keys.keys.some(({ keyId }) => keyId === signer.key.keyId)) continue;
    const text = `${folder.database} is signed by other keys than those in ${folder.root}. Choose another folder.`;
    throw new DataFolderError("data.exists", text);
  }
}
