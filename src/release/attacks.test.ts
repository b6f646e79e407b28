// The attacks that The Update Framework lists (TUF 1.5.2), each carried out against a machine by an origin on loopback.
// The attacker holds the network and the origin's files; where a key is stolen too, the test says which.

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { WITHDRAWALS_LIFE_MS } from "../core/index.ts";
import { NetError } from "../net/index.ts";
import { createDocument, encodeDocument, listed, signDocument, type Json } from "./metadata-documents.ts";
import { publishRoles, signSnapshot, signTimestamp, targetsJson } from "./online-signing.ts";
import {
  clientOf,
  DAY,
  newKeys,
  newMachine,
  newRepository,
  newSigner,
  openOrigin,
  published,
  refusal,
  sample,
  temporaryFolder,
  type Keys,
  type TestOrigin,
} from "./release-fixture.test.ts";
import { readRepository } from "./repository-state.ts";
import type { Repository } from "./repository.ts";

const root = temporaryFolder();
const stable = ["editor", "stable"] as const;
const [one, two] = [sample(), sample({ version: "1.1", sequence: 2 })];

interface Scene extends AsyncDisposable {
  readonly keys: Keys;
  readonly repository: Repository;
  readonly origin: TestOrigin;
  readonly machine: string;
}

/** A release, an origin that serves it, and a machine that has seen it. */
async function openScene(): Promise<Scene> {
  const keys = newKeys();
  const repository = published(newRepository(keys), keys, one);
  const origin = await openOrigin();
  const machine = newMachine(root);
  origin.serve(repository.files, [one]);
  await visit(origin, machine);
  return { keys, repository, origin, machine, [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose]() };
}

/** What a machine gets as the newest version. */
async function visit(origin: TestOrigin, machine: string, http: { replyTimeoutMs?: number } = {}): Promise<string> {
  await using client = clientOf(origin, machine, { http });
  return (await client.newest(...stable)).record.version;
}

const signing = (keys: Keys, now: number = Date.now()) => ({ onlineSigner: keys.online, now });

test("arbitrary installation: releases that other keys have signed are refused", async () => {
  await using scene = await openScene();
  const theirs = newKeys();
  const forged = published(newRepository(theirs), theirs, sample({ version: "6.6", content: "malware" }));
  scene.origin.files.clear();
  scene.origin.serve(forged.files, [sample({ version: "6.6", content: "malware" })]);
  await assert.rejects(visit(scene.origin, scene.machine), refusal("release.verification"));
});

test("endless data: a file longer than its kind or its listing allows is cut off", async () => {
  await using scene = await openScene();
  let sentBytes = 0;
  const endless = (_request: unknown, response: ServerResponse): void => {
    const block = Buffer.alloc(65_536, " ");
    const more = (): void => {
      let isTaken = true;
      for (sentBytes += block.length; isTaken && !response.destroyed; sentBytes += block.length)
        isTaken = response.write(block);
    };
    response.on("drain", more);
    more();
  };
  const { servedAs } = scene.repository.targetFile("editor/1.0/editor-1.0.torrent") ?? assert.fail();
  for (const path of ["timestamp.json", "2.root.json", `targets/${servedAs}`]) {
    scene.origin.files.set(`/tuf/${path}`, endless);
    await assert.rejects(visit(scene.origin, scene.machine), refusal("release.verification"), path);
    scene.origin.files.delete(`/tuf/${path}`);
    scene.origin.serve(scene.repository.files, [one]);
  }
  assert.ok(sentBytes < 64 * 1_048_576, `${sentBytes} bytes were sent`);
  assert.equal(await visit(scene.origin, scene.machine), "1.0");
});

test("extraneous dependencies: a target that the publisher did not list cannot be added beside the release", async () => {
  await using scene = await openScene();
  const { targets, root: rootDocument, snapshot } = readRepository(scene.repository.files);
  const extra = { ...listed(Buffer.from("malware")), custom: {} };
  const { version } = targets.signed;
  const json = targets.toJSON() as { signed: { targets: Json } };
  json.signed.targets["editor/1.0/malware.torrent"] = extra;
  const bytes = Buffer.from(JSON.stringify(json));
  scene.origin.files.set(`/tuf/${version}.targets.json`, bytes);
  await assert.rejects(visit(scene.origin, newMachine(root)), refusal("release.verification"));
  // With the stolen online key the snapshot lists it properly; the publisher's signature does not fit it.
  const meta = Object.fromEntries(Object.entries(snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]));
  const forged = signSnapshot(
    rootDocument,
    50,
    { ...meta, "targets.json": { version, ...listed(bytes) } },
    signing(scene.keys),
  );
  scene.origin.files.set("/tuf/50.snapshot.json", forged);
  const timestamp = signTimestamp(rootDocument, 50, { version: 50, ...listed(forged) }, signing(scene.keys));
  scene.origin.files.set("/tuf/timestamp.json", timestamp);
  await assert.rejects(visit(scene.origin, newMachine(root)), refusal("release.verification"));
});

test("fast-forward: once the stolen online key is rotated, machines accept lower versions again", async () => {
  await using scene = await openScene();
  const { keys, repository, origin, machine } = scene;
  const { root: rootDocument, snapshot, withdrawals } = readRepository(repository.files);
  const far = 2_000_000_000;
  const ahead = createDocument(
    "targets",
    { version: far, now: Date.now(), life: WITHDRAWALS_LIFE_MS },
    { targets: {} },
  );
  signDocument(ahead, [keys.online]);
  const meta = Object.fromEntries(Object.entries(snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]));
  const listing = { ...meta, "withdrawals.json": { version: far, ...listed(encodeDocument(ahead)) } };
  const forged = signSnapshot(rootDocument, far, listing, signing(keys));
  origin.files.set(`/tuf/${far}.withdrawals.json`, encodeDocument(ahead));
  origin.files.set(`/tuf/${far}.snapshot.json`, forged);
  const timestamp = signTimestamp(rootDocument, far, { version: far, ...listed(forged) }, signing(keys));
  origin.files.set("/tuf/timestamp.json", timestamp);
  assert.equal(await visit(origin, machine), "1.0");
  origin.serve(repository.files, [one]);
  await assert.rejects(visit(origin, machine), refusal("release.verification"));
  const online = newSigner();
  const rotation = { rootSigners: keys.root, targetsSigners: keys.targets, onlineSigner: online, now: Date.now() };
  const rotated = repository.next(repository.rotateKeys({ ...rotation, online: online.key }));
  origin.serve(rotated.files, [one]);
  assert.equal(await visit(origin, machine), "1.0");
  assert.ok(withdrawals.signed.version < far);
});

test("indefinite freeze: metadata whose time is over is refused, whichever role it is", async () => {
  const keys = newKeys();
  const now = Date.now();
  const ages = { timestamp: 2 * DAY, targets: 91 * DAY, root: 366 * DAY };
  for (const [role, age] of Object.entries(ages)) {
    await using origin = await openOrigin();
    const old = published(newRepository(keys, now - age), keys, one, now - age);
    // All but the timestamp: the origin goes on signing, the publisher does not.
    const repository = role === "timestamp" ? old : old.next(old.refresh(signing(keys, now)));
    origin.serve(repository.files, [one]);
    await assert.rejects(visit(origin, newMachine(root)), refusal("release.expired", /expired/), role);
  }
});

test("mix-and-match: files of two moments are refused together", async () => {
  await using scene = await openScene();
  const { keys, repository, origin } = scene;
  const next = published(repository, keys, two);
  const [before, after] = [repository, next].map(({ files }) => readRepository(files));
  const names = (role: "snapshot" | "targets"): readonly string[] =>
    [before, after].map((state) => `${state?.[role].signed.version}.${role}.json`);
  for (const role of ["snapshot", "targets"] as const) {
    origin.serve(next.files, [one, two]);
    const [old = "", current = ""] = names(role);
    origin.files.set(`/tuf/${current}`, repository.files.get(old) as Buffer);
    await assert.rejects(visit(origin, newMachine(root)), refusal("release.verification"), role);
  }
});

test("rollback: a machine that has seen newer metadata refuses older, also where the online key signs it anew", async () => {
  await using scene = await openScene();
  const { keys, repository, origin, machine } = scene;
  const next = published(repository, keys, two);
  origin.serve(next.files, [one, two]);
  assert.equal(await visit(origin, machine), "1.1");
  origin.serve(repository.files, [one]);
  await assert.rejects(visit(origin, machine), refusal("release.verification"));
  const { root: rootDocument, snapshot } = readRepository(repository.files);
  const meta = Object.fromEntries(Object.entries(snapshot.signed.meta).map(([name, file]) => [name, file.toJSON()]));
  const forged = signSnapshot(rootDocument, 90, meta, signing(keys));
  origin.files.set("/tuf/90.snapshot.json", forged);
  const timestamp = signTimestamp(rootDocument, 90, { version: 90, ...listed(forged) }, signing(keys));
  origin.files.set("/tuf/timestamp.json", timestamp);
  await assert.rejects(visit(origin, machine), refusal("release.verification"));
});

test("key compromise: fewer root keys than the threshold make no root, and a rotated key signs nothing any more", async () => {
  await using scene = await openScene();
  const { keys, repository, origin, machine } = scene;
  const thief = newSigner();
  const [stolen] = keys.root;
  const body = (readRepository(repository.files).root.toJSON() as { signed: Json }).signed;
  const roles = body["roles"] as Record<string, Json>;
  const grabbed = { keytype: "ed25519", scheme: "ed25519", keyval: { public: thief.key.hex } };
  const forged = createDocument(
    "root",
    { version: 2, now: Date.now(), life: DAY },
    {
      consistent_snapshot: true,
      keys: { ...(body["keys"] as Json), [thief.key.keyId]: grabbed },
      roles: {
        ...roles,
        root: { keyids: [thief.key.keyId], threshold: 1 },
        targets: { keyids: [thief.key.keyId], threshold: 1 },
      },
    },
  );
  signDocument(forged, [thief, ...(stolen === undefined ? [] : [stolen])]);
  origin.files.set("/tuf/2.root.json", encodeDocument(forged));
  await assert.rejects(visit(origin, machine), refusal("release.verification"));

  const fresh = newSigner();
  const change = { rootSigners: keys.root.slice(0, 2), targetsSigners: [fresh], ...signing(keys) };
  const rotated = repository.next(repository.rotateKeys({ ...change, targets: { keys: [fresh.key], threshold: 1 } }));
  origin.serve(rotated.files, [one]);
  assert.equal(await visit(origin, machine), "1.0");
  // With the old targets key and the online key: all signatures are there, but one is of a key that counts no longer.
  const state = readRepository(rotated.files);
  const head = { version: state.targets.signed.version + 1, now: Date.now(), life: DAY };
  const malware = createDocument("targets", head, { targets: targetsJson(state.targets) });
  signDocument(malware, keys.targets);
  for (const [name, bytes] of publishRoles(state, new Map([["targets", malware]]), signing(keys))) {
    origin.files.set(`/tuf/${name}`, bytes);
  }
  await assert.rejects(visit(origin, machine), refusal("release.verification"));
});

test("slow retrieval: a server that drips bytes is given up on", async () => {
  await using scene = await openScene();
  scene.origin.files.set("/tuf/timestamp.json", (_request, response) => {
    const drip = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(drip));
  });
  const error: unknown = await visit(scene.origin, scene.machine, { replyTimeoutMs: 300 }).catch(
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NetError, String(error));
  assert.equal(error.code, "net.timeout");
});

test("wrong software: a .torrent of other bytes or another length is refused", async () => {
  await using scene = await openScene();
  const { servedAs } = scene.repository.targetFile("editor/1.0/editor-1.0.torrent") ?? assert.fail();
  const altered = Buffer.from(one.metainfo);
  altered[altered.length - 2] = 0;
  for (const bytes of [altered, two.metainfo, one.metainfo.subarray(0, 100), Buffer.alloc(0)]) {
    scene.origin.files.set(`/tuf/targets/${servedAs}`, bytes);
    await assert.rejects(visit(scene.origin, scene.machine), refusal("release.verification"));
  }
});

test("a stolen online key can publish nothing: what the withdrawals role lists outside of its paths does not count", async () => {
  await using scene = await openScene();
  const { keys, repository, origin, machine } = scene;
  const state = readRepository(repository.files);
  const evil = sample({ version: "6.6", sequence: 9, content: "malware" });
  const forgedKeys = newKeys();
  const forged = readRepository(published(newRepository(forgedKeys), forgedKeys, evil).files);
  const head = { version: state.withdrawals.signed.version + 1, now: Date.now(), life: WITHDRAWALS_LIFE_MS };
  const withdrawals = createDocument("targets", head, { targets: targetsJson(forged.targets) });
  signDocument(withdrawals, [keys.online]);
  for (const [name, bytes] of publishRoles(state, new Map([["withdrawals", withdrawals]]), signing(keys))) {
    origin.files.set(`/tuf/${name}`, bytes);
  }
  assert.equal(await visit(origin, machine), "1.0");
  await using client = clientOf(origin, machine);
  await assert.rejects(client.release("editor", "6.6"), refusal("release.not-found"));
});
