import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseInfoHash, parseInfoHashV2, systemClock } from "../../core/index.ts";
import type { ReleaseRef } from "../domain.ts";
import { reconcilePayloads } from "../payloads/payload-reconciliation.ts";
import { publishRelease } from "../publishing/publish-release.ts";
import type { ReleaseDraft } from "../publishing/release-draft.ts";
import {
  details,
  openOrigin,
  sign,
  signNext,
  temporaryFolder,
  type SampleOrigin,
} from "../publishing/sample-origin.test.ts";
import { backUp } from "./back-up.ts";
import { restoreBackup } from "./restore-backup.ts";

const options = { offlineKeys: false, clock: systemClock };

interface World extends AsyncDisposable {
  readonly origin: SampleOrigin;
  /** Not there yet. */
  readonly target: string;
  readonly restored: string;
}

async function openWorld(): Promise<World> {
  const folder = await temporaryFolder();
  const data = join(folder.path, "data");
  await mkdir(join(data, "keys"), { recursive: true });
  await mkdir(join(data, "offline-keys"));
  await writeFile(join(data, "origin.json"), "{}");
  await writeFile(join(data, "keys", "online.json"), "online", { mode: 0o600 });
  await writeFile(join(data, "offline-keys", "root.json"), "root");
  const origin = await openOrigin(data);
  const close = async (): Promise<void> => {
    await origin[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  const [target, restored] = [join(folder.path, "backup"), join(folder.path, "restored")];
  return { origin, target, restored, [Symbol.asyncDispose]: close };
}

function draftOf(number: number): ReleaseDraft {
  const digits = number.toString(16).padStart(8, "0");
  return {
    ...details(`1.${number}`),
    name: "update",
    kind: "folder",
    fileCount: 3,
    lengthBytes: 3,
    pieceLengthBytes: 65_536,
    sha256: null,
    sha1: null,
    infoHashV1: parseInfoHash(digits.padEnd(40, "0")),
    infoHashV2: parseInfoHashV2(digits.padEnd(64, "1")),
    infoHashTwin: parseInfoHash(digits.padEnd(40, "2")),
    vendor: null,
  };
}

async function publishNumber(origin: SampleOrigin, number: number): Promise<void> {
  await using staged = await origin.payloads.stage();
  const root = join(staged.folder, "update");
  await mkdir(join(root, "sub"), { recursive: true });
  for (const file of ["a", "b", "sub/c"]) await writeFile(join(root, file), `${number} ${file}`);
  await publishRelease(origin, { draft: draftOf(number), metainfo: Buffer.from(`${number}`), staged, sign });
}

async function move(origin: SampleOrigin, ref: ReleaseRef, to: "quarantine" | "payloads"): Promise<void> {
  const signed = signNext(await origin.catalogue.currentlySigned());
  const none = { demandedBy: null, vendorUrl: null, replacedBy: null, caseId: null };
  if (to === "payloads") await origin.catalogue.restore(ref, signed);
  else await origin.catalogue.withdraw(ref, { kind: "recall", at: 1, reason: "Broken.", ...none }, signed);
  await origin.payloads[to === "payloads" ? "restore" : "quarantine"](ref);
}

/** Every release with its whole payload, in the place where it belongs. Returns how many there are. */
async function checkWhole(folder: string): Promise<number> {
  await using origin = await openOrigin(folder);
  const result = await reconcilePayloads(origin.payloads, origin.catalogue);
  assert.deepEqual(result, { quarantined: [], restored: [], removed: [], missing: [] });
  const releases = await origin.catalogue.releases("update");
  for (const release of releases) {
    if (release.withdrawal !== null) await origin.payloads.restore(release);
    const path = await origin.payloads.artifactPath(release, "update");
    assert.ok(path !== null, release.version);
    for (const file of ["a", "b", "sub/c"]) {
      assert.equal(await readFile(join(path, file), "utf8"), `${release.sequence} ${file}`);
    }
    assert.deepEqual(await origin.catalogue.metainfo(release), Buffer.from(`${release.sequence}`));
  }
  return releases.length;
}

test("a backup that is made while releases come, go and come back restores to a whole origin", async () => {
  await using world = await openWorld();
  const { origin, target, restored } = world;
  for (let number = 1; number <= 20; number++) await publishNumber(origin, number);
  const stop = new AbortController();
  const bustle = async (): Promise<number> => {
    let number = 20;
    while (!stop.signal.aborted) {
      await publishNumber(origin, ++number);
      for (const to of ["quarantine", "payloads"] as const) await move(origin, details(`1.${1 + (number % 20)}`), to);
    }
    return number;
  };
  const bustling = bustle();
  let count = 0;
  for (let round = 0; round < 3; round++) {
    const manifest = await backUp(origin.folder, target, options);
    assert.deepEqual(manifest.missing, []);
    await restoreBackup(target, restored);
    const restoredCount = await checkWhole(restored);
    assert.equal(restoredCount, manifest.releaseCount);
    assert.ok(restoredCount >= Math.max(20, count), "nothing is lost from one backup to the next");
    count = restoredCount;
    for (const folder of [target, restored]) await rm(folder, { recursive: true });
  }
  stop.abort();
  assert.ok((await bustling) > 21, "something went on meanwhile");
});

test("a backup has configuration and online key, and the offline keys only where asked", async () => {
  await using world = await openWorld();
  await backUp(world.origin.folder, world.target, options);
  assert.equal(await readFile(join(world.target, "keys/online.json"), "utf8"), "online");
  assert.equal((await stat(join(world.target, "keys/online.json"))).mode & 0o777, 0o600);
  await assert.rejects(stat(join(world.target, "offline-keys")), { code: "ENOENT" });
  await backUp(world.origin.folder, `${world.target}-2`, { ...options, offlineKeys: true });
  await restoreBackup(`${world.target}-2`, world.restored);
  assert.equal(await readFile(join(world.restored, "offline-keys/root.json"), "utf8"), "root");
});

test("a backup on the same disk takes no room for payloads, or has its own bytes where asked", async () => {
  await using world = await openWorld();
  await publishNumber(world.origin, 1);
  const path = "payloads/update/1.1/update/a";
  const { ino } = await stat(join(world.origin.folder, path));
  await backUp(world.origin.folder, world.target, options);
  await backUp(world.origin.folder, `${world.target}-2`, { ...options, payloads: "copy" });
  await restoreBackup(world.target, world.restored);
  assert.equal((await stat(join(world.target, path))).ino, ino);
  assert.notEqual((await stat(join(`${world.target}-2`, path))).ino, ino);
  assert.notEqual((await stat(join(world.restored, path))).ino, ino);
});

test("a withdrawn release is restored into quarantine, and what was purged is not missed", async () => {
  await using world = await openWorld();
  for (const number of [1, 2, 3]) await publishNumber(world.origin, number);
  for (const number of [1, 2]) await move(world.origin, details(`1.${number}`), "quarantine");
  await world.origin.payloads.purge(details("1.2"));
  await rm(join(world.origin.folder, "payloads/update/1.3"), { recursive: true });
  const { missing, releaseCount } = await backUp(world.origin.folder, world.target, options);
  assert.deepEqual([missing, releaseCount], [[{ product: "update", version: "1.3" }], 3]);
  await restoreBackup(world.target, world.restored);
  assert.deepEqual(await readdir(join(world.restored, "quarantine/update")), ["1.1"]);
});

test("backUp() and restoreBackup() write into no folder that holds something", async () => {
  await using world = await openWorld();
  await backUp(world.origin.folder, world.target, options);
  await assert.rejects(backUp(world.origin.folder, world.target, options), { code: "backup.not-empty" });
  await assert.rejects(restoreBackup(world.target, world.origin.folder), { code: "backup.not-empty" });
  await assert.rejects(backUp(world.restored, `${world.target}-2`, options), { code: "backup.no-origin" });
});

test("restoreBackup() refuses a backup that broke off, is newer or is damaged, and leaves no origin", async () => {
  await using world = await openWorld();
  await publishNumber(world.origin, 1);
  const stop = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(backUp(world.origin.folder, world.target, { ...options, signal: stop }), /stopped/);
  await assert.rejects(restoreBackup(world.target, world.restored), { code: "backup.incomplete" });
  const second = `${world.target}-2`;
  await backUp(world.origin.folder, second, options);
  const database = join(second, "origin.sqlite");
  await writeFile(database, "x".repeat(4096));
  await assert.rejects(restoreBackup(second, world.restored), { code: "backup.damaged" });
  await assert.rejects(stat(join(world.restored, "origin.json")), { code: "ENOENT" });
  await writeFile(join(second, "backup.json"), '{"format":2}');
  await assert.rejects(restoreBackup(second, `${world.restored}-2`), { code: "backup.version" });
});
