// How much of an origin's metadata a machine takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOT_BYTES_MAX, ROOT_ROTATIONS_MAX, TIMESTAMP_BYTES_MAX } from "../core/index.ts";
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
import type { Repository } from "./repository.ts";

const root = temporaryFolder();
const keys = newKeys();
const repository = published(newRepository(keys), keys, sample());

async function visit(origin: TestOrigin, machine: string = newMachine(root)): Promise<string> {
  await using client = clientOf(origin, machine, { pinnedRoot: repository.files.get("1.root.json") ?? null });
  return (await client.newest("editor", "stable")).record.version;
}

/** The repository after so many rotations that change nothing. */
function rotated(count: number): Repository {
  let current = repository;
  for (let index = 0; index < count; index++) {
    const change = { rootSigners: keys.root.slice(0, 2), onlineSigner: keys.online, now: Date.now() };
    current = current.next(current.rotateKeys(change));
  }
  return current;
}

test("a timestamp and a root are read up to their limits", async () => {
  const files = rotated(1).files;
  for (const [name, limit] of [
    ["timestamp.json", TIMESTAMP_BYTES_MAX],
    ["2.root.json", ROOT_BYTES_MAX],
  ] as const) {
    await using origin = await openOrigin();
    origin.serve(files, [sample()]);
    const bytes = files.get(name) ?? assert.fail();
    const padded = (length: number): Buffer => Buffer.concat([bytes, Buffer.alloc(length - bytes.length, " ")]);
    origin.files.set(`/tuf/${name}`, padded(limit));
    assert.equal(await visit(origin), "1.0", name);
    origin.files.set(`/tuf/${name}`, padded(limit + 1));
    await assert.rejects(visit(origin), refusal("release.verification"), name);
  }
});

test("a check walks through at most so many roots, and the next one goes on from there", async () => {
  await using origin = await openOrigin();
  origin.serve(rotated(ROOT_ROTATIONS_MAX + 1).files, [sample()]);
  const machine = newMachine(root);
  const last = `/tuf/${ROOT_ROTATIONS_MAX + 1}.root.json`;
  assert.equal(await visit(origin, machine), "1.0");
  assert.ok(origin.asked.includes(last) && !origin.asked.includes(`/tuf/${ROOT_ROTATIONS_MAX + 2}.root.json`));
  assert.equal(await visit(origin, machine), "1.0");
  assert.ok(origin.asked.includes(`/tuf/${ROOT_ROTATIONS_MAX + 2}.root.json`));
});

test("a check that takes too long in all is given up on", async () => {
  await using origin = await openOrigin();
  origin.serve(repository.files, [sample()]);
  origin.files.set("/tuf/timestamp.json", () => {});
  await using client = clientOf(origin, newMachine(root), { checkTimeoutMs: 200 });
  await assert.rejects(client.newest("editor", "stable"), refusal("net.timeout", /200 ms to prove/));
});
