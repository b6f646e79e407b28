// The process that publishes is killed (SIGKILL) again and again. This file is its own victim: with a data folder as
// argument it publishes one release after the other and names each on stdout when it was acknowledged.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseInfoHash, parseInfoHashV2, seededRandom } from "../../core/index.ts";
import { runAndKill } from "../killed-process.test.ts";
import { reconcilePayloads } from "../payloads/payload-reconciliation.ts";
import { publishRelease } from "./publish-release.ts";
import type { ReleaseDraft } from "./release-draft.ts";
import { details, openOrigin, sign, temporaryFolder } from "./sample-origin.test.ts";

const ROUNDS = 6;
const FILES = 5;

function draftOf(number: number): ReleaseDraft {
  const digits = number.toString(16);
  return {
    ...details(`1.${number}`),
    name: "update",
    kind: "folder",
    fileCount: FILES,
    lengthBytes: number,
    pieceLengthBytes: 65_536,
    sha256: null,
    sha1: null,
    infoHashV1: parseInfoHash(digits.padStart(40, "0")),
    infoHashV2: parseInfoHashV2(digits.padStart(8, "0").padEnd(64, "0")),
    infoHashTwin: parseInfoHash(digits.padStart(40, "f")),
    vendor: null,
  };
}

function textOf(number: number, file: number): string {
  return `${number}/${file} `.repeat(2000);
}

async function publishUntilKilled(folder: string): Promise<void> {
  await using origin = await openOrigin(folder);
  const [newest] = await origin.catalogue.releases("update");
  for (let number = (newest?.sequence ?? 0) + 1; ; number++) {
    await using staged = await origin.payloads.stage();
    const root = join(staged.folder, "update");
    await mkdir(root);
    for (let file = 0; file < FILES; file++) await writeFile(join(root, `${file}`), textOf(number, file));
    await publishRelease(origin, { draft: draftOf(number), metainfo: Buffer.from(`${number}`), staged, sign });
    process.stdout.write(`${number}\n`);
  }
}

/** Every release has its whole payload, and every payload its release. Returns how many there are. */
async function checkWhole(folder: string): Promise<number> {
  await using origin = await openOrigin(folder);
  const { missing, quarantined, restored, removed } = await reconcilePayloads(origin.payloads, origin.catalogue);
  assert.deepEqual([missing, quarantined, restored], [[], [], []]);
  assert.ok(removed.length <= 1, "at most what the last one was at");
  const releases = await origin.catalogue.releases("update");
  assert.equal((await origin.payloads.list("payloads")).length, releases.length);
  for (const release of releases) {
    const path = await origin.payloads.artifactPath(release, "update");
    assert.ok(path !== null);
    for (let file = 0; file < FILES; file++) {
      assert.equal(await readFile(join(path, `${file}`), "utf8"), textOf(release.sequence, file));
    }
  }
  return releases.length;
}

if (process.argv[2] === undefined) {
  test("whatever was published has its payload and its metadata, however often the publisher is killed", async () => {
    await using folder = await temporaryFolder();
    const random = seededRandom(2026);
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await runAndKill(import.meta.filename, folder.path, 1 + random.int(12));
      const count = await checkWhole(folder.path);
      assert.ok(acknowledged > 0 && count >= acknowledged, `${acknowledged} were acknowledged, ${count} are there`);
    }
  });
} else {
  await publishUntilKilled(process.argv[2]);
}
