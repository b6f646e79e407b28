// The table of signed metadata (TUF 6.2, consistent snapshots): files named VERSION.ROLE.json, which never change, and the
// timestamp, which is replaced.
//
// Invariant: what is current is every root, the highest version of each other role, and the timestamp. Versions only
// grow: whoever signed over an older state than the one that is there gets `catalogue.conflict`, so that a release that
// was published meanwhile cannot fall out of the metadata again.

import assert from "node:assert";
import type { Kysely, Transaction } from "kysely";
import type { Schema } from "../database/schema.ts";
import { CatalogueError, type SignedFiles } from "./catalogue.ts";

interface SignedName {
  readonly name: string;
  readonly role: string;
  /** Null for the timestamp, whose version stands inside. */
  readonly version: number | null;
}

export async function readSigned(db: Kysely<Schema>, name: string): Promise<Buffer | null> {
  const row = await db.selectFrom("signed_files").select("bytes").where("name", "=", name).executeTakeFirst();
  return row === undefined ? null : bufferOf(row.bytes);
}

export async function readCurrentlySigned(db: Kysely<Schema>): Promise<SignedFiles> {
  const rows = await db.selectFrom("signed_files").select(["name", "bytes"]).where("is_current", "=", 1).execute();
  return new Map(rows.map(({ name, bytes }) => [name, bufferOf(bytes)]));
}

/** @throws CatalogueError catalogue.conflict */
export async function writeSigned(db: Transaction<Schema>, signed: SignedFiles): Promise<void> {
  const rows = await db.selectFrom("signed_files").select("name").where("is_current", "=", 1).execute();
  const highest = new Map<string, number>();
  for (const { name } of rows) raise(highest, parseName(name));
  // Lower versions first: two roots of one rotation come together.
  const names = [...signed.keys()].map(parseName).toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0));
  for (const name of names) {
    const bytes = signed.get(name.name) as Buffer;
    const existing = await readSigned(db, name.name);
    if (existing?.equals(bytes) === true) continue;
    if (name.version === null) await replaceTimestamp(db, name.name, bytes, existing);
    else {
      const newest = highest.get(name.role) ?? 0;
      if (existing !== null || name.version < newest) throw conflict(name.name);
      if (name.role !== "root" && newest > 0) {
        const outdated = `${newest}.${name.role}.json`;
        await db.updateTable("signed_files").set({ is_current: 0 }).where("name", "=", outdated).execute();
      }
      await db.insertInto("signed_files").values({ name: name.name, bytes }).execute();
      raise(highest, name);
    }
  }
}

async function replaceTimestamp(
  db: Transaction<Schema>,
  name: string,
  bytes: Buffer,
  existing: Buffer | null,
): Promise<void> {
  if (existing !== null && versionInside(bytes) <= versionInside(existing)) throw conflict(name);
  await db
    .insertInto("signed_files")
    .values({ name, bytes })
    .onConflict((clash) => clash.column("name").doUpdateSet({ bytes }))
    .execute();
}

function parseName(name: string): SignedName {
  if (name === "timestamp.json") return { name, role: "timestamp", version: null };
  const [, version, role] = /^([1-9]\d*)\.(.+)\.json$/.exec(name) ?? [];
  assert(version !== undefined && role !== undefined, `${name} is no name of signed metadata`);
  return { name, role, version: Number(version) };
}

function raise(highest: Map<string, number>, { role, version }: SignedName): void {
  if (version !== null) highest.set(role, Math.max(version, highest.get(role) ?? 0));
}

/** Of our own signing, so anything else than a version in it is a bug. */
function versionInside(bytes: Buffer): number {
  const { signed } = JSON.parse(bytes.toString()) as { signed?: { version?: unknown } };
  assert(typeof signed?.version === "number", "a timestamp has a version");
  return signed.version;
}

function conflict(name: string): CatalogueError {
  return new CatalogueError(
    "catalogue.conflict",
    `${name} was signed over metadata that is no longer the newest. Read it again and sign again.`,
    { retryable: true },
  );
}

/** node:sqlite gives plain bytes; the memory stays the same. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
