// `upswarm keys …` on a data folder: ceremonies as a person holds them, with keys on sticks and passphrases.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PASSPHRASE_BYTES_MAX } from "../core/index.ts";
import { createKeyFile, createRepository, FolderMetadataStore, Repository } from "../release/index.ts";
import { temporaryFolder, upswarm, type Ended, type FakeProcess } from "./fake-process.test.ts";

const root = temporaryFolder();
const at = (...names: string[]): string => join(root, ...names);
const env = { UPSWARM_PASSPHRASE: "right" };

/** A new origin `name`: its data folder, and sticks with two root keys and the targets key. */
async function newOrigin(name: string): Promise<string> {
  for (const folder of ["data/keys", "a", "b", "desk"]) mkdirSync(at(name, folder), { recursive: true });
  const key = (path: string, purpose: "root" | "targets" | "online") =>
    createKeyFile({ path: at(name, path), purpose, passphrase: purpose === "online" ? null : "right", cost: 16 });
  const files = createRepository({
    rootSigners: [await key("a/root-1.json", "root"), await key("b/root-2.json", "root")],
    rootThreshold: 2,
    targetsSigners: [await key("desk/targets.json", "targets")],
    targetsThreshold: 1,
    onlineSigner: await key("data/keys/online.json", "online"),
    now: Date.now(),
  });
  await using store = new FolderMetadataStore(at(name, "data", "tuf"));
  await store.append(files);
  return name;
}

/** A keys command with the sticks that are named. */
function keys(
  origin: string,
  command: string,
  sticks: readonly string[],
  rest: readonly string[] = [],
  fake: FakeProcess = { env },
): Promise<Ended> {
  const brought = sticks.flatMap((stick) => ["--keys", at(origin, stick)]);
  return upswarm(["keys", ...command.split(" "), "--data", at(origin, "data"), ...brought, ...rest], fake);
}

async function repositoryOf(origin: string): Promise<Repository> {
  await using store = new FolderMetadataStore(at(origin, "data", "tuf"));
  return Repository.parse(await store.current());
}

const result = (ended: Ended): Record<string, unknown> => JSON.parse(ended.out) as Record<string, unknown>;

test("keys status shows who signs what, until when, and which keys are at hand", async () => {
  const origin = await newOrigin("status");
  const { fingerprint } = await repositoryOf(origin);
  const text = await keys(origin, "status", ["a"]);
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, new RegExp(`root fingerprint +${fingerprint}`));
  assert.match(text.out, /root +version 1, until .* \(36[45] d left\), 2 of 2 keys sign, 1 at hand/);
  assert.match(text.out, /timestamp +version 1, until .* \(23 h left\), 1 of 1 keys sign, 1 at hand/);
  const { roles, rootFingerprint } = result(await keys(origin, "status", [], ["--json"]));
  assert.equal(rootFingerprint, fingerprint);
  const [first] = roles as readonly { role: string; keys: readonly { file: string | null }[] }[];
  assert.deepEqual([first?.role, first?.keys.map(({ file }) => file)], ["root", [null, null]]);
  const nowhere = await upswarm(["keys", "status", "--data", at("nowhere")]);
  assert.equal(nowhere.code, 1);
});

test("keys resign gives online roles, targets and root another term, each with its own keys", async () => {
  const origin = await newOrigin("resign");
  assert.deepEqual(result(await keys(origin, "resign", [], ["--json"]))["files"], ["timestamp.json"]);
  const targets = await keys(origin, "resign targets", ["desk"], ["--json"]);
  assert.deepEqual(result(targets)["files"], ["2.targets.json", "2.snapshot.json", "timestamp.json"]);
  assert.deepEqual(result(await keys(origin, "resign root", ["a", "b"], ["--json"]))["files"], ["2.root.json"]);
  const alone = await keys(origin, "resign root", ["a"], ["--json"]);
  assert.equal(alone.code, 1);
  assert.match(alone.err, /The role root needs 2 of its 2 keys; at hand: root-1\.json\./);
  assert.equal((await keys(origin, "resign snapshot", [])).code, 2);
  assert.equal((await keys(origin, "resign editor", [])).code, 2);
});

test("keys rotate online makes the origin's next key, and the old one signs nothing any more", async () => {
  const origin = await newOrigin("online");
  const rotated = await keys(origin, "rotate online", ["a", "b", "desk"], ["--json"]);
  assert.equal(rotated.code, 0, rotated.err);
  assert.deepEqual(readdirSync(at(origin, "data", "keys")), ["online-2.json", "online.json"]);
  const again = await keys(origin, "resign", [], ["--json"]);
  assert.equal(again.code, 0, again.err);
  const { roles } = result(await keys(origin, "status", [], ["--json"]));
  const timestamp = (roles as readonly { role: string; keys: readonly { file: string }[] }[]).find(
    ({ role }) => role === "timestamp",
  );
  assert.equal(timestamp?.keys[0]?.file, at(origin, "data", "keys", "online-2.json"));
});

test("keys rotate root replaces one lost key, and the others stay", async () => {
  const origin = await newOrigin("root");
  const before = (await repositoryOf(origin)).expiries()[0]?.keys.keys.map(({ keyId }) => keyId) ?? [];
  const lost = before[1] ?? "";
  const rest = ["--retire", lost.slice(0, 16), "--new-key", at(origin, "a", "root-3.json"), "--json"];
  const rotated = await keys(origin, "rotate root", ["a", "b"], rest);
  assert.equal(rotated.code, 0, rotated.err);
  const { keys: ids, threshold } = result(rotated) as { keys: readonly string[]; threshold: number };
  assert.deepEqual([ids[0], ids.length, threshold, ids.includes(lost)], [before[0], 2, 2, false]);
  const renewed = await keys(origin, "resign root", ["a"]);
  assert.equal(renewed.code, 0, renewed.err);
  const unknown = await keys(origin, "rotate root", ["a"], ["--retire", "zz", "--new-key", at(origin, "x.json")]);
  assert.equal(unknown.code, 2);
  assert.deepEqual(readdirSync(at(origin)).sort(), ["a", "b", "data", "desk"]);
});

test("keys rotate targets and keys delegate hand publishing over to other keys", async () => {
  const origin = await newOrigin("publishers");
  const rotated = await keys(
    origin,
    "rotate targets",
    ["a", "b"],
    ["--new-key", at(origin, "desk", "next.json"), "--json"],
  );
  assert.equal(rotated.code, 0, rotated.err);
  const delegated = await keys(origin, "delegate editor", ["desk"], ["--new-key", at(origin, "editor.json"), "--json"]);
  assert.equal(delegated.code, 0, delegated.err);
  assert.equal((await repositoryOf(origin)).roleOf("editor"), "editor");
  const replaced = await keys(
    origin,
    "delegate editor",
    ["desk"],
    ["--new-key", at(origin, "editor-2.json"), "--json"],
  );
  assert.equal(replaced.code, 0, replaced.err);
  assert.deepEqual((result(replaced)["files"] as string[]).slice(0, 2), ["4.targets.json", "2.editor.json"]);
  const renewed = await keys(origin, "resign editor", ["editor-2.json"]);
  assert.equal(renewed.code, 0, renewed.err);
  assert.equal((await keys(origin, "delegate api", ["desk"], ["--new-key", at(origin, "api.json")])).code, 2);
  assert.equal((await keys(origin, "delegate viewer", ["desk"])).code, 2);
  assert.equal((await keys(origin, "rotate timestamp", ["a"])).code, 2);
  assert.equal((await keys(origin, "rotate root", ["a"])).code, 2);
});

test("a passphrase comes from a file, a variable or a terminal, and one that is wrong is told", async () => {
  const origin = await newOrigin("passphrases");
  const resign = (rest: readonly string[], fake: FakeProcess) => keys(origin, "resign targets", ["desk"], rest, fake);
  writeFileSync(at("right.txt"), "right\nnot this\n");
  writeFileSync(at("wrong.txt"), "wrong");
  writeFileSync(at("empty.txt"), "\n");
  writeFileSync(at("long.txt"), "x".repeat(PASSPHRASE_BYTES_MAX + 1));
  writeFileSync(at("limit.txt"), "right\n".padEnd(PASSPHRASE_BYTES_MAX));
  const file = (name: string): string[] => ["--passphrase-file", at(name)];
  assert.equal((await resign(file("right.txt"), {})).code, 0);
  assert.equal((await resign(file("limit.txt"), {})).code, 0);
  assert.equal((await resign([], { env })).code, 0);
  assert.equal((await resign([], { secrets: ["right"] })).code, 0);
  const wrong = await resign(file("wrong.txt"), { env });
  assert.deepEqual([wrong.code, /passphrase of .*targets\.json is wrong/.test(wrong.err)], [3, true]);
  assert.equal((await resign([], { secrets: ["wrong"] })).code, 3);
  for (const name of ["empty.txt", "long.txt", "absent.txt"])
    assert.equal((await resign(file(name), {})).code, 1, name);
  const nobody = await resign([], {});
  assert.deepEqual([nobody.code, /UPSWARM_PASSPHRASE/.test(nobody.err)], [2, true]);
  const config = await upswarm(["config", "--json"], { env });
  assert.deepEqual([config.out.includes("right"), result(config)["unknownVariables"]], [false, []]);
});

test("a new passphrase that is typed is asked for twice, and two that differ make no key", async () => {
  const origin = await newOrigin("typed");
  const path = at(origin, "editor.json");
  const typed = (...secrets: string[]) => keys(origin, "delegate editor", ["desk"], ["--new-key", path], { secrets });
  assert.equal((await typed("right", "new", "other")).code, 2);
  assert.equal((await typed("right", "", "")).code, 2);
  assert.ok(!readdirSync(at(origin)).includes("editor.json"));
  assert.equal((await typed("right", "new", "new")).code, 0);
  assert.equal((await keys(origin, "resign editor", ["editor.json"], [], { secrets: ["new"] })).code, 0);
});
