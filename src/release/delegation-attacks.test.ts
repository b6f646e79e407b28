// What machines believe before and after a product's keys were taken back, of an origin, of a mirror that is stuck, and of
// whoever has the old key. The attacker holds the network and the key; where the online key is stolen too, the test says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { now, signing, publisher, one, two, all, before, revoke, none } from "./delegated-product.test.ts";
import { TARGETS_LIFE_MS } from "../core/index.ts";
import { createDocument, encodeDocument, listed, signDocument, type Documents } from "./metadata-documents.ts";
import { publishRoles, signSnapshot, signTimestamp, targetsJson } from "./online-signing.ts";
import {
  clientOf,
  newKeys,
  newMachine,
  newRepository,
  openOrigin,
  published,
  refusal,
  sample,
  temporaryFolder,
  type TestOrigin,
} from "./release-fixture.test.ts";
import { readRepository } from "./repository-state.ts";
import type { Repository } from "./repository.ts";

const root = temporaryFolder();

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
