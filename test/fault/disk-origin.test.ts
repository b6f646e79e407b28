// The origin's data folder on a disk that is full or read-only: a publish is there whole or not at all, the message says what
// to do, what runs goes on serving, and with room again the same command succeeds.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import type { Ended } from "../../src/cli/fake-process.test.ts";
import { systemClock } from "../../src/core/index.ts";
import { createOrigin } from "../../src/origin/index.ts";
import { PASSPHRASE, serve } from "../origin/whole-origin.ts";
import type { OriginPlace } from "../origin/whole-origin.ts";
import { freePort } from "../processes/free-port.ts";
import { noise, scratchFolder } from "../processes/payloads.ts";
import { noSmallDisk, SmallDisk } from "./small-disk.ts";

const MIB = 1 << 20;
const skip = noSmallDisk;
const root = scratchFolder();
const payload = join(root, "update.bin");
const bytes = noise(100_000);
writeFileSync(payload, bytes);
const passphrase = join(root, "passphrase");
writeFileSync(passphrase, PASSPHRASE);

async function originOn(disk: SmallDisk): Promise<OriginPlace> {
  const ports = { http: await freePort(), tracker: await freePort() };
  const url = `http://127.0.0.1:${ports.http}`;
  const trackers = [`http://127.0.0.1:${ports.tracker}/announce`];
  const config = { title: "Updates", publicUrl: url, trackers, agent: null, mail: null, trustedProxies: [] };
  const path = join(disk.path, "origin");
  await createOrigin({ path, config, passphrase: PASSPHRASE, clock: systemClock });
  return { path, url, config, ports };
}

function publish({ path }: OriginPlace, version: string, from = payload): Promise<Ended> {
  const options = ["--product", "update", "--version", version, "--data", path, "--passphrase-file", passphrase];
  return upswarm(["publish", from, ...options, "--json"]);
}

/** Exit code 1, a code of the disk, a sentence that names a path there and says what to do. */
function checkFull({ code, out }: Ended, disk: SmallDisk): string {
  const { error } = JSON.parse(out) as { error: { code: string; message: string } };
  assert.equal(code, 1, out);
  assert.match(error.message, /Free some space.* and try again: /, out);
  assert.ok(error.message.includes(disk.path), out);
  return error.code;
}

test(
  "a publish that the disk has no room for changes nothing, wherever it ran out, and succeeds later",
  { skip },
  async () => {
    using disk = new SmallDisk(4 * MIB);
    const origin = await originOn(disk);
    const codes = new Set<string>();
    for (const leftBytes of [0, 65_536, 163_840]) {
      const empty = disk.fill(leftBytes);
      codes.add(checkFull(await publish(origin, "1"), disk));
      empty();
      const found = readdirSync(origin.path, { recursive: true, encoding: "utf8" });
      assert.deepEqual(
        found.filter((at) => at.endsWith("update.bin")),
        [],
        "neither staged nor kept",
      );
    }
    assert.deepEqual([...codes], ["database.io", "storage.disk-full", "catalogue.store"], "each of them ran out");
    assert.match((await publish(origin, "1")).out, /"outcome":"published"/);
    assert.match((await publish(origin, "1")).out, /"outcome":"same"/);
  },
);

test(
  "an origin whose disk is full serves what it has; with room again it publishes, and withdraws",
  { skip },
  async () => {
    using disk = new SmallDisk(8 * MIB);
    const origin = await originOn(disk);
    await using _serving = await serve(origin);
    assert.match((await publish(origin, "1")).out, /"outcome":"published"/);
    const other = join(root, "other.bin");
    writeFileSync(other, noise(100_000, 2));
    const empty = disk.fill(0);
    const withdrawal = ["withdraw", "update", "1", "--reason", "It is broken.", "--data", origin.path, "--json"];
    checkFull(await publish(origin, "2", other), disk);
    const refused = await upswarm(withdrawal);
    assert.equal(refused.code, 1, refused.out + refused.err);
    checkFull(refused, disk);
    await checkServed(origin, "full");
    empty();
    assert.match((await publish(origin, "2", other)).out, /"outcome":"published"/);
    await checkServed(origin, "again");
    const withdrawn = await upswarm(withdrawal);
    assert.equal(withdrawn.code, 0, withdrawn.out);
  },
);

/** The page, the file, and a download by the tracker's first seed. */
async function checkServed({ url }: OriginPlace, name: string): Promise<void> {
  assert.equal((await fetch(`${url}/update/1`)).status, 200);
  const file = await fetch(`${url}/files/update/1/update.bin`);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), bytes);
  const folder = join(root, name);
  mkdirSync(folder);
  const got = await upswarm(["get", `${url}/update/1`, "-o", folder, "--listen", "127.0.0.1:0", "--json"], {
    env: { HOME: root },
  });
  assert.equal(got.code, 0, got.out);
}

test(
  "serve and publish on a data folder that is read-only say so, and work when it no longer is",
  { skip },
  async () => {
    using disk = new SmallDisk(4 * MIB);
    const origin = await originOn(disk);
    disk.setReadOnly(true);
    for (const ended of [await upswarm(["serve", "--data", origin.path, "--json"]), await publish(origin, "1")]) {
      const { error } = JSON.parse(ended.out) as { error: { code: string; message: string } };
      assert.equal(ended.code, 1, ended.out);
      assert.match(error.message, /read-only: /);
      assert.ok(error.message.includes(disk.path), error.message);
    }
    disk.setReadOnly(false);
    await using _serving = await serve(origin);
    assert.match((await publish(origin, "1")).out, /"outcome":"published"/);
  },
);
