// Notices on the command line, on an origin in a folder of its own, as an operator uses them.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { temporaryFolder, upswarm, type Ended } from "../fake-process.test.ts";

const root = temporaryFolder();
const at = (...names: string[]): string => join(root, ...names);
const data = at("origin");
const env = { UPSWARM_PASSPHRASE: "a passphrase for tests", UPSWARM_ADMIN_PASSWORD: "correct horse battery" };
const notice = {
  name: "Jane Doe",
  organization: "Example Software, Inc.",
  email: "jane@example.org",
  work: "Example Software 2.0",
  material: "example/2.0",
  goodFaith: true,
  accuracy: true,
  signature: "Jane Doe",
};
const counter = {
  name: "Paul Publisher",
  phone: "+1 415 555 0102",
  address: "1 Main Street",
  material: "example/2.0",
  mistake: true,
  consent: true,
  signature: "Paul Publisher",
};

async function run(...words: string[]): Promise<Ended & { readonly result: Record<string, unknown> }> {
  const ended = await upswarm([...words, "--data", data, "--json"], { env });
  return { ...ended, result: JSON.parse(ended.out) as Record<string, unknown> };
}

function written(name: string, fields: object): string {
  writeFileSync(at(name), JSON.stringify(fields));
  return at(name);
}

before(async () => {
  writeFileSync(at("example-2.0.bin"), Buffer.alloc(100_000, "example"));
  const published = await run("publish", at("example-2.0.bin"), "--product", "example", "--version", "2.0");
  assert.equal(published.code, 0, published.err);
});

test("a letter becomes a case, which is complied with, countered, forwarded, and not restored too early", async () => {
  const submitted = await run("notice", "submit", written("letter.json", notice));
  assert.deepEqual([submitted.code, submitted.result["status"]], [0, "received"], submitted.err);
  const id = String(submitted.result["case"]);
  const early = await run("notice", "restore", id);
  assert.equal(early.code, 4);
  assert.match(early.err, /possible now: comply, find-incomplete, retract/);
  assert.equal((await run("notice", "comply", id)).result["status"], "complied");
  const again = await run("withdraw", "example", "2.0", "--reason", "x");
  assert.equal(again.result["kind"], "legal", "the release was withdrawn by the case");
  const incomplete = await run("notice", "counter", id, written("no-answer.json", { ...counter, consent: false }));
  assert.deepEqual([incomplete.result["status"], incomplete.result["missing"]], ["counter-incomplete", ["contact"]]);
  assert.equal(
    (await run("notice", "counter", id, written("answer.json", counter))).result["status"],
    "counter-received",
  );
  const forwarded = await run("notice", "forward", id);
  assert.ok((forwarded.result["putBack"] as { opensAt: string }).opensAt > new Date().toISOString());
  const tooEarly = await run("notice", "restore", id);
  assert.deepEqual([tooEarly.code, /ten business days/.test(tooEarly.err)], [4, true]);
  const retracted = await run("notice", "retract", id);
  assert.deepEqual([retracted.code, retracted.result["status"]], [0, "retracted"]);
  const shown = await run("notice", "show", id);
  const events = (shown.result["timeline"] as { event: string }[]).map(({ event }) => event);
  assert.deepEqual(events, ["received", "comply", "find-counter-incomplete", "counter", "forward", "retract"]);
  assert.match(
    (await upswarm(["notice", "list", "--data", data], { env })).out,
    new RegExp(`${id} +retracted +example 2\\.0`),
  );
});

test("an incomplete letter says what it lacks, and goes on when it is supplied; a case can be upheld", async () => {
  const submitted = await run("notice", "submit", written("short.json", { ...notice, signature: "" }));
  assert.deepEqual([submitted.result["status"], submitted.result["missing"]], ["incomplete", ["signature"]]);
  const id = String(submitted.result["case"]);
  assert.equal((await run("notice", "supply", id)).result["status"], "received");
  const wrong = await run("notice", "incomplete", id, "--missing", "nonsense");
  assert.equal(wrong.code, 2);
  assert.deepEqual((await run("notice", "incomplete", id, "--missing", "work")).result["missing"], ["work"]);
  await run("notice", "supply", id);
  await run("notice", "comply", id);
  const upheld = await run("notice", "uphold", id, "--because", "unanswered");
  assert.equal(upheld.result["status"], "upheld");
  assert.equal((await run("restore", "example", "2.0")).code, 0);
});

test("what cannot be taken is named with its field, and an unknown case is a slip", async () => {
  const nothing = await run(
    "notice",
    "submit",
    written("nothing.json", { ...notice, material: "https://elsewhere.example/x" }),
  );
  assert.equal(nothing.code, 3);
  assert.match(nothing.err, /material: No release of this site/);
  assert.equal((await run("notice", "comply", "2020-0001")).code, 2);
  assert.equal((await run("notice", "submit", at("absent.json"))).code, 1);
  writeFileSync(at("list.json"), "[]");
  assert.equal((await run("notice", "submit", at("list.json"))).code, 2);
});

test("the log is exported, verified, and verified against a head that was published", async () => {
  const exported = await run("notice", "export", at("published"));
  assert.equal(exported.code, 0);
  assert.doesNotMatch(readFileSync(at("published", "log.json"), "utf8"), /Jane|Paul/);
  const verified = await run("notice", "verify-log", "--head", at("published", "head.json"));
  assert.deepEqual([verified.code, verified.result["hash"]], [0, exported.result["hash"]]);
  const other = written("other-head.json", { sequence: 1, hash: "0".repeat(64) });
  const changed = await run("notice", "verify-log", "--head", other);
  assert.deepEqual([changed.code, changed.result["intact"]], [3, false]);
});

test("accounts of administrators are made, changed and removed", async () => {
  assert.equal((await run("admin", "add", "anna")).code, 0);
  const twice = await run("admin", "add", "anna");
  assert.deepEqual([twice.code, (twice.result["error"] as { code: string }).code], [2, "account.exists"]);
  assert.equal((await run("admin", "password", "anna")).code, 0);
  assert.equal((await run("admin", "remove", "anna")).code, 0);
  assert.equal((await run("admin", "remove", "anna")).code, 2);
  const without = await upswarm(["admin", "add", "bert", "--data", data]);
  assert.equal(without.code, 2);
  assert.match(without.err, /A password is needed/);
});
