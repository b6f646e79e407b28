// `upswarm keys …` on an origin's folder: ceremonies as a person holds them, with keys on sticks and passphrases.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PASSPHRASE_BYTES_MAX, silentLog, systemClock } from "../core/index.ts";
import { openMetadataStore, openOriginFolder } from "../origin/index.ts";
import { Repository } from "../release/index.ts";
import { temporaryFolder, upswarm, type Ended, type FakeProcess } from "./fake-process.test.ts";

const root = temporaryFolder();
const at = (...names: string[]): string => join(root, ...names);
const PASSPHRASE = "a right passphrase";
const env = { UPSWARM_PASSPHRASE: PASSPHRASE };

/** A new origin `name`, whose offline keys were moved to a stick. */
async function newOrigin(name: string): Promise<string> {
  mkdirSync(at(name));
  const made = await upswarm(["init", "--data", at(name, "data")], { env });
  assert.equal(made.code, 0, made.err);
  renameSync(at(name, "data", "offline-keys"), at(name, "stick"));
  return name;
}

/** A keys command, with the stick unless `bring` is another list. */
function keys(
  origin: string,
  command: string,
  rest: readonly string[] = [],
  fake: FakeProcess = { env },
  bring: readonly string[] = ["stick"],
): Promise<Ended> {
  const brought = bring.flatMap((name) => ["--keys", at(origin, name)]);
  return upswarm(["keys", ...command.split(" "), "--data", at(origin, "data"), ...brought, ...rest], fake);
}

async function repositoryOf(origin: string): Promise<Repository> {
  await using store = await openMetadataStore(at(origin, "data"), systemClock);
  return Repository.parse(await store.current());
}

const result = (ended: Ended): Record<string, unknown> => {
  assert.equal(ended.code, 0, ended.err);
  return JSON.parse(ended.out) as Record<string, unknown>;
};

test("keys status shows who signs what, until when, and which keys are at hand", async () => {
  const origin = await newOrigin("status");
  const { fingerprint } = await repositoryOf(origin);
  const text = await keys(origin, "status");
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, new RegExp(`root fingerprint +${fingerprint}`));
  assert.match(text.out, /root +version 1, until .* \(36[45] d left\), 1 of 1 keys sign, 1 at hand/);
  assert.match(text.out, /timestamp +version 1, until .* \(23 h left\), 1 of 1 keys sign, 1 at hand/);
  const { roles, rootFingerprint } = result(await keys(origin, "status", ["--json"], {}, []));
  assert.equal(rootFingerprint, fingerprint);
  const [first] = roles as readonly { role: string; keys: readonly { file: string | null }[] }[];
  assert.deepEqual([first?.role, first?.keys.map(({ file }) => file)], ["root", [null]]);
  assert.equal((await upswarm(["keys", "status", "--data", at("nowhere")])).code, 2);
});

test("keys resign gives online roles, targets and root another term, each with its own keys", async () => {
  const origin = await newOrigin("resign");
  const files = async (command: string): Promise<unknown> => result(await keys(origin, command, ["--json"]))["files"];
  assert.deepEqual(await files("resign"), ["timestamp.json"]);
  assert.deepEqual(await files("resign targets"), ["2.targets.json", "2.snapshot.json", "timestamp.json"]);
  assert.deepEqual(await files("resign root"), ["2.root.json"]);
  const alone = await keys(origin, "resign root", [], { env }, []);
  assert.equal(alone.code, 1);
  assert.match(alone.err, /The role root needs 1 of its 1 keys; at hand: none\./);
  for (const role of ["snapshot", "editor"]) assert.equal((await keys(origin, `resign ${role}`)).code, 2, role);
});

test("keys rotate online makes the origin's next key, which a running origin takes up at once", async () => {
  const origin = await newOrigin("online");
  await using running = await openOriginFolder(at(origin, "data"), { clock: systemClock, log: silentLog });
  const rotated = result(await keys(origin, "rotate online", ["--json"]));
  assert.equal((rotated["keys"] as unknown[]).length, 1);
  assert.deepEqual(readdirSync(at(origin, "data", "keys")), ["online-2.json", "online.json"]);
  await running.signing.checkOnlineKey();
  rmSync(at(origin, "data", "keys", "online.json"));
  result(await keys(origin, "resign", ["--json"], {}, []));
  await using _again = await openOriginFolder(at(origin, "data"), { clock: systemClock, log: silentLog });
  rmSync(at(origin, "data", "keys", "online-2.json"));
  const opening = openOriginFolder(at(origin, "data"), { clock: systemClock, log: silentLog });
  await assert.rejects(opening, /The role timestamp needs 1 of its 1 keys; at hand: none\./);
  // An origin whose key is lost gets another one all the same.
  const rescued = await keys(origin, "rotate online", ["--json"]);
  assert.equal(rescued.code, 0, rescued.err);
});

test("keys rotate root makes a root of two keys, and then replaces the one that was lost", async () => {
  const origin = await newOrigin("root");
  const two = ["--new-key", at(origin, "a.json"), "--new-key", at(origin, "b.json"), "--threshold", "2", "--json"];
  const { keys: pair, threshold } = result(await keys(origin, "rotate root", two)) as {
    keys: string[];
    threshold: number;
  };
  assert.deepEqual([pair.length, threshold], [2, 2]);
  const alone = await keys(origin, "resign root", [], { env }, ["a.json"]);
  assert.match(alone.err, /The role root needs 2 of its 2 keys; at hand: a\.json\./);
  const [kept = "", lost = ""] = pair;
  const replacing = ["--retire", lost.slice(0, 16), "--new-key", at(origin, "c.json"), "--json"];
  const after = result(await keys(origin, "rotate root", replacing, { env }, ["a.json", "b.json"]))["keys"] as string[];
  assert.deepEqual([after.length, after[0], after.includes(lost)], [2, kept, false]);
  result(await keys(origin, "resign root", ["--json"], { env }, ["a.json", "c.json"]));
  const unknown = ["--retire", "zz", "--new-key", at(origin, "d.json")];
  assert.equal((await keys(origin, "rotate root", unknown, { env }, ["a.json", "c.json"])).code, 2);
  assert.ok(!readdirSync(at(origin)).includes("d.json"));
});

test("keys rotate targets and keys delegate hand publishing over to other keys", async () => {
  const origin = await newOrigin("publishers");
  const desk = at(origin, "desk.json");
  result(await keys(origin, "rotate targets", ["--new-key", desk, "--json"]));
  const delegate = (file: string): Promise<Ended> =>
    keys(origin, "delegate editor", ["--new-key", at(origin, file), "--json"], { env }, ["desk.json"]);
  result(await delegate("editor.json"));
  assert.equal((await repositoryOf(origin)).roleOf("editor"), "editor");
  const { files } = result(await delegate("editor-2.json")) as { files: string[] };
  assert.deepEqual(files.slice(0, 2), ["4.targets.json", "2.editor.json"]);
  result(await keys(origin, "resign editor", ["--json"], { env }, ["editor-2.json"]));
  writeFileSync(at(origin, "editor.bin"), "what is released");
  const release = [at(origin, "editor.bin"), "--product", "editor", "--version", "1.0", "--data", at(origin, "data")];
  const publish = (key: string): Promise<Ended> => upswarm(["publish", ...release, "--key", at(origin, key)], { env });
  for (const key of ["desk.json", "editor.json"]) assert.equal((await publish(key)).code, 3, key);
  const published = await publish("editor-2.json");
  assert.equal(published.code, 0, published.err);
  assert.deepEqual(
    (await repositoryOf(origin)).releases().map(({ version }) => version),
    ["1.0"],
  );
  const wrong = [
    "delegate api --new-key x",
    "delegate viewer",
    "rotate timestamp",
    "rotate root",
    "rotate online --new-key x",
  ];
  for (const command of wrong) assert.equal((await keys(origin, command)).code, 2, command);
});

test("a passphrase comes from a file, a variable or a terminal, and one that is wrong is told", async () => {
  const origin = await newOrigin("passphrases");
  const resign = (rest: readonly string[], fake: FakeProcess) => keys(origin, "resign targets", rest, fake);
  writeFileSync(at("right.txt"), `${PASSPHRASE}\n`.padEnd(PASSPHRASE_BYTES_MAX));
  writeFileSync(at("long.txt"), `${PASSPHRASE}\n`.padEnd(PASSPHRASE_BYTES_MAX + 1));
  const file = (name: string): string[] => ["--passphrase-file", at(name)];
  assert.equal((await resign(file("right.txt"), {})).code, 0);
  assert.equal((await resign([], { typed: [PASSPHRASE] })).code, 0);
  const wrong = await resign([], { typed: ["a wrong passphrase"] });
  assert.deepEqual([wrong.code, /passphrase of .*targets\.json is wrong/.test(wrong.err)], [2, true]);
  for (const name of ["long.txt", "absent.txt"]) assert.equal((await resign(file(name), {})).code, 1, name);
  const nobody = await resign([], {});
  assert.deepEqual([nobody.code, /UPSWARM_PASSPHRASE/.test(nobody.err)], [2, true]);
  const config = await upswarm(["config", "--json"], { env });
  assert.deepEqual([config.out.includes(PASSPHRASE), result(config)["unknownVariables"]], [false, []]);
});

test("a new passphrase that is typed is asked for twice, and two that differ make no key", async () => {
  const origin = await newOrigin("typed");
  const path = at(origin, "editor.json");
  const typed = (...answers: string[]) => keys(origin, "delegate editor", ["--new-key", path], { typed: answers });
  assert.equal((await typed(PASSPHRASE, "another passphrase", "yet another passphrase")).code, 2);
  assert.ok(!readdirSync(at(origin)).includes("editor.json"));
  assert.equal((await typed(PASSPHRASE, "another passphrase", "another passphrase")).code, 0);
  const renewed = await keys(origin, "resign editor", [], { typed: ["another passphrase"] }, ["editor.json"]);
  assert.equal(renewed.code, 0, renewed.err);
});

test("keys revoke-delegation leaves what is withdrawn unsigned, and succeeds where a payload cannot be quarantined", async () => {
  const origin = await newOrigin("revocation");
  const data = at(origin, "data");
  result(await keys(origin, "delegate editor", ["--new-key", at(origin, "editor.json"), "--json"]));
  for (const version of ["1.0", "1.1", "1.2"]) {
    const path = at(origin, `editor-${version}.bin`);
    writeFileSync(path, `what ${version} is`);
    const release = [path, "--product", "editor", "--version", version, "--data", data];
    result(await upswarm(["publish", ...release, "--key", at(origin, "editor.json"), "--json"], { env }));
  }
  const recall = ["withdraw", "editor", "1.0", "--reason", "It does not start.", "--data", data];
  assert.equal((await upswarm(recall)).code, 0);
  // No folder can be made there.
  const inTheWay = at(origin, "data", "quarantine", "editor");
  rmSync(inTheWay, { recursive: true });
  writeFileSync(inTheWay, "");
  const revoked = await keys(origin, "revoke-delegation editor", ["--keep-until", "1.1", "--json"]);
  const { kept, dropped, withdrawnBefore } = result(revoked);
  assert.deepEqual([kept, dropped, withdrawnBefore], [["1.1"], ["1.0", "1.2"], ["1.0"]]);
  assert.match(revoked.err, /in quarantine yet: .*Nothing is lost.*next start/s);
  const repository = await repositoryOf(origin);
  assert.deepEqual(
    [repository.roleOf("editor"), repository.withdrawal("editor", "1.2")?.kind],
    ["targets", "key-compromise"],
  );
  assert.equal(repository.withdrawal("editor", "1.0")?.reason, "It does not start.");
});
