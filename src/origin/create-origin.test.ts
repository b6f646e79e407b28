import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../core/index.ts";
import { createOrigin, type CreatedOrigin } from "./create-origin.ts";
import type { OriginConfig } from "./origin-parts.ts";

const config: OriginConfig = {
  title: "Updates",
  publicUrl: "https://updates.example",
  trackers: [],
  agent: null,
  mail: null,
  trustedProxies: [],
};

async function placeOf(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "upswarm-create-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function make(path: string, passphrase = "for tests and nothing else"): Promise<CreatedOrigin> {
  return createOrigin({ path, config, passphrase, clock: systemClock });
}

/** As a kill leaves it: some of what is made is there, and its description, which comes last, is not. */
async function remove(path: string, ...names: readonly string[]): Promise<void> {
  for (const name of ["origin.json", ...names]) await rm(join(path, name));
}

test("createOrigin() goes on where an earlier one was killed, overwrites no key, and takes no other keys", async (t) => {
  const path = await placeOf(t);
  const { rootFingerprint } = await make(path);
  await assert.rejects(make(path), { code: "data.exists" });
  const root = await readFile(join(path, "offline-keys", "root.json"), "utf8");
  await remove(path);
  await assert.rejects(make(path, "another passphrase"), { code: "key.passphrase" });
  assert.equal((await make(path)).rootFingerprint, rootFingerprint, "what was signed is kept");
  await remove(path, "offline-keys/targets.json");
  await assert.rejects(make(path), { code: "data.exists", message: /signed by other keys/ });
  await rm(join(path, "origin.sqlite"));
  await make(path);
  assert.equal(await readFile(join(path, "offline-keys", "root.json"), "utf8"), root);
  assert.deepEqual(
    (await readdir(path)).filter((name) => name.endsWith(".new")),
    [],
  );
});
