import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KEY_FILE_BYTES_MAX, KEY_SCRYPT_COST_MAX } from "../core/index.ts";
import { createKeyFile, inspectKeyFile, readKeyFile, type KeyPurpose } from "./key-file.ts";
import { refusal, temporaryFolder } from "./release-fixture.test.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
/** A cost that a test has time for. */
const cost = 2 ** 4;

type Fields = Record<string, unknown> & { encryption: Record<string, unknown> | null };

/** A copy of a key file after a change. */
function altered(path: string, change: (fields: Fields) => void): string {
  const fields = JSON.parse(readFileSync(path, "utf8")) as Fields;
  change(fields);
  const copy = at(`altered-${readdirSync(folder).length}.json`);
  writeFileSync(copy, JSON.stringify(fields), { mode: 0o600 });
  return copy;
}

test("a key file gives back the key that was made, and what it signs verifies", async () => {
  for (const [purpose, passphrase] of [
    ["root", "correct horse"],
    ["targets", "pässe 🔑"],
    ["publisher", " "],
    ["online", null],
  ] as const) {
    const path = at(`${purpose}.json`);
    const made = await createKeyFile({ path, purpose, passphrase, cost });
    const read = await readKeyFile(path, purpose, passphrase);
    assert.deepEqual(read.key, made.key);
    const message = Buffer.from("a message");
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(read.key.hex, "hex")]);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    assert.ok(verify(null, message, publicKey, read.sign(message)));
    assert.deepEqual(await inspectKeyFile(path), { path, purpose, key: made.key, isEncrypted: passphrase !== null });
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
  }
});

test("a key file with its real cost opens with its passphrase", async () => {
  await createKeyFile({ path: at("dear.json"), purpose: "root", passphrase: "slow" });
  assert.ok(await readKeyFile(at("dear.json"), "root", "slow"));
});

test("an accent written as one character or as two is the same passphrase", async () => {
  const made = await createKeyFile({
    path: at("accent.json"),
    purpose: "root",
    passphrase: "é".normalize("NFC"),
    cost,
  });
  assert.deepEqual((await readKeyFile(at("accent.json"), "root", "é".normalize("NFD"))).key, made.key);
});

test("a wrong passphrase, none, and an empty one are told", async () => {
  const path = at("guarded.json");
  await createKeyFile({ path, purpose: "root", passphrase: "right", cost });
  await assert.rejects(readKeyFile(path, "root", "wrong"), refusal("key.passphrase", /is wrong/));
  await assert.rejects(readKeyFile(path, "root", null), refusal("key.passphrase", /is needed/));
  const options = { path: at("never.json"), purpose: "root" as KeyPurpose, cost };
  await assert.rejects(createKeyFile({ ...options, passphrase: "" }), refusal("key.passphrase"));
  await assert.rejects(createKeyFile({ ...options, passphrase: null }), refusal("key.passphrase"));
});

test("a key is never overwritten and is used for its own purpose alone", async () => {
  const path = at("once.json");
  await createKeyFile({ path, purpose: "targets", passphrase: "p", cost });
  const before = readFileSync(path);
  await assert.rejects(createKeyFile({ path, purpose: "targets", passphrase: "p", cost }), refusal("key.exists"));
  assert.deepEqual(readFileSync(path), before);
  await assert.rejects(readKeyFile(path, "root", "p"), refusal("key.file", /for targets/));
  await assert.rejects(readKeyFile(at("absent.json"), "root", "p"), refusal("key.not-found"));
  await assert.rejects(
    createKeyFile({ path: at("no/such/x.json"), purpose: "online", passphrase: null }),
    refusal("key.write", /cannot be written/),
  );
});

const flip = (text: unknown): string => String(text).replace(/^./, (digit) => (digit === "0" ? "1" : "0"));

test("any change of an encrypted key file is noticed", async () => {
  const path = at("sealed.json");
  await createKeyFile({ path, purpose: "root", passphrase: "p", cost });
  const sealedChanges: readonly ((fields: Fields) => void)[] = [
    (fields) => void (fields["secret"] = flip(fields["secret"])),
    (fields) => void (fields["public"] = flip(fields["public"])),
    (fields) => void ((fields.encryption ?? {})["salt"] = flip(fields.encryption?.["salt"])),
    (fields) => void ((fields.encryption ?? {})["nonce"] = flip(fields.encryption?.["nonce"])),
    (fields) => void ((fields.encryption ?? {})["cost"] = cost * 2),
  ];
  for (const change of sealedChanges) {
    await assert.rejects(readKeyFile(altered(path, change), "root", "p"), refusal("key.passphrase"), String(change));
  }
  const relabelled = altered(path, (fields) => void (fields["purpose"] = "targets"));
  await assert.rejects(readKeyFile(relabelled, "targets", "p"), refusal("key.passphrase"));
  const malformed: readonly ((fields: Fields) => void)[] = [
    (fields) => void (fields["extra"] = 1),
    (fields) => void delete fields["public"],
    (fields) => void (fields["secret"] = "00"),
    (fields) => void (fields["upswarmKey"] = 2),
    (fields) => void ((fields.encryption ?? {})["cost"] = KEY_SCRYPT_COST_MAX * 2),
    (fields) => void ((fields.encryption ?? {})["cost"] = 3),
    (fields) => void ((fields.encryption ?? {})["blockSize"] = 1024),
    (fields) => void ((fields.encryption ?? {})["cipher"] = "aes-256-ctr"),
  ];
  for (const change of malformed) {
    await assert.rejects(readKeyFile(altered(path, change), "root", "p"), refusal("key.file"), String(change));
  }
});

test(
  "an unencrypted key whose halves disagree, or that others can read, is refused",
  { skip: process.platform === "win32" && "has no modes" },
  async () => {
    const path = at("plain.json");
    await createKeyFile({ path, purpose: "online", passphrase: null });
    const swapped = altered(path, (fields) => void (fields["public"] = "00".repeat(32)));
    await assert.rejects(readKeyFile(swapped, "online", null), refusal("key.file", /public key/));
    chmodSync(path, 0o640);
    await assert.rejects(readKeyFile(path, "online", null), refusal("key.exposed"));
  },
);

test("a file that is no key file is refused, and one that is too long is not read", async () => {
  writeFileSync(at("text.json"), "not json");
  await assert.rejects(readKeyFile(at("text.json"), "root", "p"), refusal("key.file"));
  const path = at("padded.json");
  await createKeyFile({ path, purpose: "root", passphrase: "p", cost });
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.padEnd(KEY_FILE_BYTES_MAX));
  assert.ok(await readKeyFile(path, "root", "p"));
  writeFileSync(path, text.padEnd(KEY_FILE_BYTES_MAX + 1));
  await assert.rejects(readKeyFile(path, "root", "p"), refusal("key.file", /bytes/));
});
