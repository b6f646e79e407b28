// Disks that are full, before or in the middle of it, through the command line: exit code 1, a sentence that names the place
// and says what to do, nothing lost, and the same command finishes when there is room.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import { noise, scratchFolder, sha256 } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult, Upswarm } from "../processes/upswarm.ts";
import { noSmallDisk, SmallDisk } from "./small-disk.ts";

const MIB = 1 << 20;
const skip = noSmallDisk;

const root = scratchFolder();
const payload = join(root, "update.bin");
const file = join(root, "update.torrent");
writeFileSync(payload, noise(8 * MIB));

interface Failure {
  readonly code: string;
  readonly message: string;
}

async function failureOf(child: Upswarm): Promise<Failure> {
  assert.equal(await child.end(), 1, child.err);
  return (JSON.parse(child.lines.join("")) as { error: Failure }).error;
}

test("get refuses a download that does not fit, says how much is needed, and makes nothing", { skip }, async () => {
  using disk = new SmallDisk(4 * MIB);
  await create(payload, file);
  const { child, peer } = await seed(file, payload);
  await using _seeding = child;
  {
    await using getting = get(file, disk.path, "--peer", peer);
    const { code, message } = await failureOf(getting);
    assert.equal(code, "storage.disk-full");
    assert.match(
      message,
      /^The download needs 8388608 bytes more, but only \d+ are free\. Free some space and try again: /,
    );
    assert.ok(message.includes(disk.path), message);
  }
  assert.deepEqual(readdirSync(disk.path), []);
  disk.resize(16 * MIB);
  await using getting = get(file, disk.path, "--peer", peer);
  const { path } = await getting.result<GetResult>();
  assert.equal(sha256(path), sha256(payload));
});

test("get on a disk that fills up keeps what it has, and goes on from there when there is room", { skip }, async () => {
  using disk = new SmallDisk(12 * MIB);
  await create(payload, file, "--piece-length", "64KiB");
  const { child: seeding, peer } = await seed(file, payload, "--max-upload", "8MB/s");
  await using _seeding = seeding;
  let keptBytes = 0;
  {
    await using getting = get(file, disk.path, "--peer", peer);
    await getting.progress(({ phase, doneBytes }) => phase === "downloading" && doneBytes > MIB);
    disk.fill(0);
    const { code, message } = await failureOf(getting);
    assert.equal(code, "storage.disk-full");
    assert.match(message, /^The disk is full\. Free some space and try again: /);
    assert.ok(message.includes(join(disk.path, "update.bin.part")), message);
    const samples = getting.err.matchAll(/"phase":"downloading","doneBytes":(\d+)/g);
    for (const [, doneBytes] of samples) keptBytes = Math.max(keptBytes, Number(doneBytes));
  }
  assert.equal(existsSync(join(disk.path, "update.bin")), false, "what is not whole has not the final name");
  // Full as it is, it cannot even begin anew, and says so.
  {
    await using getting = get(file, disk.path, "--peer", peer);
    assert.equal((await failureOf(getting)).code, "storage.disk-full");
  }
  disk.resize(24 * MIB);
  await using getting = get(file, disk.path, "--peer", peer);
  const { path, bytes } = await getting.result<GetResult>();
  assert.equal(sha256(path), sha256(payload));
  assert.ok(keptBytes >= MIB && bytes.local >= keptBytes, `${keptBytes} were verified, ${bytes.local} kept`);
  assert.deepEqual(readdirSync(disk.path).toSorted(), ["somebody-else's", "update.bin"]);
});

test("create on a full disk leaves no half torrent, and neither of its twin", { skip }, async () => {
  using disk = new SmallDisk(MIB);
  const [output, twin] = [join(disk.path, "a.torrent"), join(disk.path, "b.torrent")];
  // Some MiB of hashes would not be small: many small pieces are.
  const argv = ["create", payload, "-o", output, "--twin", twin, "--piece-length", "16KiB", "--json"];
  const leftovers: string[] = [];
  for (const leftBytes of [0, 16_384, 32_768]) {
    const empty = disk.fill(leftBytes);
    const { code, out } = await upswarm(argv);
    const { error } = JSON.parse(out) as { error?: Failure };
    assert.equal(code, 1, `${leftBytes}: ${out}`);
    assert.equal(error?.code, "cli.write");
    assert.match(error.message, /torrent cannot be written: the disk is full\. Free some space and try again\.$/);
    empty();
    leftovers.push(...readdirSync(disk.path));
    if (existsSync(output)) assert.equal((await upswarm(["inspect", output])).code, 0, "what is there is whole");
  }
  assert.equal((await upswarm(argv)).code, 0);
  assert.deepEqual(readdirSync(disk.path).toSorted(), ["a.torrent", "b.torrent"]);
  assert.ok(!leftovers.includes("b.torrent") && leftovers.every((name) => name === "a.torrent"), String(leftovers));
});

test("seed writes nothing: a full disk that is read-only too serves all the same", { skip }, async () => {
  using disk = new SmallDisk(10 * MIB);
  const path = join(disk.path, "update.bin");
  writeFileSync(path, readFileSync(payload));
  await create(payload, file);
  disk.fill(0);
  disk.setReadOnly(true);
  const { child, peer } = await seed(file, path);
  await using _seeding = child;
  const received = join(root, "received");
  mkdirSync(received);
  await using getting = get(file, received, "--peer", peer);
  assert.equal(sha256((await getting.result<GetResult>()).path), sha256(payload));
});
