// A product's publisher leaves, or somebody else has its keys: what the origin does, and what machines believe before and after.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  now,
  keys,
  publisher,
  one,
  two,
  base,
  beta,
  signing,
  bad,
  delegated,
  added,
  before,
  why,
  revoke,
  none,
  everything,
  versionsOf,
  channelsOf,
} from "./delegated-product.test.ts";
import { ROLE_TARGETS_MAX, SNAPSHOT_ROLES_MAX, TARGETS_BYTES_MAX } from "../core/index.ts";
import { delegateProduct, prepareDelegation } from "./delegation.ts";
import { revokeDelegation } from "./delegation-revocation.ts";
import { createDocument, listed, type Json } from "./metadata-documents.ts";
import { targetsJson } from "./online-signing.ts";
import { signTargets } from "./publication.ts";
import { readmit } from "./readmission.ts";
import { newRepository, newSigner, refusal, sample, sampleWithdrawal, type Sample } from "./release-fixture.test.ts";
import type { Repository } from "./repository.ts";
import { readRepository } from "./repository-state.ts";

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
  const all = revoke(everything);
  assert.deepEqual([all.kept, all.withdrawals], [["1.1", "2.0-b", "1.2"], []]);
  assert.deepEqual([...all.files.keys()], ["4.targets.json", "7.snapshot.json", "timestamp.json"]);
  const whole = before.next(all.files);
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
    () => before.revokeDelegation({ ...base, product: "viewer", keep: everything }),
    refusal("release.not-found"),
  );
  for (const product of ["withdrawals", "targets", "__proto__"]) {
    assert.throws(
      () => before.revokeDelegation({ ...base, product, keep: everything }),
      refusal("release.name"),
      product,
    );
  }
  assert.throws(
    () => before.revokeDelegation({ ...base, signers: [publisher], keep: everything }),
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

test("a release that was withdrawn before keeps its reason, and is signed anew by its name alone", () => {
  const record = sampleWithdrawal({ version: "1.1", kind: "key-compromise" });
  const withdrawn = before.next(before.withdraw({ record, ...signing }));
  const back = { product: "editor", version: "1.1", ...signing };
  for (const keep of [none, everything, { versions: ["1.2"], until: "2.0-b" }]) {
    const { files, dropped, withdrawals } = revoke(keep, withdrawn);
    assert.ok(dropped.includes("1.1") && !withdrawals.some(({ version }) => version === "1.1"));
    const after = withdrawn.next(files);
    assert.deepEqual(after.withdrawal("editor", "1.1"), record);
    assert.throws(() => after.restore(back), refusal("release.unsigned"));
  }
  const { files: without, kept } = revoke({ versions: [], until: "1.1" }, withdrawn);
  assert.deepEqual([kept, versionsOf(withdrawn.next(without))], [[], ["1.0"]]);
  for (const keep of [
    { versions: ["1.1"], until: null },
    { versions: ["1.1"], until: "2.0-b" },
    { versions: ["1.1"], all: true } as const,
  ]) {
    const after = withdrawn.next(revoke(keep, withdrawn).files);
    assert.deepEqual([versionsOf(after).includes("1.1"), after.withdrawal("editor", "1.1")], [true, record]);
    assert.ok(after.restore(back).size > 0);
  }
});

test("where all is kept channels stay, also beside a recall, but not where the keys were in wrong hands", () => {
  const move = { product: "editor", channel: "stable", version: "1.0", signers: [publisher], ...signing };
  const pointed = before.next(before.pointChannel(move));
  const stableAfter = (kind: "recall" | "key-compromise"): string | undefined => {
    const withdrawn = pointed.next(
      pointed.withdraw({ record: sampleWithdrawal({ version: "1.1", kind }), ...signing }),
    );
    return channelsOf(withdrawn.next(revoke(everything, withdrawn).files))[0];
  };
  assert.deepEqual([stableAfter("recall"), stableAfter("key-compromise")], ["stable 1.0", "stable 1.2"]);
});

test("a dropped release comes back by the keys that sign the product now, and never by the online key alone", () => {
  const after = before.next(revoke({ versions: ["1.1"], until: null }).files);
  const gone = { product: "editor", version: "1.2", ...signing };
  assert.throws(() => after.restore(gone), refusal("release.unsigned"));
  for (const signers of [[], [publisher], [keys.online]]) {
    assert.throws(() => after.readmit({ ...bad, signers, ...signing }), refusal("key.threshold"));
  }
  const back = readmitted(after, bad);
  assert.deepEqual([versionsOf(back).includes("1.2"), back.withdrawal("editor", "1.2")], [true, null]);
  assert.throws(() => back.readmit({ ...bad, signers: keys.targets, ...signing }), refusal("release.exists"));
  const never = sample({ version: "7", sequence: 7 });
  assert.throws(() => back.readmit({ ...never, signers: keys.targets, ...signing }), refusal("release.not-withdrawn"));
  const swapped = { record: beta.record, metainfo: bad.metainfo };
  assert.throws(() => after.readmit({ ...swapped, signers: keys.targets, ...signing }), refusal("release.record"));
});

function readmitted(repository: Repository, release: Sample): Repository {
  return repository.next(repository.readmit({ ...release, signers: keys.targets, ...signing }));
}

test("a readmitted release moves its channel only where the channel stands at nothing that is signed", () => {
  const newer = sample({ version: "2.1-b", sequence: 5, channel: "beta" });
  const grown = added(before, newer, [publisher]);
  const after = grown.next(revoke({ versions: ["1.1"], until: null }, grown).files);
  assert.deepEqual(channelsOf(after), ["stable 1.1", "beta 2.1-b"]);
  const moved = readmitted(after, beta);
  assert.deepEqual(channelsOf(moved), ["stable 1.1", "beta 2.0-b"]);
  assert.deepEqual(channelsOf(readmitted(moved, newer)), ["stable 1.1", "beta 2.0-b"]);
  const move = { product: "editor", channel: "stable", version: "1.0", signers: keys.targets, ...signing };
  const chosen = after.next(after.pointChannel(move));
  assert.equal(channelsOf(readmitted(chosen, bad))[0], "stable 1.0");
});

test("a role grows to its limits of targets and bytes and not beyond, by a readmission too", () => {
  const after = before.next(revoke({ versions: ["1.1"], until: null }).files);
  const state = readRepository(after.files);
  const grow = (more: Json): unknown => {
    const body = { targets: { ...targetsJson(state.targets), ...more } };
    const delegations = state.targets.signed.delegations?.toJSON() as Json;
    const targets = createDocument("targets", { version: 4, now, life: 1 }, { ...body, delegations });
    return readmit({ ...state, targets }, { ...bad, signers: keys.targets, ...signing });
  };
  const foreign = { length: 1, hashes: { sha256: "0".repeat(64) } };
  const filled = (count: number): Json =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`foreign/${index}/x`, foreign]));
  const room = ROLE_TARGETS_MAX - Object.keys(state.targets.signed.targets).length - 1;
  assert.ok(grow(filled(room)));
  assert.throws(() => grow(filled(room + 1)), refusal("release.too-many", /more than/));
  const long = (lengthBytes: number): Json => ({
    "foreign/x": { ...foreign, custom: { notes: "x".repeat(lengthBytes) } },
  });
  assert.ok(grow(long(TARGETS_BYTES_MAX / 2)));
  assert.throws(() => grow(long(TARGETS_BYTES_MAX)), refusal("release.too-many", /bytes/));
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
  const twice = grown.next(revoke(everything, grown).files);
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
