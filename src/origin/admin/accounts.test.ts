import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ADMIN_NAME_LENGTH_MAX,
  ADMIN_PASSWORD_LENGTH_MAX,
  ADMIN_PASSWORD_LENGTH_MIN,
  systemRandom,
} from "../../core/index.ts";
import { fakeOrigin } from "../notices/desk-fixture.test.ts";
import { AccountError, addAccount, changePassword, removeAccount, type AccountErrorCode } from "./accounts.ts";
import { hashPassword, verifyPassword } from "./password.ts";

function refused(code: AccountErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof AccountError && error.code === code;
}

function passwordOf(length: number): string {
  return "abcdefgh".repeat(length).slice(0, length);
}

test("a password is verified against its hash, composed characters or not, and no other is", async () => {
  const stored = await hashPassword("Käsekuchen mit Sahne", systemRandom);
  assert.match(stored, /^scrypt\$32768\$8\$3\$/);
  assert.equal(await verifyPassword(stored, "Käsekuchen mit Sahne".normalize("NFD")), true);
  assert.equal(await verifyPassword(stored, "Kasekuchen mit Sahne"), false);
  assert.notEqual(stored, await hashPassword("Käsekuchen mit Sahne", systemRandom));
});

test("addAccount() takes names and passwords up to their limits and refuses one more, or one that is there", async (t) => {
  const { parts, clock } = await fakeOrigin(t);
  const accounts = { db: parts.database.db, clock, random: parts.random };
  const add = (name: string, password: string): Promise<void> => addAccount(accounts, name, password);
  await add("b".repeat(ADMIN_NAME_LENGTH_MAX), passwordOf(ADMIN_PASSWORD_LENGTH_MIN));
  await add("c", passwordOf(ADMIN_PASSWORD_LENGTH_MAX).replaceAll("c", "x"));
  await assert.rejects(add("b".repeat(ADMIN_NAME_LENGTH_MAX + 1), passwordOf(20)), refused("account.unfit"));
  await assert.rejects(add("dora", passwordOf(ADMIN_PASSWORD_LENGTH_MIN - 1)), refused("account.unfit"));
  await assert.rejects(add("dora", passwordOf(ADMIN_PASSWORD_LENGTH_MAX + 1)), refused("account.unfit"));
  for (const name of ["", "Dora", "do ra", "../dora", "dora\n"])
    await assert.rejects(add(name, passwordOf(20)), refused("account.unfit"));
  for (const password of ["dora-dora-dora", "aaaaaaaaaaaaaaaa"])
    await assert.rejects(add("dora", password), refused("account.unfit"));
  await add("dora", "a fine long phrase");
  await assert.rejects(add("dora", "a fine long phrase"), refused("account.exists"));
  await assert.rejects(changePassword(accounts, "emil", "a fine long phrase"), refused("account.unknown"));
  await assert.rejects(removeAccount(accounts, "emil"), refused("account.unknown"));
});
