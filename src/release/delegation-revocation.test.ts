// A product's publisher leaves, or somebody else has its keys: what the origin does, and what machines believe before and after.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROLE_TARGETS_MAX, SNAPSHOT_ROLES_MAX, TARGETS_LIFE_MS } from "../core/index.ts";
import { delegateProduct, prepareDelegation } from "./delegation.ts";
import { revokeDelegation, type DelegationRevocation } from "./delegation-revocation.ts";
import {
  createDocument,
  encodeDocument,
  listed,
  signDocument,
  type Documents,
  type Json,
} from "./metadata-documents.ts";
import { publishRoles, signSnapshot, signTimestamp, targetsJson } from "./online-signing.ts";
import { signTargets } from "./publication.ts";
import {
  clientOf,
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
  type Sample,
  type TestOrigin,
} from "./release-fixture.test.ts";
import { readRepository } from "./repository-state.ts";
import type { Repository } from "./repository.ts";
import type { Signer } from "./signing-key.ts";

const root = temporaryFolder();
const now = Date.now();
const keys = newKeys();
const signing = { onlineSigner: keys.online, now };
const publisher = newSigner();
const one = sample();
const two = sample({ version: "1.1", sequence: 2 });
const beta = sample({ version: "2.0-b", sequence: 3, channel: "beta" });
const bad = sample({ version: "1.2", sequence: 4, content: "malware" });
const all = [one, two, beta, bad];

function delegated(repository: Repository, signer: Signer): Repository {
  const first = signTargets(repository.prepareDelegation("editor", now), [signer]).bytes;
  const role = { keys: [signer.key], threshold: 1 };
  return repository.next(
    repository.delegateProduct({ product: "editor", keys: role, first, signers: keys.targets, ...signing }),
  );
}

function added(repository: Repository, release: Sample, signers: readonly Signer[]): Repository {
  return repository.next(repository.addRelease({ ...release, signers, ...signing }));
}

/** 1.0 is of top-level targets; 1.1, 2.0-b and 1.2 are the publisher's. */
const before = [two, beta, bad].reduce(
  (repository, release) => added(repository, release, [publisher]),
  delegated(published(newRepository(keys, now), keys, one, now), publisher),
);

const why = { kind: "key-compromise", reason: "Its publisher's key was stolen." } as const;
const base = { product: "editor", why, signers: keys.targets, ...signing } as const;
const revoke = (keep: DelegationRevocation["keep"], from: Repository = before) =>
  from.revokeDelegation({ ...base, keep });
const none = { versions: [], until: null };
const versionsOf = (repository: Repository): string[] => repository.releases().map(({ version }) => version);
const channelsOf = (repository: Repository): string[] =>
  repository.channels().map(({ channel, version }) => `${channel} ${version}`);

test("revokeDelegation() signs by top-level targets what is kept and nothing else, and withdraws the rest in the same change", () => {
  const { files, kept, dropped, withdrawals } = revoke({ versions: ["1.1"], until: null });
  assert.deepEqual([...files.keys()], ["4.targets.json", "2.withdrawals.json", "7.snapshot.json", "timestamp.json"]);
  assert.deepEqual([kept, dropped], [["1.1"], ["2.0-b", "1.2"]]);
  const after = before.next(files);
  assert.deepEqual([after.roleOf("editor"), versionsOf(after)], ["targets", ["1.0", "1.1"]]);
  assert.deepEqual(
    after.releases().map((record) => record.infoHashV2),
    [one.record.infoHashV2, two.record.infoHashV2],
  );
  assert.deepEqual(after.withdrawals(), withdrawals);
  const { at, ...said } = after.withdrawal("editor", "1.2") ?? assert.fail();
  assert.equal(at, new Date(now).toISOString());
  assert.deepEqual(said, {
    schema: 1,
    product: "editor",
    version: "1.2",
    ...why,
    demandedBy: null,
    vendorUrl: null,
    replacedBy: null,
  });
  assert.throws(
    () => after.addRelease({ ...sample({ version: "3", sequence: 9 }), ...signing, signers: [publisher] }),
    refusal("release.signature"),
  );
});

test("revokeDelegation() keeps all where that is said, and nothing where nothing is said", () => {
  const everything = revoke("all");
  assert.deepEqual([everything.kept, everything.withdrawals], [["1.1", "2.0-b", "1.2"], []]);
  assert.deepEqual([...everything.files.keys()], ["4.targets.json", "7.snapshot.json", "timestamp.json"]);
  const whole = before.next(everything.files);
  assert.deepEqual([versionsOf(whole), channelsOf(whole)], [versionsOf(before), channelsOf(before)]);
  const nothing = revoke(none);
  assert.deepEqual([nothing.kept, nothing.withdrawals.length], [[], 3]);
  assert.deepEqual(versionsOf(before.next(nothing.files)), ["1.0"]);
  const until = revoke({ versions: [], until: "2.0-b" });
  assert.deepEqual([until.kept, until.dropped], [["1.1", "2.0-b"], ["1.2"]]);
});

test("revokeDelegation() refuses a version that the role has not signed, a product without keys, and too few keys", () => {
  for (const keep of [
    { versions: ["9"], until: null },
    { versions: [], until: "1.0" },
  ]) {
    assert.throws(() => revoke(keep), refusal("release.not-found", /it signed 1\.1, 2\.0-b, 1\.2/));
  }
  assert.throws(
    () => before.revokeDelegation({ ...base, product: "viewer", keep: "all" }),
    refusal("release.not-found"),
  );
  for (const product of ["withdrawals", "targets", "__proto__"]) {
    assert.throws(() => before.revokeDelegation({ ...base, product, keep: "all" }), refusal("release.name"), product);
  }
  assert.throws(
    () => before.revokeDelegation({ ...base, signers: [publisher], keep: "all" }),
    refusal("key.threshold"),
  );
  assert.throws(
    () => before.revokeDelegation({ ...base, onlineSigner: newSigner(), keep: none }),
    refusal("key.threshold"),
  );
});

test("after a revocation a channel stands at the newest release that is left, or says why there is none", () => {
  assert.deepEqual(channelsOf(before), ["stable 1.2", "beta 2.0-b"]);
  assert.deepEqual(channelsOf(before.next(revoke({ versions: ["1.1"], until: null }).files)), [
    "stable 1.1",
    "beta 2.0-b",
  ]);
  assert.deepEqual(channelsOf(before.next(revoke(none).files)), ["stable 1.0", "beta 2.0-b"]);
  // Whoever has the keys pointed back at an old version with a hole in it.
  const move = { product: "editor", channel: "stable", version: "1.0", signers: [publisher], ...signing };
  const pointedBack = before.next(before.pointChannel(move));
  const left = pointedBack.next(revoke({ versions: [], until: "1.1" }, pointedBack).files);
  assert.deepEqual(channelsOf(left), ["stable 1.1", "beta 2.0-b"]);
  const withdrawn = before.next(before.withdraw({ record: sampleWithdrawal({ version: "1.1" }), ...signing }));
  const passedOver = withdrawn.next(revoke({ versions: ["1.1"], until: null }, withdrawn).files);
  assert.deepEqual(channelsOf(passedOver)[0], "stable 1.0");
});

test("a release that was withdrawn before keeps its reason, whether it is kept or not", () => {
  const record = sampleWithdrawal({ version: "1.1", kind: "legal" });
  const withdrawn = before.next(before.withdraw({ record, ...signing }));
  for (const keep of [none, "all"] as const) {
    const after = withdrawn.next(revoke(keep, withdrawn).files);
    assert.deepEqual(after.withdrawal("editor", "1.1"), record);
  }
});

test("a dropped release comes back by the keys that sign the product now, and never by the online key alone", () => {
  const after = before.next(revoke({ versions: ["1.1"], until: null }).files);
  const gone = { product: "editor", version: "1.2", ...signing };
  assert.throws(() => after.restore(gone), refusal("release.unsigned"));
  for (const signers of [[], [publisher], [keys.online]]) {
    assert.throws(() => after.readmit({ ...bad, signers, ...signing }), refusal("key.threshold"));
  }
  const back = after.next(after.readmit({ ...bad, signers: keys.targets, ...signing }));
  assert.deepEqual([versionsOf(back).includes("1.2"), back.withdrawal("editor", "1.2")], [true, null]);
  assert.equal(channelsOf(back)[0], "stable 1.2");
  const older = back.next(back.readmit({ ...beta, signers: keys.targets, ...signing }));
  assert.deepEqual(channelsOf(older), ["stable 1.2", "beta 2.0-b"]);
  assert.throws(() => back.readmit({ ...bad, signers: keys.targets, ...signing }), refusal("release.exists"));
  const never = sample({ version: "7", sequence: 7 });
  assert.throws(() => back.readmit({ ...never, signers: keys.targets, ...signing }), refusal("release.not-withdrawn"));
  const swapped = { record: beta.record, metainfo: bad.metainfo };
  assert.throws(() => after.readmit({ ...swapped, signers: keys.targets, ...signing }), refusal("release.record"));
});

test("nobody gives a dropped version other bytes, neither top-level targets nor the next publisher", () => {
  const after = before.next(revoke(none).files);
  const other = { ...sample({ version: "1.2", sequence: 9, content: "other bytes" }), ...signing };
  assert.throws(() => after.addRelease({ ...other, signers: keys.targets }), refusal("release.rejected", /replaced/));
  const next = newSigner();
  const again = delegated(after, next);
  assert.throws(() => again.addRelease({ ...other, signers: [next] }), refusal("release.rejected", /replaced/));
});

test("a product that is delegated again goes on from the role's last version, and its old key counts for nothing", () => {
  const after = before.next(revoke({ versions: ["1.1"], until: null }).files);
  const next = newSigner();
  const again = delegated(after, next);
  const own = again.expiries().find(({ role }) => role === "editor") ?? assert.fail();
  assert.deepEqual([own.version, own.keys.keys], [5, [next.key]]);
  const fifth = sample({ version: "1.5", sequence: 5 });
  assert.throws(() => added(again, fifth, [publisher]), refusal("release.signature"));
  const grown = added(again, fifth, [next]);
  assert.deepEqual(versionsOf(grown), ["1.0", "1.1", "1.5"]);
  assert.deepEqual(channelsOf(grown).toSorted(), ["beta 2.0-b", "stable 1.5"]);
  const twice = grown.next(revoke("all", grown).files);
  assert.deepEqual([twice.roleOf("editor"), versionsOf(twice)], ["targets", ["1.0", "1.1", "1.5"]]);
});

test("top-level targets takes over as many releases as it has room for", () => {
  const state = readRepository(before.files);
  const filledTo = (count: number) => {
    const taken = Object.keys(state.targets.signed.targets).length;
    const foreign = { length: 1, hashes: { sha256: "0".repeat(64) } };
    const more = Array.from({ length: count - taken }, (_, index) => [`foreign/${index}/x`, foreign] as const);
    const body = { targets: { ...targetsJson(state.targets), ...Object.fromEntries(more) } };
    const delegations = state.targets.signed.delegations?.toJSON() as Json;
    const targets = createDocument("targets", { version: 2, now, life: 1 }, { ...body, delegations });
    return revokeDelegation({ ...state, targets }, { ...base, keep: { versions: ["1.1"], until: null } });
  };
  // One release, and where two channels stand.
  assert.deepEqual(filledTo(ROLE_TARGETS_MAX - 3).kept, ["1.1"]);
  assert.throws(() => filledTo(ROLE_TARGETS_MAX - 2), refusal("release.too-many", /Keep fewer/));
});

test("a snapshot lists at most so many roles, those of delegations that were taken back among them", () => {
  const { snapshot, ...rest } = readRepository(newRepository(keys, now).files);
  const owner = newSigner();
  const role = { keys: [owner.key], threshold: 1 };
  const delegate = (count: number) => {
    const meta = Object.fromEntries(
      Array.from({ length: count - 2 }, (_, index) => [
        `gone-${index}.json`,
        { version: 1, ...listed(Buffer.alloc(1)) },
      ]),
    );
    const own = Object.fromEntries(Object.entries(snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]));
    const full = createDocument("snapshot", { version: 1, now, life: 1 }, { meta: { ...own, ...meta } });
    const state = { ...rest, snapshot: full };
    const first = signTargets(prepareDelegation(state, "viewer", now), [owner]).bytes;
    return delegateProduct(state, { product: "viewer", keys: role, first, signers: keys.targets, ...signing });
  };
  assert.ok(delegate(SNAPSHOT_ROLES_MAX - 1).size > 0);
  assert.throws(() => delegate(SNAPSHOT_ROLES_MAX), refusal("release.too-many"));
});

async function newest(origin: TestOrigin, machine: string): Promise<string> {
  await using client = clientOf(origin, machine);
  return (await client.newest("editor", "stable")).record.version;
}

/** Of the release that a machine is given. */
async function infoHashOf(origin: TestOrigin, machine: string, version: string): Promise<string> {
  await using client = clientOf(origin, machine);
  return (await client.release("editor", version)).record.infoHashV2;
}

/** A version of the role with a release that its old key signs after all. */
function forgedTargets(): Documents["targets"] {
  const own = readRepository(before.files).products.get("editor") ?? assert.fail();
  const theirs = newKeys();
  const evil = readRepository(
    published(newRepository(theirs, now), theirs, sample({ version: "6.6", sequence: 66 }), now).files,
  );
  const targets = { ...targetsJson(own), ...targetsJson(evil.targets) };
  const head = { version: own.signed.version + 1, now, life: TARGETS_LIFE_MS };
  const document = createDocument("targets", head, { targets });
  signDocument(document, [publisher]);
  return document;
}

/** That version in a snapshot over a state of the repository, for which the online key is stolen too. */
function forgery(repository: Repository): ReadonlyMap<string, Buffer> {
  return publishRoles(readRepository(repository.files), new Map([["editor", forgedTargets()]]), signing);
}

test("machines that trusted a delegation take what was signed anew, and nothing that its key signs afterwards, with the online key neither", async () => {
  await using origin = await openOrigin();
  const machine = newMachine(root);
  origin.serve(before.files, all);
  assert.equal(await newest(origin, machine), "1.2");
  assert.equal(await infoHashOf(origin, machine, "1.1"), two.record.infoHashV2);
  const after = before.next(revoke({ versions: [], until: "1.1" }).files);
  origin.serve(after.files, all);
  assert.equal(await newest(origin, machine), "1.1");
  assert.equal(await infoHashOf(origin, machine, "1.1"), two.record.infoHashV2);
  assert.equal(await infoHashOf(origin, machine, "1.0"), one.record.infoHashV2);
  await assert.rejects(infoHashOf(origin, machine, "1.2"), refusal("release.withdrawn", /key was stolen/));
  for (const [name, bytes] of forgery(after)) origin.files.set(`/tuf/${name}`, bytes);
  assert.equal(await newest(origin, machine), "1.1");
  await assert.rejects(infoHashOf(origin, machine, "6.6"), refusal("release.not-found"));
});

test("a mirror that is stuck before a revocation, with its publisher's key, convinces no machine that has seen it", async () => {
  await using mirror = await openOrigin();
  const [informed, uninformed] = [newMachine(root), newMachine(root)];
  for (const machine of [informed, uninformed]) {
    mirror.serve(before.files, all);
    assert.equal(await newest(mirror, machine), "1.2");
  }
  const after = before.next(revoke(none).files);
  mirror.serve(after.files, all);
  assert.equal(await newest(mirror, informed), "1.0");
  mirror.files.clear();
  mirror.serve(before.files, all);
  await assert.rejects(newest(mirror, informed), refusal("release.verification"));
  // The publisher's key makes another document, but no snapshot that lists it.
  mirror.files.set("/tuf/4.editor.json", encodeDocument(forgedTargets()));
  for (const machine of [informed, newMachine(root)]) {
    await assert.rejects(infoHashOf(mirror, machine, "6.6"), refusal("release.verification"));
  }
  // This one has the role's listed document already and asks for no other.
  await assert.rejects(infoHashOf(mirror, uninformed, "6.6"), refusal("release.not-found"));
  // With the online key there is one. Who has seen the revocation is not led back behind it.
  mirror.files.clear();
  mirror.serve(before.files, all);
  for (const [name, bytes] of forgery(farAhead())) mirror.files.set(`/tuf/${name}`, bytes);
  await assert.rejects(infoHashOf(mirror, informed, "6.6"), refusal("release.verification"));
});

/** The state before the revocation, under versions of snapshot and timestamp that are newer than any that was seen. */
function farAhead(): Repository {
  const state = readRepository(before.files);
  const meta = Object.fromEntries(
    Object.entries(state.snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]),
  );
  const snapshot = signSnapshot(state.root, 90, meta, signing);
  const timestamp = signTimestamp(state.root, 90, { version: 90, ...listed(snapshot) }, signing);
  return before.next(
    new Map([
      ["90.snapshot.json", snapshot],
      ["timestamp.json", timestamp],
    ]),
  );
}
