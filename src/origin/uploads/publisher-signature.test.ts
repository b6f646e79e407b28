import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { silentLog, systemClock } from "../../core/index.ts";
import { readKeyFile, Repository, type Signer } from "../../release/index.ts";
import { createOrigin } from "../create-origin.ts";
import { openOriginFolder, type OriginFolder } from "../origin-folder.ts";
import { details, temporaryFolder } from "../publishing/sample-origin.test.ts";
import type { SignRelease } from "../publishing/publish-release.ts";
import { acceptFromPublisher, signAsPublisher } from "./publisher-signature.ts";
import { openUploads, remotely, settings, type UploadOrigin } from "./sample-uploads.test.ts";

const PASSPHRASE = "for tests and nothing else";

interface World extends AsyncDisposable {
  readonly served: UploadOrigin;
  readonly folder: OriginFolder;
  readonly signer: Signer;
  readonly fingerprint: string;
  readonly file: string;
}

async function openWorld(): Promise<World> {
  const scratch = await temporaryFolder();
  const path = join(scratch.path, "origin");
  const config = { ...settings, title: "Updates", agent: null, mail: null, trustedProxies: [] };
  await createOrigin({ path, config, passphrase: PASSPHRASE, clock: systemClock });
  const folder = await openOriginFolder(path, { clock: systemClock, log: silentLog });
  const served = await openUploads(path, { accept: acceptFromPublisher(folder.signing) });
  const signer = await readKeyFile(join(folder.folder.offlineKeys, "targets.json"), "targets", PASSPHRASE);
  const { rootFingerprint } = await folder.signing.status();
  const file = join(scratch.path, "update.bin");
  await writeFile(file, "update");
  const close = async (): Promise<void> => {
    for (const part of [served, folder, scratch]) await part[Symbol.asyncDispose]();
  };
  return { served, folder, signer, fingerprint: rootFingerprint, file, [Symbol.asyncDispose]: close };
}

function signWith(
  { signer, fingerprint }: World,
  changes: { signer?: Signer; fingerprint?: string } = {},
): SignRelease {
  const { signer: by, fingerprint: pinned } = { signer, fingerprint, ...changes };
  return signAsPublisher({ signers: [by], rootFingerprint: pinned, clock: systemClock });
}

async function releasesOf({ folder }: World): Promise<readonly string[]> {
  const repository = Repository.parse(await folder.catalogue.currentlySigned());
  return repository.releases().map(({ product, version }) => `${product}/${version}`);
}

test("a release that is signed elsewhere is listed by the origin's own metadata", async () => {
  await using world = await openWorld();
  const sign = signWith(world, { fingerprint: world.fingerprint.toUpperCase() });
  const { kind, release } = await remotely(world.served.url, world.file, { sign });
  assert.equal(kind, "published");
  assert.deepEqual(await releasesOf(world), ["update/1.0"]);
  assert.deepEqual(await world.folder.catalogue.release(release), release);
  await writeFile(world.file, "another");
  await remotely(world.served.url, world.file, { sign, details: details("1.1") });
  assert.deepEqual(await releasesOf(world), ["update/1.0", "update/1.1"]);
});

test("a publisher signs nothing over the metadata of another root than the one it pinned", async () => {
  await using world = await openWorld();
  let signings = 0;
  const counting: Signer = { ...world.signer, sign: (bytes) => (signings++, world.signer.sign(bytes)) };
  const sign = signWith(world, { signer: counting, fingerprint: "0".repeat(64) });
  await assert.rejects(remotely(world.served.url, world.file, { sign }), { code: "release.signature" });
  assert.equal(signings, 0);
});

test("the origin takes in no signature by another key", async () => {
  await using world = await openWorld();
  const { folder } = world;
  const root = await readKeyFile(join(folder.folder.offlineKeys, "root.json"), "root", PASSPHRASE);
  const sign = signWith(world, { signer: root });
  await assert.rejects(remotely(world.served.url, world.file, { sign }), { code: "release.signature", status: 422 });
  assert.deepEqual(await releasesOf(world), []);
  assert.equal(await folder.catalogue.release(details("1.0")), null);
});

test("the origin takes in no signature for another release than the one that was uploaded", async () => {
  await using world = await openWorld();
  const sign = signWith(world);
  const lies: readonly SignRelease[] = [
    (release, metainfo, current) => sign({ ...release, notes: "other words" }, metainfo, current),
    (release, metainfo, current) => sign({ ...release, version: "2.0" }, metainfo, current),
    async (release, metainfo, current) => new Map([...(await sign(release, metainfo, current)), ["other", metainfo]]),
    () => Promise.resolve(new Map()),
  ];
  for (const lie of lies) {
    const publishing = remotely(world.served.url, world.file, { sign: lie });
    await assert.rejects(publishing, { code: "release.rejected", status: 422 });
  }
  assert.deepEqual(await releasesOf(world), []);
  const { kind } = await remotely(world.served.url, world.file, { sign });
  assert.equal(kind, "published");
});
