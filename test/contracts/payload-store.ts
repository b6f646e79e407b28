// What every payload store does, wherever it keeps the bytes: the contract of src/origin/payloads/payload-store.ts as
// tests. A test file of each implementation runs `payloadStoreContract`, each entry on a place of its own.

import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ReleaseRef } from "../../src/origin/domain.ts";
import type { PayloadErrorCode, PayloadStore, StagedPayload } from "../../src/origin/payloads/payload-store.ts";

/** Somewhere that outlives the stores opened on it: a folder, a bucket. */
export interface PayloadPlace extends AsyncDisposable {
  open(): Promise<PayloadStore>;
}

type Contract = Readonly<Record<string, (place: PayloadPlace) => Promise<void>>>;

export const ref: ReleaseRef = { product: "node", version: "24.1.0" };
const other: ReleaseRef = { product: "node", version: "24.1.1" };

/** A staged artifact of the given files by their paths below `name`; "" is the artifact itself. */
export async function stageFiles(
  store: PayloadStore,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<StagedPayload> {
  const staged = await store.stage();
  for (const [path, text] of Object.entries(files)) {
    const target = join(staged.folder, name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return staged;
}

export async function keepFiles(store: PayloadStore, of: ReleaseRef, files: Record<string, string>): Promise<void> {
  await using staged = await stageFiles(store, "update", files);
  await store.keep(staged, of, "update");
}

/** The file's text, or null where the store opens nothing. */
export async function textOf(store: PayloadStore, of: ReleaseRef, ...path: readonly string[]): Promise<string | null> {
  const opened = await store.openFile(of, path);
  if (opened === null) return null;
  await using handle = opened.handle;
  const text = await handle.readFile("utf8");
  assert.equal(opened.lengthBytes, Buffer.byteLength(text));
  assert.ok(Math.abs(opened.modifiedMs - Date.now()) < 3_600_000);
  return text;
}

async function refused(code: PayloadErrorCode, change: Promise<unknown>): Promise<void> {
  await assert.rejects(change, (error: { code?: unknown }) => error.code === code);
}

const keeping: Contract = {
  "what is staged is served to nobody, and is gone when it is disposed": async (place) => {
    const store = await place.open();
    const staged = await stageFiles(store, "update", { "": "bytes" });
    assert.equal(await store.artifactPath(ref, "update"), null);
    assert.equal(await textOf(store, ref, "update"), null);
    await staged[Symbol.asyncDispose]();
    await assert.rejects(stat(staged.folder), { code: "ENOENT" });
  },

  "a file that was kept is there, also for a store that is opened later": async (place) => {
    await keepFiles(await place.open(), ref, { "": "bytes" });
    const store = await place.open();
    assert.equal(await textOf(store, ref, "update"), "bytes");
    const path = await store.artifactPath(ref, "update");
    assert.equal((await stat(path ?? "")).size, 5);
    for (const absent of ["updat", "UPDATE", ""]) assert.equal(await store.artifactPath(ref, absent), null);
    assert.equal(await textOf(store, other, "update"), null);
    assert.equal(await textOf(store, ref, "update", "below"), null);
  },

  "a folder that was kept has its files, and is itself none": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "a.txt": "a", "sub/b – ü.txt": "b", "sub/empty": "" });
    assert.equal(await textOf(store, ref, "update", "a.txt"), "a");
    assert.equal(await textOf(store, ref, "update", "sub", "b – ü.txt"), "b");
    assert.equal(await textOf(store, ref, "update", "sub", "empty"), "");
    for (const path of [[], ["update"], ["update", "sub"], ["update", "none"]]) {
      assert.equal(await textOf(store, ref, ...path), null);
    }
  },

  "a payload is never replaced, and what was to replace it stays staged": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "": "first" });
    await using staged = await stageFiles(store, "update", { "": "second" });
    await refused("payload.exists", store.keep(staged, ref, "update"));
    assert.equal(await textOf(store, ref, "update"), "first");
    await store.keep(staged, other, "update");
    assert.equal(await textOf(store, other, "update"), "second");
  },

  "of payloads that are kept at once under one name one is": async (place) => {
    const stores = [await place.open(), await place.open()];
    const outcomes = await Promise.allSettled(
      stores.map((store, index) => keepFiles(store, ref, { a: `${index}`, b: `${index}` })),
    );
    const codes = outcomes.map((end) => (end.status === "rejected" ? (end.reason as { code: string }).code : "kept"));
    assert.deepEqual(codes.toSorted(), ["kept", "payload.exists"]);
    const [store] = stores;
    assert.ok(store !== undefined);
    assert.equal(await textOf(store, ref, "update", "a"), await textOf(store, ref, "update", "b"));
  },
};

const guarding: Contract = {
  "openFile() opens nothing outside the release, whatever it is asked for": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "a.txt": "a" });
    await keepFiles(store, other, { "": "other" });
    const up = [".."];
    for (const path of [
      [...up, other.version, "update"],
      ["update", ...up, ...up, other.version, "update"],
      [`../${other.version}/update`],
      ["update/a.txt"],
      ["update\\a.txt"],
      ["update", "", "a.txt"],
      ["update", ".", "a.txt"],
      ["update", "a.txt\u0000"],
      ["/etc/passwd"],
      ["update", "x".repeat(5000)],
      Array.from({ length: 5000 }, () => "update"),
    ]) {
      assert.equal(await textOf(store, ref, ...path), null, path.join("|").slice(0, 80));
    }
    for (const product of ["..", "", ".", "node/24.1.0", "\u0000"]) {
      assert.equal(await store.openFile({ product, version: "24.1.0" }, ["update", "a.txt"]), null);
      assert.equal(await store.artifactPath({ product: "node", version: product }, "update"), null);
    }
  },

  "keep() refuses names that lead elsewhere": async (place) => {
    const store = await place.open();
    await using staged = await stageFiles(store, "update", { "": "bytes" });
    for (const name of ["..", "../update", ""]) {
      await refused("payload.unknown", store.keep(staged, ref, name));
      await refused("payload.unknown", store.keep(staged, { product: name, version: "1" }, "update"));
    }
  },
};

const withdrawing: Contract = {
  "what is quarantined cannot be opened, and comes back as it was": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "a.txt": "a" });
    await store.quarantine(ref);
    for (const each of [store, await place.open()]) {
      assert.equal(await textOf(each, ref, "update", "a.txt"), null);
      assert.equal(await each.artifactPath(ref, "update"), null);
    }
    await refused("payload.exists", keepFiles(store, ref, { "a.txt": "another" }));
    await store.restore(ref);
    assert.equal(await textOf(store, ref, "update", "a.txt"), "a");
  },

  "quarantine() and restore() may be asked for again": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "": "bytes" });
    for (const change of ["quarantine", "quarantine", "restore", "restore"] as const) await store[change](ref);
    assert.equal(await textOf(store, ref, "update"), "bytes");
  },

  "only purge() deletes, and only what is quarantined": async (place) => {
    const store = await place.open();
    await keepFiles(store, ref, { "a.txt": "a" });
    await refused("payload.unknown", store.purge(ref));
    assert.equal(await textOf(store, ref, "update", "a.txt"), "a");
    await store.quarantine(ref);
    await store.purge(ref);
    await refused("payload.unknown", store.restore(ref));
    await refused("payload.unknown", store.purge(ref));
    await keepFiles(store, ref, { "a.txt": "anew" });
    assert.equal(await textOf(store, ref, "update", "a.txt"), "anew");
  },

  "discard() deletes what is kept and nothing that is quarantined": async (place) => {
    const store = await place.open();
    await store.discard(ref);
    await keepFiles(store, ref, { "a.txt": "a" });
    await keepFiles(store, other, { "": "other" });
    await store.quarantine(other);
    for (const each of [ref, other]) await store.discard(each);
    assert.equal(await store.artifactPath(ref, "update"), null);
    await refused("payload.unknown", store.quarantine(ref));
    await store.restore(other);
    assert.equal(await textOf(store, other, "update"), "other");
  },

  "a payload that is not there is neither quarantined nor restored": async (place) => {
    const store = await place.open();
    for (const change of ["quarantine", "restore", "purge"] as const)
      await refused("payload.unknown", store[change](ref));
  },
};

export const payloadStoreContract: Contract = { ...keeping, ...guarding, ...withdrawing };
