import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FolderMetadataStore } from "./metadata-store.ts";
import { newKeys, newRepository, published, refusal, sample, temporaryFolder } from "./release-fixture.test.ts";
import { Repository } from "./repository.ts";

test("FolderMetadataStore gives back what was appended, and replaces no version", async () => {
  const folder = join(temporaryFolder(), "tuf");
  await using store = new FolderMetadataStore(folder);
  await assert.rejects(store.current(), refusal("release.not-found"));
  const keys = newKeys();
  const empty = newRepository(keys);
  await store.append(empty.files);
  const one = published(empty, keys, sample());
  await store.append(new Map([...one.files].filter(([name]) => !empty.files.has(name) || name === "timestamp.json")));
  const read = Repository.parse(await store.current());
  assert.deepEqual(read.releases(), one.releases());
  const other = published(empty, keys, sample({ version: "2" }));
  const clash = new Map([["2.targets.json", other.files.get("2.targets.json") ?? Buffer.alloc(0)]]);
  await assert.rejects(store.append(clash), refusal("release.conflict"));
  assert.deepEqual(Repository.parse(await store.current()).releases(), one.releases());
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith(".")),
    [],
  );
});
