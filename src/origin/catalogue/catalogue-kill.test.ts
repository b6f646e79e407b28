// The process that publishes is killed (SIGKILL) again and again. This file is its own victim: with a database's path as
// argument it publishes one release after the other and names each on stdout when it was acknowledged.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { parseInfoHash, parseInfoHashV2, seededRandom } from "../../core/index.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Release } from "../domain.ts";
import { runAndKill } from "../killed-process.test.ts";
import type { SignedFiles } from "./catalogue.ts";
import { SqliteCatalogue } from "./sqlite-catalogue.ts";

const ROUNDS = 8;
const PRODUCT = "product";

function numbered(sequence: number): Release {
  const digits = sequence.toString(16);
  return {
    product: PRODUCT,
    version: `1.${sequence}`,
    channel: "stable",
    sequence,
    name: "update.bin",
    kind: "file",
    fileCount: 1,
    lengthBytes: sequence,
    pieceLengthBytes: 65_536,
    sha256: null,
    sha1: null,
    infoHashV1: parseInfoHash(digits.padStart(40, "0")),
    infoHashV2: parseInfoHashV2(digits.padStart(64, "0")),
    infoHashTwin: parseInfoHash(digits.padStart(40, "f")),
    vendor: null,
    notes: null,
    publishedAt: sequence,
    withdrawal: null,
  };
}

/** Long enough to take several pages, and not all of one sort. */
function metainfoOf(sequence: number): Buffer {
  return Buffer.alloc(20_000 + sequence, `metainfo ${sequence} `);
}

function signedOf(version: number): SignedFiles {
  return new Map(
    ["targets", "snapshot", "timestamp"].map((role) => [
      role === "timestamp" ? "timestamp.json" : `${version}.${role}.json`,
      Buffer.from(JSON.stringify({ signed: { version }, padding: "x".repeat(version * 50) })),
    ]),
  );
}

async function publishUntilKilled(path: string): Promise<void> {
  await using database = await openDatabase(path);
  const catalogue = new SqliteCatalogue(database);
  for (let sequence = (await catalogue.releases(PRODUCT)).length + 1; ; sequence++) {
    await catalogue.publish({ release: numbered(sequence), metainfo: metainfoOf(sequence) }, signedOf(sequence));
    process.stdout.write(`${sequence}\n`);
  }
}

/** Every release is whole, and what is signed is as far as the releases are. Returns how many there are. */
async function checkWhole(path: string): Promise<number> {
  {
    using raw = new DatabaseSync(path);
    assert.deepEqual(Object.values(raw.prepare("PRAGMA integrity_check").get() ?? {}), ["ok"]);
  }
  await using database = await openDatabase(path);
  const catalogue = new SqliteCatalogue(database);
  const releases = (await catalogue.releases(PRODUCT)).toReversed();
  for (const [index, release] of releases.entries()) {
    assert.deepEqual(release, numbered(index + 1));
    assert.deepEqual(await catalogue.metainfo(release), metainfoOf(index + 1));
    for (const [name, bytes] of signedOf(index + 1)) {
      if (name !== "timestamp.json") assert.deepEqual(await catalogue.signedFile(name), bytes, name);
    }
  }
  assert.deepEqual(await catalogue.currentlySigned(), signedOf(releases.length));
  return releases.length;
}

if (process.argv[2] === undefined) {
  test("publishes that were acknowledged survive kills at any moment, and there are no half ones", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "upswarm-kill-"));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, "origin.db");
    const random = seededRandom(2004);
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await runAndKill(import.meta.filename, path, 1 + random.int(25));
      const count = await checkWhole(path);
      assert(acknowledged > 0 && count >= acknowledged, `${acknowledged} were acknowledged, ${count} are there`);
    }
  });
} else {
  await publishUntilKilled(process.argv[2]);
}
