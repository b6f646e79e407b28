// The resume file of an interrupted download, spoiled in every way that a disk, a person or another program may: the next
// `get` says so where it can tell, hashes what is there, takes nothing bad for good and completes.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import { seededRandom } from "../../src/core/index.ts";
import { noise, scratchFolder, treeOf } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult, Upswarm } from "../processes/upswarm.ts";

const LENGTH_BYTES = 3_000_000;

const root = scratchFolder();
const file = join(root, "release.torrent");
const interrupted = join(root, "interrupted");
let tree: Readonly<Record<string, string>>;
let foreign: Buffer;
let seeding: Upswarm;
let peer: string;

/** What a download that was killed in the middle left in `folder`. */
async function interrupt(torrent: string, payload: string, folder: string): Promise<void> {
  const slow = await seed(torrent, payload, "--max-upload", "1500kB/s");
  await using _slow = slow.child;
  await using getting = get(torrent, folder, "--peer", slow.peer);
  await getting.progress(({ doneBytes }) => doneBytes > LENGTH_BYTES / 3);
  getting.kill("SIGKILL");
  await getting.ended;
}

function journalIn(folder: string): string {
  return join(folder, "release.part.journal");
}

before(async () => {
  const payload = join(root, "release");
  mkdirSync(payload);
  for (const name of ["a", "b", "c"]) writeFileSync(join(payload, name), noise(LENGTH_BYTES / 3, name.charCodeAt(0)));
  tree = treeOf(payload);
  await create(payload, file, "--piece-length", "32KiB");
  await interrupt(file, payload, interrupted);
  const other = join(root, "other.torrent");
  await create(payload, other, "--piece-length", "64KiB");
  await interrupt(other, payload, join(root, "foreign"));
  foreign = readFileSync(journalIn(join(root, "foreign")));
  ({ child: seeding, peer } = await seed(file, payload));
});

after(async () => await seeding[Symbol.asyncDispose]());

async function resume(t: { diagnostic(text: string): void }, journal: Buffer): Promise<{ err: string; local: number }> {
  const folder = mkdtempSync(join(root, "resumed-"));
  cpSync(interrupted, folder, { recursive: true, preserveTimestamps: true });
  writeFileSync(journalIn(folder), journal);
  const ended = await upswarm(["get", file, "-o", folder, "--peer", peer, "--listen", "127.0.0.1:0", "--json"]);
  assert.equal(ended.code, 0, ended.err);
  const { bytes } = JSON.parse(ended.out) as GetResult;
  assert.deepEqual(treeOf(join(folder, "release")), tree);
  assert.deepEqual(readdirSync(folder), ["release"]);
  assert.equal(bytes.local + bytes.sitePeers, LENGTH_BYTES);
  t.diagnostic(`${bytes.local} bytes were there`);
  return { err: ended.err, local: bytes.local };
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x10, at);
  return copy;
}

const spoilt: Readonly<Record<string, readonly [(bytes: Buffer) => Buffer, message: RegExp | null]>> = {
  "is cut off after its first line": [(bytes) => bytes.subarray(0, bytes.indexOf(10) + 1), null],
  "is empty": [() => Buffer.alloc(0), /resume file is damaged/],
  "is cut off within its first line": [(bytes) => bytes.subarray(0, 40), /resume file is damaged/],
  "is cut off in the middle": [(bytes) => bytes.subarray(0, bytes.length >> 1), null],
  "has a flipped bit in its first line": [(bytes) => flipped(bytes, 60), /resume file is damaged/],
  "is noise": [(bytes) => noise(bytes.length, 7), /resume file is damaged/],
  "is of another torrent of the same files": [() => foreign, /resume file is of another torrent/],
  "is of a newer version": [
    (bytes) => Buffer.from(bytes.toString("latin1").replace("upswarm-journal 1", "upswarm-journal 2"), "latin1"),
    /resume file is of another version/,
  ],
  "has the right beginning and then another's records": [
    (bytes) => Buffer.concat([bytes.subarray(0, bytes.indexOf(10) + 1), foreign.subarray(foreign.indexOf(10) + 1)]),
    null,
  ],
};

for (const [what, [spoil, message]] of Object.entries(spoilt)) {
  test(`a resume file that ${what} costs hashing and no more`, async (t) => {
    const { err, local } = await resume(t, spoil(readFileSync(journalIn(interrupted))));
    if (message !== null) assert.match(err, message);
    assert.ok(local > LENGTH_BYTES / 4, `${local} bytes were found again by hashing`);
  });
}

test("a resume file with bits flipped at random costs hashing and no more", async (t) => {
  const seedNumber = Number(process.env["UPSWARM_TEST_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`UPSWARM_TEST_SEED=${seedNumber}`);
  const random = seededRandom(seedNumber);
  const whole = readFileSync(journalIn(interrupted));
  for (let round = 0; round < 5; round++) {
    let journal: Buffer = whole;
    for (let flips = 0; flips <= round * 10; flips++) journal = flipped(journal, random.int(journal.length));
    await resume(t, journal);
  }
});
