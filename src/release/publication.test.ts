// What a publisher may change, and what not, whatever it signs.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DELEGATED_PRODUCTS_MAX,
  PUBLISHER_CLOCK_AHEAD_MS,
  ROLE_TARGETS_MAX,
  TARGETS_BYTES_MAX,
} from "../core/index.ts";
import { delegateProduct, prepareDelegation } from "./delegation.ts";
import { createDocument, delegationsBody, type Json } from "./metadata-documents.ts";
import { signTargets, type TargetsProposal } from "./publication.ts";
import { newKeys, newRepository, newSigner, published, refusal, sample, type Sample } from "./release-fixture.test.ts";
import { readRepository } from "./repository-state.ts";
import type { Signer } from "./signing-key.ts";

const now = Date.parse("2026-11-25T12:00:00Z");
const keys = newKeys();
const signing = { onlineSigner: keys.online, now };
const [one, two] = [sample(), sample({ version: "1.1", sequence: 2 })];
const both = published(published(newRepository(keys, now), keys, one, now), keys, two, now);

/** What a remote publisher sends after a change of what was prepared. */
function altered(
  proposal: TargetsProposal | null,
  signers: readonly Signer[],
  change: (signed: Json) => void,
): TargetsProposal {
  assert.ok(proposal !== null);
  const json = JSON.parse(proposal.bytes.toString()) as { signed: Json };
  change(json.signed);
  return signTargets({ role: proposal.role, bytes: Buffer.from(JSON.stringify(json)) }, signers);
}

test("addRelease() of the same bytes changes nothing, and other bytes never replace a version", () => {
  assert.equal(both.addRelease({ ...one, ...signing, signers: keys.targets }).size, 0);
  const other = sample({ content: "other bytes", sequence: 3 });
  assert.throws(() => both.addRelease({ ...other, ...signing, signers: keys.targets }), refusal("release.exists"));
});

const add = (release: Sample) => () => both.addRelease({ ...release, ...signing, signers: keys.targets });

test("addRelease() refuses a record that is not that of its .torrent, and a sequence number that is taken", () => {
  const third = sample({ version: "1.2", sequence: 3 });
  const swapped = { record: { ...third.record, infoHashTwin: one.record.infoHashTwin }, metainfo: third.metainfo };
  assert.throws(add(swapped), refusal("release.record", /infoHashTwin/));
  const longer = { record: { ...third.record, lengthBytes: 1 }, metainfo: third.metainfo };
  assert.throws(add(longer), refusal("release.record", /lengthBytes/));
  assert.throws(add(sample({ version: "1.2", sequence: 2 })), refusal("release.rejected", /sequence/));
});

test("addRelease() needs the threshold of the targets keys and the online key", () => {
  const third = sample({ version: "1.2", sequence: 3 });
  assert.throws(() => both.addRelease({ ...third, ...signing, signers: [newSigner()] }), refusal("release.signature"));
  const online = { onlineSigner: newSigner(), now, signers: keys.targets };
  assert.throws(() => both.addRelease({ ...third, ...online }), refusal("key.threshold"));
});

test("acceptTargets() takes what a remote publisher signed", () => {
  const third = sample({ version: "1.2", sequence: 3 });
  const proposal = both.prepareRelease({ ...third, now });
  assert.ok(proposal !== null);
  const files = both.acceptTargets({ ...signTargets(proposal, keys.targets), ...signing });
  assert.deepEqual([...files.keys()], ["4.targets.json", "4.snapshot.json", "timestamp.json"]);
  assert.equal(both.next(files).releases().length, 3);
});

function point(targets: Record<string, Json>, version: string): void {
  const custom = {
    schema: 1,
    product: "editor",
    channel: "stable",
    version,
    target: `editor/${version}/editor-${version}.torrent`,
  };
  targets["editor/channels/stable.json"] = { ...targets["editor/channels/stable.json"], custom };
}

test("acceptTargets() does not let a remote publisher replace or remove a version, or touch what is not its own", () => {
  const proposal = both.prepareRelease({ ...sample({ version: "1.2", sequence: 3 }), now });
  const path = "editor/1.0/editor-1.0.torrent";
  const cases: readonly (readonly [
    code: string,
    what: RegExp,
    change: (signed: Json, targets: Record<string, Json>) => void,
  ])[] = [
    ["release.rejected", /replaced/, (_, targets) => void ((targets[path] as Json)["length"] = 7)],
    [
      "release.rejected",
      /replaced/,
      (_, targets) => void (((targets[path] as Json)["custom"] as Json)["notes"] = "other"),
    ],
    ["release.rejected", /removes/, (_, targets) => delete targets[path]],
    ["release.rejected", /delegations/, (signed) => delete signed["delegations"]],
    [
      "release.rejected",
      /no target/,
      (_, targets) => void (targets["withdrawals/editor/1.0.json"] = targets[path] as Json),
    ],
    [
      "release.rejected",
      /no target/,
      (_, targets) => void (targets["editor/1.3/other.torrent"] = targets[path] as Json),
    ],
    ["release.rejected", /no target/, (_, targets) => void (targets["../1.3/x.torrent"] = targets[path] as Json)],
    [
      "release.rejected",
      /another release/,
      (_, targets) => void (targets["editor/1.3/editor-1.3.torrent"] = targets[path] as Json),
    ],
    ["release.rejected", /not published/, (_, targets) => point(targets, "9.9")],
    ["release.conflict", /next/, (signed) => void (signed["version"] = 9)],
    ["release.rejected", /clock/, (signed) => void (signed["expires"] = "2036-01-01T00:00:00Z")],
    ["release.rejected", /clock/, (signed) => void (signed["expires"] = "2026-01-01T00:00:00Z")],
  ];
  for (const [code, what, change] of cases) {
    const sent = altered(proposal, keys.targets, (signed) => change(signed, signed["targets"] as Record<string, Json>));
    assert.throws(() => both.acceptTargets({ ...sent, ...signing }), refusal(code, what), String(change));
  }
  const unsigned = { role: "targets", bytes: proposal?.bytes ?? Buffer.alloc(0), ...signing };
  assert.throws(() => both.acceptTargets(unsigned), refusal("release.signature"));
  const garbage = { role: "targets", bytes: Buffer.from("{}"), ...signing };
  assert.throws(() => both.acceptTargets(garbage), refusal("release.metadata"));
  const long = { role: "targets", bytes: Buffer.alloc(TARGETS_BYTES_MAX + 1), ...signing };
  assert.throws(() => both.acceptTargets(long), refusal("release.too-many"));
  for (const role of ["withdrawals", "snapshot", "viewer", "__proto__", "constructor"]) {
    assert.throws(() => both.acceptTargets({ ...unsigned, role }), refusal("release.rejected", /No publisher/), role);
  }
});

test("pointChannel() moves a channel to a published version, and to no other", () => {
  const move = { product: "editor", channel: "beta", version: "1.0", signers: keys.targets, ...signing };
  const moved = both.next(both.pointChannel(move));
  assert.deepEqual(
    moved.channels().map(({ channel, version }) => `${channel} ${version}`),
    ["stable 1.1", "beta 1.0"],
  );
  assert.throws(() => both.pointChannel({ ...move, version: "3" }), refusal("release.not-found"));
});

test("a delegated product is signed by its publisher's key alone, and by nobody else's product", () => {
  const publisher = newSigner();
  const first = signTargets(both.prepareDelegation("editor", now), [publisher]);
  const delegation = {
    product: "editor",
    keys: { keys: [publisher.key], threshold: 1 },
    signers: keys.targets,
    ...signing,
  };
  const delegated = both.next(both.delegateProduct({ ...delegation, first: first.bytes }));
  assert.equal(delegated.roleOf("editor"), "editor");
  assert.deepEqual(delegated.channels(), both.channels());
  const third = sample({ version: "2.0", sequence: 3 });
  assert.throws(
    () => delegated.addRelease({ ...third, ...signing, signers: keys.targets }),
    refusal("release.signature"),
  );
  const next = delegated.next(delegated.addRelease({ ...third, ...signing, signers: [publisher] }));
  assert.deepEqual(
    next.releases().map(({ version }) => version),
    ["1.0", "1.1", "2.0"],
  );
  assert.deepEqual(
    next.channels().map(({ version }) => version),
    ["2.0"],
  );
  assert.throws(
    () => next.addRelease({ ...sample({ content: "other", sequence: 4 }), ...signing, signers: [publisher] }),
    refusal("release.exists"),
  );
  const viewer = both.prepareRelease({ ...sample({ product: "viewer" }), now });
  const smuggled = altered(
    next.prepareRelease({ ...sample({ version: "3", sequence: 4 }), now }),
    [publisher],
    (signed) => {
      const foreign = (JSON.parse(String(viewer?.bytes)) as { signed: { targets: Json } }).signed.targets;
      (signed["targets"] as Json)["viewer/1.0/viewer-1.0.torrent"] = foreign["viewer/1.0/viewer-1.0.torrent"] as Json;
    },
  );
  assert.throws(
    () => next.acceptTargets({ ...smuggled, ...signing }),
    refusal("release.rejected", /signed by targets/),
  );
});

test("delegateProduct() takes nothing but the prepared first document, signed by the product's keys and by targets", () => {
  const publisher = newSigner();
  const proposal = both.prepareDelegation("editor", now);
  const first = signTargets(proposal, [publisher]).bytes;
  const delegation = {
    product: "editor",
    keys: { keys: [publisher.key], threshold: 1 },
    signers: keys.targets,
    ...signing,
  };
  const refused = (over: object, code: string): void =>
    assert.throws(() => both.delegateProduct({ ...delegation, first, ...over }), refusal(code));
  refused({ signers: [publisher] }, "key.threshold");
  refused({ first: proposal.bytes }, "release.signature");
  refused(
    { first: altered(proposal, [publisher], (signed) => void (signed["version"] = 4)).bytes },
    "release.conflict",
  );
  refused(
    { first: altered(proposal, [publisher], (signed) => void (signed["targets"] = {})).bytes },
    "release.conflict",
  );
  refused({ product: "withdrawals" }, "release.name");
});

/** A publisher's clock is ahead of the origin's. */
function ahead(ms: number): ReadonlyMap<string, Buffer> {
  const third = sample({ version: "1.2", sequence: 3 });
  const proposal = both.prepareRelease({ ...third, now: now + ms });
  return both.acceptTargets({ ...signTargets(proposal ?? assert.fail(), keys.targets), ...signing });
}

test("a publisher's clock may be ahead of the origin's, within its limit", () => {
  assert.ok(ahead(PUBLISHER_CLOCK_AHEAD_MS).size > 0);
  assert.throws(() => ahead(PUBLISHER_CLOCK_AHEAD_MS + 1000), refusal("release.rejected", /clock/));
});

test("a role has at most its limit of targets", () => {
  const proposal = both.prepareRelease({ ...sample({ version: "1.2", sequence: 3 }), now });
  const filled = (count: number): TargetsProposal =>
    altered(proposal, keys.targets, (signed) => {
      const targets = signed["targets"] as Record<string, Json>;
      const foreign = targets["editor/channels/stable.json"] as Json;
      for (let index = Object.keys(targets).length; index < count; index++) targets[`foreign/${index}`] = foreign;
    });
  // At the limit the count is no reason any more.
  const within = { ...filled(ROLE_TARGETS_MAX), ...signing };
  assert.throws(() => both.acceptTargets(within), refusal("release.rejected", /no target/));
  const beyond = { ...filled(ROLE_TARGETS_MAX + 1), ...signing };
  assert.throws(() => both.acceptTargets(beyond), refusal("release.too-many"));
});

test("at most so many products have keys of their own", () => {
  const publisher = { keys: [newSigner().key], threshold: 1 };
  const online = { keys: [keys.online.key], threshold: 1 };
  const owner = newSigner();
  const delegate = (count: number): unknown => {
    const products = new Map(Array.from({ length: count }, (_, index) => [`product-${index}`, publisher]));
    const body = { targets: {}, delegations: delegationsBody(online, products) };
    const state = {
      ...readRepository(both.files),
      targets: createDocument("targets", { version: 3, now, life: 1 }, body),
    };
    const first = signTargets(prepareDelegation(state, "viewer", now), [owner]).bytes;
    const role = { keys: [owner.key], threshold: 1 };
    return delegateProduct(state, { product: "viewer", keys: role, first, signers: keys.targets, ...signing });
  };
  assert.ok(delegate(DELEGATED_PRODUCTS_MAX - 1));
  assert.throws(() => delegate(DELEGATED_PRODUCTS_MAX), refusal("release.too-many"));
});
