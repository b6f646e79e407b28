// The process that takes a product's keys back is killed (SIGKILL) again and again. This file is its own victim: with a data
// folder as argument it gives the product keys, publishes with them and takes them back, and counts on stdout how often.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom, silentLog, systemClock } from "../../core/index.ts";
import { createKeyFile, readKeyFile, releasePath, signTargets, type Signer } from "../../release/index.ts";
import { StorageWorkers } from "../../storage/index.ts";
import { createOrigin } from "../create-origin.ts";
import { openOriginFolder, type OriginFolder } from "../origin-folder.ts";
import { runAndKill } from "../killed-process.test.ts";
import { reconcilePayloads } from "../payloads/payload-reconciliation.ts";
import { prepareRelease } from "../publishing/prepare-release.ts";
import { nextSequence, publishRelease } from "../publishing/publish-release.ts";
import { details, temporaryFolder } from "../publishing/sample-origin.test.ts";
import { openMetadataStore } from "./open-metadata-store.ts";

const ROUNDS = 6;
const PASSPHRASE = "for tests and nothing else";
const PRODUCT = "update";
const deps = { clock: systemClock, log: silentLog };

interface Signers {
  readonly targets: Signer;
  readonly publisher: Signer;
  readonly online: Signer;
}

async function delegate({ signing }: OriginFolder, { targets, publisher, online }: Signers): Promise<void> {
  const repository = await signing.repository();
  if (repository.roleOf(PRODUCT) === PRODUCT) return;
  const now = systemClock.wallMs();
  const first = signTargets(repository.prepareDelegation(PRODUCT, now), [publisher]).bytes;
  const keys = { keys: [publisher.key], threshold: 1 };
  await signing.append(
    repository.delegateProduct({ product: PRODUCT, keys, first, signers: [targets], onlineSigner: online, now }),
  );
}

async function publish(origin: OriginFolder, workers: StorageWorkers, signer: Signer): Promise<string> {
  const { catalogue, payloads, publishLock: lock, signing, config } = origin;
  const version = `1.${await nextSequence(catalogue, PRODUCT)}`;
  await using staged = await payloads.stage();
  const path = join(staged.folder, "update.bin");
  await writeFile(path, version);
  const where = { copyTo: null, trackers: config.trackers, publicUrl: config.publicUrl, workers };
  const { draft, metainfo } = await prepareRelease({ path, details: details(version), ...where });
  await publishRelease(
    { catalogue, payloads, lock, clock: systemClock },
    { draft, metainfo, staged, sign: (release, bytes) => signing.addRelease(release, bytes, [signer]) },
  );
  return version;
}

async function revokeUntilKilled(folder: string): Promise<void> {
  await using origin = await openOriginFolder(folder, deps);
  await using store = await openMetadataStore(folder, systemClock);
  await using workers = new StorageWorkers({ count: 1 });
  const signers: Signers = {
    targets: await readKeyFile(join(origin.folder.offlineKeys, "targets.json"), "targets", PASSPHRASE),
    publisher: await readKeyFile(join(folder, "publisher.json"), "online", null),
    online: await readKeyFile(join(origin.folder.onlineKeys, "online.json"), "online", null),
  };
  for (let count = 1; ; count++) {
    await delegate(origin, signers);
    const kept = await publish(origin, workers, signers.publisher);
    await publish(origin, workers, signers.publisher);
    const { files, withdrawals } = (await origin.signing.repository()).revokeDelegation({
      product: PRODUCT,
      keep: { versions: [kept], until: null },
      why: { kind: "key-compromise", reason: "A test." },
      signers: [signers.targets],
      onlineSigner: signers.online,
      now: systemClock.wallMs(),
    });
    // The kill that follows this line comes in the middle of it, or just before or after.
    process.stdout.write(`${count - 1}\n`);
    await store.withdraw(withdrawals, files);
    process.stdout.write(`${count}\n`);
  }
}

/** What the catalogue says, what is signed and where payloads lie are one. Returns how many releases are withdrawn. */
async function checkWhole(folder: string): Promise<number> {
  await using origin = await openOriginFolder(folder, deps);
  const { catalogue, payloads, signing } = origin;
  const { missing, restored } = await reconcilePayloads(payloads, catalogue);
  assert.deepEqual([missing, restored], [[], []]);
  const repository = await signing.repository();
  const releases = await catalogue.releases(PRODUCT);
  for (const release of releases) {
    const { version, withdrawal } = release;
    const isSigned = repository.targetFile(releasePath(PRODUCT, version)) !== null;
    const isWithdrawn = repository.withdrawal(PRODUCT, version) !== null;
    const isKept = (await payloads.artifactPath(release, release.name)) !== null;
    const expected = withdrawal === null ? [true, false, true] : [false, true, false];
    assert.deepEqual([isSigned, isWithdrawn, isKept], expected, version);
  }
  assert.equal(
    (await payloads.list("quarantine")).length,
    releases.filter(({ withdrawal }) => withdrawal !== null).length,
  );
  return releases.filter(({ withdrawal }) => withdrawal !== null).length;
}

if (process.argv[2] === undefined) {
  test("a delegation is taken back with all that follows or not at all, however often it is killed", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "origin");
    const config = { title: "Updates", publicUrl: "https://updates.example", trackers: [] };
    const rest = { agent: null, mail: null, trustedProxies: [] };
    await createOrigin({ path, config: { ...config, ...rest }, passphrase: PASSPHRASE, clock: systemClock });
    await createKeyFile({ path: join(path, "publisher.json"), purpose: "online", passphrase: null });
    const random = seededRandom(2026);
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged += await runAndKill(import.meta.filename, path, 1 + random.int(8));
      const count = await checkWhole(path);
      assert.ok(count >= acknowledged, `${acknowledged} were acknowledged, ${count} are withdrawn`);
    }
  });
} else {
  await revokeUntilKilled(process.argv[2]);
}
