// Publishing to a served origin from elsewhere: the key stays with the publisher, the origin takes in what is true alone.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../src/core/index.ts";
import { publishRemotely, signAsPublisher, type Scope } from "../../src/origin/index.ts";
import { TokenStore } from "../../src/origin/access/token-store.ts";
import { readKeyFile, type Signer } from "../../src/release/index.ts";
import { StorageWorkers } from "../../src/storage/index.ts";
import { noise, scratchFolder } from "../processes/payloads.ts";
import { beside, makeOrigin, PASSPHRASE, serve, type OriginPlace } from "./whole-origin.ts";

const PAYLOAD = noise(700_001, 5);
const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

type Remote = Parameters<typeof publishRemotely>[0];

async function tokenFor(place: OriginPlace, scope: Scope): Promise<string> {
  await using origin = await beside(place);
  const random = { bytes: (count: number) => noise(count, Math.floor(performance.now())) };
  const tokens = new TokenStore({ database: origin.database, clock: systemClock, random });
  return (await tokens.create("test", [scope])).secret;
}

async function publisherOf(place: OriginPlace): Promise<{ signer: Signer; rootFingerprint: string }> {
  await using origin = await beside(place);
  const signer = await readKeyFile(join(origin.folder.offlineKeys, "targets.json"), "targets", PASSPHRASE);
  return { signer, rootFingerprint: (await origin.signing.repository()).fingerprint };
}

async function publishFrom(
  place: OriginPlace,
  version: string,
  changes: Partial<Remote> = {},
): ReturnType<typeof publishRemotely> {
  const { signer, rootFingerprint } = await publisherOf(place);
  const path = join(scratchFolder(), "update.bin");
  writeFileSync(path, PAYLOAD);
  await using workers = new StorageWorkers({ count: 1 });
  return await publishRemotely({
    url: place.url,
    token: await tokenFor(place, "publish"),
    path,
    details: { product: "update", version, channel: "stable", vendor: null, notes: null },
    workers,
    retryMs: 5,
    sign: signAsPublisher({ signers: [signer], rootFingerprint, clock: systemClock }),
    ...changes,
  });
}

test("a release that was published from elsewhere is signed, listed and served", async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  const details = { product: "update", version: "1.0", channel: "stable" } as const;
  const vendor = { name: "Contoso", url: null, hashes: [{ algorithm: "sha256", hex: sha256Of(PAYLOAD) }] } as const;
  const { kind, release } = await publishFrom(place, "1.0", { details: { ...details, vendor, notes: "Mends it." } });
  assert.equal(kind, "published");
  assert.deepEqual(release.vendor, vendor);
  const page = await fetch(`${place.url}/update/1.0`);
  assert.equal(page.status, 200);
  await using origin = await beside(place);
  assert.deepEqual(
    (await origin.signing.repository()).releases().map((record) => record.infoHashV2),
    [release.infoHashV2],
  );
  assert.equal((await publishFrom(place, "1.0")).kind, "same");
});

test("what a publisher leaves out stays left out on the way to the origin", async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  const { release } = await publishFrom(place, "1.1");
  assert.deepEqual([release.vendor, release.notes], [null, null]);
});

test("a token without the scope publishes nothing", async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  const publishing = publishFrom(place, "2.0", { token: await tokenFor(place, "read") });
  await assert.rejects(publishing, (error: { code?: string }) => error.code === "access.scope");
  await using origin = await beside(place);
  assert.equal((await origin.catalogue.products()).length, 0);
});
