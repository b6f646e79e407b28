// The contract of the payload store, for the one in a folder, and what only a folder can suffer.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { STAGING_LEFTOVER_MS, systemClock } from "../../src/core/index.ts";
import { FolderPayloadStore } from "../../src/origin/payloads/folder-payload-store.ts";
import { reconcilePayloads } from "../../src/origin/payloads/payload-reconciliation.ts";
import { keepFiles, payloadStoreContract, ref, stageFiles, textOf, type PayloadPlace } from "./payload-store.ts";
import { sampleRelease, sampleWithdrawal } from "./sample-release.ts";

interface Folder extends PayloadPlace {
  readonly folder: string;
  open(): Promise<FolderPayloadStore>;
}

async function makePlace(): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-payloads-"));
  return {
    folder,
    open: () => FolderPayloadStore.open(folder, systemClock),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

for (const [what, run] of Object.entries(payloadStoreContract)) {
  test(`FolderPayloadStore: ${what}`, async () => {
    await using place = await makePlace();
    await run(place);
  });
}

test("openFile() follows links within the release and none that lead out, and waits for no FIFO", async () => {
  await using place = await makePlace();
  const store = await place.open();
  await writeFile(join(place.folder, "secret"), "key");
  await using staged = await stageFiles(store, "update", { "a.txt": "a", "sub/b.txt": "b" });
  const inside = (path: string): string => join(staged.folder, "update", path);
  await symlink("a.txt", inside("link"));
  await symlink("sub", inside("folder-link"));
  await symlink("link-to-itself", inside("link-to-itself"));
  await symlink("../../../../secret", inside("out"));
  await symlink(place.folder, inside("absolute"));
  await symlink("../../24.1.0-rc", inside("sibling"));
  execFileSync("mkfifo", [inside("fifo")]);
  await store.keep(staged, ref, "update");
  await keepFiles(store, { ...ref, version: "24.1.0-rc" }, { "": "sibling" });
  assert.equal(await textOf(store, ref, "update", "link"), "a");
  assert.equal(await textOf(store, ref, "update", "folder-link", "b.txt"), "b");
  for (const path of [["link-to-itself"], ["out"], ["absolute", "secret"], ["sibling", "update"], ["fifo"]]) {
    assert.equal(await textOf(store, ref, "update", ...path), null, path.join("/"));
  }
});

test("open() removes what a process that is gone left in staging, and nothing of one that is there", async () => {
  await using place = await makePlace();
  const staging = join(place.folder, "staging");
  // A day ahead: whoever is still writing is not judged by the clock.
  const open = (): Promise<FolderPayloadStore> =>
    FolderPayloadStore.open(place.folder, { ...systemClock, wallMs: () => Date.now() + 2 * STAGING_LEFTOVER_MS });
  const store = await open();
  await using writing = await stageFiles(store, "update", { "": "being written" });
  // As a killed process leaves it: the folder, and a lock that nobody holds.
  await mkdir(join(staging, "dead"));
  await writeFile(join(staging, "dead", "update"), "half");
  for (const name of ["dead.lock", "never-begun.lock"]) await writeFile(join(staging, name), "");
  await open();
  const name = basename(writing.folder);
  assert.deepEqual((await readdir(staging)).toSorted(), [name, `${name}.lock`]);
  assert.deepEqual(await readdir(writing.folder), ["update"]);
  await store.keep(writing, ref, "update");
  await writing[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(staging), []);
});

test("open() removes what lies in staging without a lock for longer than STAGING_LEFTOVER_MS, and nothing younger", async () => {
  await using place = await makePlace();
  await place.open();
  for (const ageMs of [STAGING_LEFTOVER_MS - 60_000, STAGING_LEFTOVER_MS + 60_000]) {
    const folder = join(place.folder, "staging", `${ageMs}`);
    await mkdir(folder);
    const seconds = (Date.now() - ageMs) / 1000;
    await utimes(folder, seconds, seconds);
  }
  await place.open();
  assert.deepEqual(await readdir(join(place.folder, "staging")), [`${STAGING_LEFTOVER_MS - 60_000}`]);
});

test("reconcilePayloads() puts payloads where the catalogue says and names what is missing", async () => {
  await using place = await makePlace();
  const store = await place.open();
  const versions = ["good", "withdrawn", "restored", "nobody's", "missing", "purged"];
  for (const version of versions.slice(0, 4)) await keepFiles(store, { product: "p", version }, { "": version });
  await store.quarantine({ product: "p", version: "restored" });
  await keepFiles(store, { product: "unlisted", version: "1" }, { "": "evidence" });
  await store.quarantine({ product: "unlisted", version: "1" });
  await mkdir(join(place.folder, "payloads", "p", "not a version "));
  await writeFile(join(place.folder, "payloads", "a-file"), "");
  const releases = versions
    .filter((version) => version !== "nobody's")
    .map((version, index) => {
      const withdrawal = version === "withdrawn" || version === "purged" ? sampleWithdrawal : null;
      return sampleRelease({ product: "p", version, sequence: index + 1, withdrawal });
    });
  const catalogue = {
    products: () => Promise.resolve([{ name: "p", releaseCount: releases.length, newest: releases[0] as never }]),
    releases: () => Promise.resolve(releases),
  };
  const { quarantined, restored, removed, missing } = await reconcilePayloads(store, catalogue);
  const named = [quarantined, restored, removed, missing].map((refs) => refs.map(({ version }) => version));
  assert.deepEqual(named, [["withdrawn"], ["restored"], ["nobody's"], ["missing"]]);
  assert.equal(await textOf(store, { product: "p", version: "restored" }, "update"), "restored");
  assert.equal(await textOf(store, { product: "p", version: "withdrawn" }, "update"), null);
  await store.restore({ product: "unlisted", version: "1" });
  const again = await reconcilePayloads(store, catalogue);
  assert.deepEqual([again.quarantined, again.restored, again.missing.length], [[], [], 1]);
});
