// What a machine gets from an honest origin, and when it is refused something for good reason.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NetError } from "../net/index.ts";
import { WithdrawnError } from "./release-error.ts";
import {
  clientOf,
  HOUR,
  newKeys,
  newMachine,
  newRepository,
  newSigner,
  openOrigin,
  published,
  refusal,
  sample,
  sampleWithdrawal,
  temporaryFolder,
} from "./release-fixture.test.ts";

const root = temporaryFolder();

test("newest() and release() return the record and the .torrent that were published", async () => {
  const keys = newKeys();
  const [one, two] = [sample(), sample({ version: "1.1", sequence: 2 })];
  const beta = sample({ version: "2.0-rc+1", sequence: 3, channel: "beta" });
  const repository = [one, two, beta].reduce((it, release) => published(it, keys, release), newRepository(keys));
  await using origin = await openOrigin();
  origin.serve(repository.files, [one, two, beta]);
  await using client = clientOf(origin, newMachine(root));
  const newest = await client.newest("editor", "stable");
  assert.deepEqual(newest.record, two.record);
  assert.deepEqual(newest.metainfoBytes, two.metainfo);
  assert.equal(newest.metainfo.infoHashV2, two.record.infoHashV2);
  assert.equal(newest.rootFingerprint, repository.fingerprint);
  assert.equal((await client.newest("editor", "beta")).record.version, "2.0-rc+1");
  assert.deepEqual((await client.release("editor", "1.0")).metainfoBytes, one.metainfo);
  assert.equal(await client.withdrawal("editor", "1.0"), null);
  await assert.rejects(client.release("editor", "9"), refusal("release.not-found"));
  await assert.rejects(client.newest("editor", "nightly"), refusal("release.not-found"));
});

test("a withdrawn release is refused with the reason, the replacement and the vendor's page, and is back when restored", async () => {
  const keys = newKeys();
  const [one, two] = [sample(), sample({ version: "1.1", sequence: 2 })];
  const repository = [one, two].reduce((it, release) => published(it, keys, release), newRepository(keys));
  await using origin = await openOrigin();
  origin.serve(repository.files, [one, two]);
  await using client = clientOf(origin, newMachine(root));
  assert.equal((await client.release("editor", "1.0")).record.version, "1.0");
  const signing = { onlineSigner: keys.online, now: Date.now() };
  const record = sampleWithdrawal({ kind: "legal", demandedBy: "Example Rights Ltd", replacedBy: "1.1" });
  const withdrawn = repository.next(repository.withdraw({ record, ...signing }));
  origin.serve(withdrawn.files);
  const error: unknown = await client.release("editor", "1.0").catch((thrown: unknown) => thrown);
  assert.ok(error instanceof WithdrawnError, String(error));
  assert.deepEqual(error.withdrawal, record);
  const text =
    "editor 1.0 was withdrawn for legal reasons on the demand of Example Rights Ltd: It deletes documents. " +
    "Take version 1.1 instead. The vendor's own page: https://vendor.example/editor";
  assert.equal(error.message, text);
  assert.deepEqual(await client.withdrawal("editor", "1.0"), record);
  assert.equal((await client.newest("editor", "stable")).record.version, "1.1");
  const restored = withdrawn.next(withdrawn.restore({ product: "editor", version: "1.0", ...signing }));
  origin.serve(restored.files, [one, two]);
  assert.deepEqual((await client.release("editor", "1.0")).metainfoBytes, one.metainfo);
});

test("a channel that stands at a withdrawn release is refused", async () => {
  const keys = newKeys();
  const repository = published(newRepository(keys), keys, sample());
  const files = repository.withdraw({ record: sampleWithdrawal(), onlineSigner: keys.online, now: Date.now() });
  await using origin = await openOrigin();
  origin.serve(repository.next(files).files, [sample()]);
  await using client = clientOf(origin, newMachine(root));
  await assert.rejects(client.newest("editor", "stable"), refusal("release.withdrawn"));
});

test("the first use of an origin is told and remembered; where it is forbidden, nothing is trusted or written", async () => {
  const keys = newKeys();
  const repository = published(newRepository(keys), keys, sample());
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  const machine = newMachine(root);
  await using wary = clientOf(origin, machine, { allowFirstUse: false });
  await assert.rejects(wary.newest("editor", "stable"), refusal("release.first-use"));
  assert.equal(existsSync(machine), false);
  const told: string[][] = [];
  await using trusting = clientOf(origin, machine, { onFirstUse: (...seen) => told.push(seen) });
  await trusting.newest("editor", "stable");
  await trusting.newest("editor", "stable");
  const pinPath = join(machine, `127.0.0.1-${new URL(origin.url).port}`, "root.json");
  assert.deepEqual(told, [[repository.fingerprint, pinPath]]);
  assert.deepEqual(readFileSync(pinPath), repository.files.get("1.root.json"));
  await wary.newest("editor", "stable");
});

test("an origin whose first metadata is unsound is not remembered", async () => {
  const repository = newRepository(newKeys());
  await using origin = await openOrigin();
  origin.serve(repository.files);
  origin.files.set("/tuf/1.snapshot.json", Buffer.from("{}"));
  const machine = newMachine(root);
  await using client = clientOf(origin, machine);
  await assert.rejects(client.newest("editor", "stable"), refusal("release.verification"));
  assert.equal(existsSync(machine), false);
});

test("a pinned root counts instead of the remembered one, and an origin with another root is refused", async () => {
  const [keys, strangers] = [newKeys(), newKeys()];
  const repository = published(newRepository(keys), keys, sample());
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  const pinnedRoot = repository.files.get("1.root.json") as Buffer;
  const machine = newMachine(root);
  await using pinned = clientOf(origin, machine, { pinnedRoot, allowFirstUse: false });
  assert.equal((await pinned.newest("editor", "stable")).rootFingerprint, repository.fingerprint);
  const foreign = newRepository(strangers).files.get("1.root.json") as Buffer;
  await using elsewhere = clientOf(origin, machine, { pinnedRoot: foreign });
  await assert.rejects(elsewhere.newest("editor", "stable"), refusal("release.verification"));
  await using garbage = clientOf(origin, newMachine(root), { pinnedRoot: Buffer.from("no root") });
  await assert.rejects(garbage.newest("editor", "stable"), refusal("release.verification"));
});

test("a root that was rotated twice is walked to from the pinned one, and the fingerprint stays", async () => {
  const keys = newKeys();
  let repository = published(newRepository(keys), keys, sample());
  const next = { ...keys, root: [newSigner(), newSigner(), newSigner()] };
  const rotation = { rootSigners: [...keys.root, ...next.root], onlineSigner: keys.online, now: Date.now() };
  const root2 = { keys: next.root.map(({ key }) => key), threshold: 2 };
  repository = repository.next(repository.rotateKeys({ ...rotation, root: root2 }));
  repository = repository.next(repository.rotateKeys({ ...rotation, rootSigners: next.root }));
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  await using client = clientOf(origin, newMachine(root), {
    pinnedRoot: repository.files.get("1.root.json") as Buffer,
  });
  assert.equal((await client.newest("editor", "stable")).rootFingerprint, repository.fingerprint);
  assert.ok(origin.asked.includes("/tuf/4.root.json"));
  assert.notEqual(repository.currentFingerprint, repository.fingerprint);
});

test("an origin that is down is the network's fault, and leaves no files behind", async () => {
  const keys = newKeys();
  const repository = published(newRepository(keys), keys, sample());
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  const machine = newMachine(root);
  await using client = clientOf(origin, machine);
  await client.newest("editor", "stable");
  origin.files.set("/tuf/timestamp.json", (_request, response) => response.writeHead(503).end());
  const error: unknown = await client.newest("editor", "stable").catch((thrown: unknown) => thrown);
  assert.ok(error instanceof NetError && error.retryable, String(error));
  assert.equal(error.status, 503);
  const folder = join(machine, readdirSync(machine)[0] ?? "");
  assert.deepEqual(readdirSync(join(folder, "metadata")).sort(), [
    "root.json",
    "snapshot.json",
    "targets.json",
    "timestamp.json",
    "withdrawals.json",
  ]);
});

test("checks that run at the same time leave a sound memory", async () => {
  const keys = newKeys();
  let repository = published(newRepository(keys, Date.now() - HOUR), keys, sample());
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  const machine = newMachine(root);
  await using client = clientOf(origin, machine);
  await Promise.all(Array.from({ length: 8 }, () => client.newest("editor", "stable")));
  repository = repository.next(repository.refresh({ onlineSigner: keys.online, now: Date.now() }));
  origin.serve(repository.files, [sample()]);
  await Promise.all(Array.from({ length: 8 }, () => client.withdrawal("editor", "1.0")));
  assert.equal((await client.newest("editor", "stable")).record.version, "1.0");
});

test("an abort ends a check with the signal's own reason", async () => {
  await using origin = await openOrigin();
  const stop = new AbortController();
  origin.files.set("/tuf/1.root.json", () => stop.abort(new Error("enough")));
  await using client = clientOf(origin, newMachine(root), { signal: stop.signal });
  await assert.rejects(client.newest("editor", "stable"), /^Error: enough$/);
});
