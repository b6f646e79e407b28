// Places that cannot be written: a file system that turns read-only in the middle of a download, one that was so before, and
// a folder that belongs to somebody else.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise, scratchFolder, sha256 } from "../processes/payloads.ts";
import { create, get, seed, Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { FragileDisk, noFragileDisk, noSmallDisk, SmallDisk } from "./small-disk.ts";

const MIB = 1 << 20;
const root = scratchFolder();
const payload = join(root, "update.bin");
const file = join(root, "update.torrent");
writeFileSync(payload, noise(8 * MIB));
await create(payload, file, "--piece-length", "64KiB");

/** Nobody, as Debian has it. */
const NOBODY = "65534";

/** Words of a command, to be run as nobody. */
const asNobody = (argv: readonly string[]): readonly string[] => [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "env",
  "HOME=/",
  ...argv,
];

async function failureOf(child: Upswarm): Promise<{ code: string; message: string }> {
  assert.equal(await child.end(), 1, child.err);
  return (JSON.parse(child.lines.join("")) as { error: { code: string; message: string } }).error;
}

test(
  "get on a file system that turns read-only ends, and goes on from there once it is repaired",
  { skip: noFragileDisk() },
  async () => {
    using disk = new FragileDisk(24 * MIB);
    const { child: seeding, peer } = await seed(file, payload, "--max-upload", "4MB/s");
    await using _seeding = seeding;
    let keptBytes = 0;
    {
      await using getting = get(file, disk.path, "--peer", peer);
      const reached = await getting.progress(({ phase, doneBytes }) => phase === "downloading" && doneBytes > MIB);
      keptBytes = reached.doneBytes;
      // As the system does by itself every few seconds. What came later may be lost with the file system's error.
      disk.sync();
      disk.break();
      assert.ok(disk.isReadOnly);
      const { code, message } = await failureOf(getting);
      assert.equal(code, "storage.permission");
      assert.match(message, /^The file system is read-only: /);
      assert.ok(message.includes(disk.path), message);
    }
    assert.equal(existsSync(join(disk.path, "update.bin")), false);
    {
      await using getting = get(file, disk.path, "--peer", peer);
      const { message } = await failureOf(getting);
      assert.match(message, /^The file system is read-only: /);
    }
    disk.repair();
    await using getting = get(file, disk.path, "--peer", peer);
    const { path, bytes } = await getting.result<GetResult>();
    assert.equal(sha256(path), sha256(payload));
    assert.ok(bytes.local >= keptBytes, `${keptBytes} were there, ${bytes.local} were kept`);
    assert.deepEqual(readdirSync(disk.path).toSorted(), ["lost+found", "update.bin"]);
  },
);

test("get and create into a read-only file system say so", { skip: noSmallDisk }, async () => {
  using disk = new SmallDisk(16 * MIB);
  disk.setReadOnly(true);
  await using getting = get(file, disk.path);
  const got = await failureOf(getting);
  assert.equal(got.code, "storage.permission");
  assert.match(got.message, /^The file system is read-only: /);
  await using creating = new Upswarm(["create", payload, "-o", join(disk.path, "a.torrent")]);
  const created = await failureOf(creating);
  assert.equal(created.code, "cli.write");
  assert.match(created.message, /a\.torrent cannot be written: the file system is read-only\.$/);
});

test(
  "get and create into a folder of somebody else say so",
  { skip: process.getuid?.() !== 0 && "not root: nobody else to be" },
  async () => {
    // Reachable for everybody, and writable for its owner alone.
    chmodSync(root, 0o755);
    const folder = join(root, "closed");
    mkdirSync(folder, { mode: 0o755 });
    await using getting = new Upswarm(["get", file, "-o", folder, "--listen", "127.0.0.1:0"], asNobody);
    const got = await failureOf(getting);
    assert.equal(got.code, "storage.permission");
    assert.match(got.message, /^Permission denied: /);
    assert.ok(got.message.includes(folder), got.message);
    await using creating = new Upswarm(["create", payload, "-o", join(folder, "a.torrent")], asNobody);
    const created = await failureOf(creating);
    assert.equal(created.code, "cli.write");
    assert.match(created.message, /a\.torrent cannot be written: permission is denied\.$/);
    assert.deepEqual(readdirSync(folder), []);
  },
);
