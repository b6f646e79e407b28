// What a publisher and an origin may do to a repository, and what they may not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROLE_KEYS_MAX } from "../core/index.ts";
import { createRepository } from "./key-ceremony.ts";
import {
  DAY,
  HOUR,
  newKeys,
  newRepository,
  newSigner,
  published,
  refusal,
  sample,
  sampleWithdrawal,
} from "./release-fixture.test.ts";
import { Repository } from "./repository.ts";

const now = Date.parse("2026-11-25T12:00:00Z");
const keys = newKeys();
const signing = { onlineSigner: keys.online, now };
const empty = newRepository(keys, now);
const [one, two] = [sample(), sample({ version: "1.1", sequence: 2 })];
const both = published(published(empty, keys, one, now), keys, two, now);

test("Repository tells releases, channels, expiries and what stands behind each target", () => {
  assert.deepEqual(both.releases(), [one.record, two.record]);
  assert.deepEqual(both.channels(), [
    { schema: 1, product: "editor", channel: "stable", version: "1.1", target: "editor/1.1/editor-1.1.torrent" },
  ]);
  assert.equal(both.nextSequence("editor"), 3);
  assert.equal(both.nextSequence("viewer"), 1);
  const days = both
    .expiries()
    .map(({ role, version, expiresAt }) => [role, version, (Date.parse(expiresAt) - now) / DAY]);
  assert.deepEqual(days, [
    ["root", 1, 365],
    ["targets", 3, 90],
    ["snapshot", 3, 7],
    ["timestamp", 3, 1],
    ["withdrawals", 1, 7],
  ]);
  const torrent = both.targetFile("editor/1.0/editor-1.0.torrent") ?? assert.fail();
  assert.deepEqual(
    [torrent.name, torrent.lengthBytes],
    [{ kind: "release", product: "editor", version: "1.0" }, one.metainfo.length],
  );
  assert.equal(torrent.servedAs, `editor/1.0/${torrent.sha256}.editor-1.0.torrent`);
  assert.equal(both.targetFile(torrent.servedAs), torrent);
  assert.equal(both.targetFile(torrent.servedAs.replace(torrent.sha256, "0".repeat(64))), null);
  assert.equal(both.targetFile("editor/1.2/editor-1.2.torrent"), null);
  const pointer = both.targetFile("editor/channels/stable.json") ?? assert.fail();
  assert.equal(pointer.bytes?.length, pointer.lengthBytes);
});

test("withdraw() and restore() need the online key alone, and are told apart from what is not so", () => {
  const record = sampleWithdrawal();
  const files = both.withdraw({ record, ...signing });
  assert.deepEqual([...files.keys()], ["2.withdrawals.json", "4.snapshot.json", "timestamp.json"]);
  const withdrawn = both.next(files);
  assert.deepEqual(withdrawn.withdrawals(), [record]);
  assert.deepEqual(withdrawn.withdrawal("editor", "1.0"), record);
  assert.equal(withdrawn.withdrawal("editor", "1.1"), null);
  const target = withdrawn.targetFile("withdrawals/editor/1.0.json") ?? assert.fail();
  assert.deepEqual(JSON.parse(String(target.bytes)), record);
  assert.throws(() => withdrawn.withdraw({ record, ...signing }), refusal("release.already-withdrawn"));
  assert.throws(() => both.withdraw({ record: { ...record, version: "7" }, ...signing }), refusal("release.not-found"));
  assert.throws(
    () => both.withdraw({ record: { ...record, replacedBy: "7" }, ...signing }),
    refusal("release.not-found"),
  );
  const thief = { onlineSigner: newSigner(), now };
  assert.throws(() => both.withdraw({ record, ...thief }), refusal("key.threshold"));
  const restored = withdrawn.next(withdrawn.restore({ product: "editor", version: "1.0", ...signing }));
  assert.deepEqual(restored.withdrawals(), []);
  assert.throws(
    () => restored.restore({ product: "editor", version: "1.0", ...signing }),
    refusal("release.not-withdrawn"),
  );
});

test("needsRefresh() is true from the half of a role's life on, and refresh() signs what is due", () => {
  assert.equal(both.needsRefresh(now + 12 * HOUR), false);
  assert.equal(both.needsRefresh(now + 12 * HOUR + 1000), true);
  const soon = { onlineSigner: keys.online, now: now + 13 * HOUR };
  const files = both.refresh(soon);
  assert.deepEqual([...files.keys()], ["timestamp.json"]);
  assert.equal(both.next(files).needsRefresh(soon.now), false);
  const later = { onlineSigner: keys.online, now: now + 4 * DAY };
  const due = both.refresh(later);
  assert.deepEqual([...due.keys()], ["2.withdrawals.json", "4.snapshot.json", "timestamp.json"]);
  assert.equal(both.next(due).needsRefresh(later.now), false);
  assert.deepEqual(both.next(due).releases(), both.releases());
});

test("rotateKeys() gives a role other keys, and what they sign is signed anew in the same change", () => {
  const online = newSigner();
  const change = { rootSigners: keys.root, targetsSigners: keys.targets, onlineSigner: online, now };
  const files = both.rotateKeys({ ...change, online: online.key });
  const names = ["2.root.json", "4.targets.json", "2.withdrawals.json", "4.snapshot.json", "timestamp.json"];
  assert.deepEqual([...files.keys()], names);
  const rotated = both.next(files);
  assert.deepEqual(rotated.releases(), both.releases());
  assert.throws(() => rotated.refresh(signing), refusal("key.threshold"));
  assert.ok(rotated.refresh({ onlineSigner: online, now }).size > 0);
  assert.equal(rotated.fingerprint, both.fingerprint);
  assert.throws(() => both.rotateKeys({ ...change, rootSigners: keys.root.slice(0, 1) }), refusal("key.threshold"));
  assert.throws(() => both.rotateKeys({ ...change, online: online.key, targetsSigners: [] }), refusal("key.threshold"));
  const strangers = { keys: [newSigner().key], threshold: 1 };
  assert.throws(() => both.rotateKeys({ ...change, root: strangers }), refusal("key.threshold"));
});

test("a role has at most its limit of keys, each once, and a threshold that they can reach", () => {
  const make = (count: number, threshold: number) => () =>
    createRepository({
      rootSigners: Array.from({ length: count }, newSigner),
      rootThreshold: threshold,
      targetsSigners: keys.targets,
      targetsThreshold: 1,
      ...signing,
    });
  assert.ok(make(ROLE_KEYS_MAX, 2)().size > 0);
  for (const bad of [make(ROLE_KEYS_MAX + 1, 2), make(2, 3), make(2, 0), make(2, 1.5), make(0, 1)]) {
    assert.throws(bad, refusal("key.threshold"));
  }
  const twice = { ...signing, targetsSigners: keys.targets, targetsThreshold: 1, rootThreshold: 2 };
  const [same = newSigner()] = keys.root;
  assert.throws(() => createRepository({ ...twice, rootSigners: [same, same] }), refusal("key.threshold"));
});

test("Repository.parse() refuses files that are missing, changed or signed by others", () => {
  for (const name of both.files.keys()) {
    if (!/^(?:1\.root|3\.snapshot|3\.targets|timestamp|1\.withdrawals)/.test(name)) continue;
    const without = new Map(both.files);
    without.delete(name);
    assert.throws(() => Repository.parse(without), refusal("release.metadata"), name);
    const bytes = String(both.files.get(name));
    for (const changed of [bytes.replace(/"version":(\d+)/, '"version":9$1'), bytes.slice(1), "{}", "[]", ""]) {
      const files = new Map([...both.files, [name, Buffer.from(changed)]]);
      assert.throws(() => Repository.parse(files), refusal("release.metadata"), `${name} ${changed.slice(0, 20)}`);
    }
  }
  const strangers = newRepository(newKeys(), now).files.get("1.root.json") as Buffer;
  assert.throws(
    () => Repository.parse(new Map([...both.files, ["2.root.json", strangers]])),
    refusal("release.metadata"),
  );
});
