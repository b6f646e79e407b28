// Where an origin keeps what is its own: one folder, DATA.
//
//   DATA/origin.json        what it is (origin-config.ts)
//   DATA/origin.sqlite      releases, signed metadata, cases, accounts
//   DATA/payloads/          PRODUCT/VERSION/NAME: what is served
//   DATA/quarantine/        the same, of withdrawn releases
//   DATA/staging/           what is being received or hashed
//   DATA/keys/              the online key: snapshot, timestamp, withdrawals
//   DATA/offline-keys/      root and targets, encrypted: to be moved to another machine
//
// Deliberately without a lock: commands work beside a running origin, through the database's transactions.

import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CodedError, messageOf } from "../core/index.ts";
import { writeNewFile } from "../storage/index.ts";
import { formatOriginConfig, parseOriginConfig } from "./origin-config.ts";
import type { OriginConfig } from "./origin-parts.ts";

export class DataFolderError extends CodedError<"data.none" | "data.exists" | "data.unreadable"> {}

export interface DataFolder {
  readonly root: string;
  readonly config: string;
  readonly database: string;
  /** A file that holds nothing: see publish-lock.ts. */
  readonly publishLock: string;
  readonly onlineKeys: string;
  readonly offlineKeys: string;
}

export function dataFolderOf(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    config: join(root, "origin.json"),
    database: join(root, "origin.sqlite"),
    publishLock: join(root, "publish.lock"),
    onlineKeys: join(root, "keys"),
    offlineKeys: join(root, "offline-keys"),
  };
}

/** The folder, for an origin that is about to be made in it. @throws DataFolderError data.exists */
export async function prepareDataFolder(path: string): Promise<DataFolder> {
  const folder = dataFolderOf(path);
  if (await isFile(folder.config)) throw new DataFolderError("data.exists", `${folder.root} holds an origin already.`);
  for (const made of [folder.root, folder.onlineKeys, folder.offlineKeys]) {
    await mkdir(made, { recursive: true, mode: 0o700 });
  }
  return folder;
}

/** Written last: with it the folder is an origin. @throws DataFolderError data.exists, data.unreadable */
export async function writeConfig(folder: DataFolder, config: OriginConfig): Promise<void> {
  try {
    await writeNewFile(folder.config, formatOriginConfig(config), 0o600);
  } catch (cause) {
    if (!isCode(cause, "EEXIST")) throw unreadable(folder.config, cause);
    throw new DataFolderError("data.exists", `${folder.root} holds an origin already.`, { cause });
  }
}

export async function holdsOrigin(path: string): Promise<boolean> {
  return await isFile(dataFolderOf(path).config);
}

/** @throws DataFolderError data.none, data.unreadable; ConfigError */
export async function readConfig(folder: DataFolder): Promise<OriginConfig> {
  let text: string;
  try {
    text = await readFile(folder.config, "utf8");
  } catch (cause) {
    if (!isCode(cause, "ENOENT")) throw unreadable(folder.config, cause);
    const hint = `${folder.root} holds no origin. Make one with upswarm init, or name another folder with --data.`;
    throw new DataFolderError("data.none", hint, { cause });
  }
  return parseOriginConfig(text);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return false;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): DataFolderError {
  return new DataFolderError("data.unreadable", `${path}: ${messageOf(cause)}`, { cause });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
