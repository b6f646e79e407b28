import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  certutilCommand,
  fileHashCommand,
  getCommand,
  sha256sumCommand,
  shasumCommand,
  verifyCommand,
} from "./verify-commands.ts";

const SHA256 = createHash("sha256").update("the bytes").digest("hex");
const NAMES = [
  "plain-1.0.tar.gz",
  "with space.exe",
  "it's $(touch hacked) `id`.bin",
  "-n",
  "ünïcode & more.zip",
  "a%PATH%b",
  "x!y#z",
];

test("the commands for sh say OK of the file and fail of another, whatever its name is", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-verify-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = (command: string) => spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
  for (const name of NAMES) {
    const command = sha256sumCommand({ name, sha256: SHA256 });
    writeFileSync(join(folder, name), "the bytes");
    assert.equal(run(command).status, 0, command);
    writeFileSync(join(folder, name), "other bytes");
    assert.notEqual(run(command).status, 0, command);
  }
  assert.equal(existsSync(join(folder, "hacked")), false);
});

test("the command for macOS is the one for Linux by another name", () => {
  const file = { name: "a.dmg", sha256: SHA256 };
  assert.equal(shasumCommand(file), `echo "${SHA256}  a.dmg" | shasum -a 256 --check`);
});

test("PowerShell's quotes are doubled, the curly ones too, since it takes them for quotes", () => {
  const command = fileHashCommand({ name: "it's ’$(x)", sha256: SHA256 });
  assert.ok(command.includes("-LiteralPath 'it''s ’’$(x)')"), command);
});

test("cmd gets a stand-in where a name could be expanded", () => {
  assert.equal(certutilCommand({ name: "a b (1).exe", sha256: SHA256 }), 'certutil -hashfile "a b (1).exe" SHA256');
  for (const name of ["a%PATH%b", "a!b!", "a^b"]) {
    assert.equal(certutilCommand({ name, sha256: SHA256 }), 'certutil -hashfile "THE FILE" SHA256');
  }
});

test("addresses and folders are quoted where they have to be", () => {
  assert.equal(getCommand("https://u.example/p/1.0"), "upswarm get https://u.example/p/1.0");
  assert.equal(getCommand("https://u.example/p/1'0"), String.raw`upswarm get 'https://u.example/p/1'\''0'`);
  assert.equal(verifyCommand("-set"), "upswarm verify './-set.torrent' './-set'");
});
