import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createKeyFile } from "./key-file.ts";
import { findKeys, openSigners, type KeyEntry } from "./key-ring.ts";
import { newSigner, refusal, temporaryFolder } from "./release-fixture.test.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder, ...names);

test("findKeys() and openSigners() open as many of a role's keys as it needs, and ask for those alone", async () => {
  mkdirSync(at("stick"));
  const make = (name: string) => createKeyFile({ path: at(name), purpose: "root", passphrase: name, cost: 16 });
  const signers = [await make("stick/a.json"), await make("stick/b.json"), await make("c.json")];
  writeFileSync(at("stick", "notes.json"), "{}");
  writeFileSync(at("stick", "notes.txt"), "");
  const entries = await findKeys([at("stick"), at("c.json")]);
  assert.deepEqual(
    entries.map(({ key }) => key),
    signers.map(({ key }) => key),
  );
  const asked: string[] = [];
  const ask = ({ path }: KeyEntry): Promise<string> => {
    asked.push(path);
    return Promise.resolve(path.slice(folder.length + 1));
  };
  const [, b, c] = signers;
  const role = { name: "root", threshold: 2, keys: [c, newSigner(), b].map((signer) => signer?.key ?? assert.fail()) };
  const opened = await openSigners(entries, role, ask);
  assert.deepEqual(
    opened.map(({ key }) => key),
    [c?.key, b?.key],
  );
  assert.deepEqual(asked, [at("c.json"), at("stick/b.json")]);
  await assert.rejects(
    openSigners(entries, { ...role, threshold: 3 }, ask),
    refusal("key.threshold", /c\.json, b\.json/),
  );
  await assert.rejects(openSigners([], role, ask), refusal("key.threshold", /none/));
});

test("findKeys() tells a path that is not there and a file that is no key", async () => {
  await assert.rejects(findKeys([at("absent")]), refusal("key.not-found"));
  writeFileSync(at("text.json"), "no key");
  await assert.rejects(findKeys([at("text.json")]), refusal("key.file"));
});
