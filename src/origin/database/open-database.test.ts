import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { openDatabase } from "./open-database.ts";

async function pathOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-database-"));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, "origin.db");
}

test("openDatabase() refuses a file of a newer program and leaves it as it is", async (t) => {
  const path = await pathOf(t);
  {
    await using newer = await openDatabase(path);
    const migration = { name: "9999-from-the-future", timestamp: "2099-01-01T00:00:00Z" };
    // The table is Kysely's own and not in our schema.
    await newer.db
      .insertInto("kysely_migration" as never)
      .values(migration)
      .execute();
  }
  await assert.rejects(openDatabase(path), { code: "database.open", message: /9999-from-the-future/ });
});

test("a migration that does not come to its end leaves nothing behind, and is done again", async (t) => {
  const path = await pathOf(t);
  const plain = new DatabaseSync(path);
  // Half of the statements run before one meets this name.
  plain.exec("CREATE TABLE other (a INTEGER); CREATE INDEX releases_by_info_hash_twin ON other (a)");
  await assert.rejects(openDatabase(path), { code: "database.open", message: /releases_by_info_hash_twin/ });
  const tables = plain.prepare("SELECT name FROM sqlite_schema WHERE name = 'releases'").all();
  assert.deepEqual(tables, []);
  plain.exec("DROP TABLE other");
  plain.close();
  await using database = await openDatabase(path);
  assert.deepEqual(await database.db.selectFrom("releases").select("product").execute(), []);
});

test("openDatabase() refuses what is no database", async (t) => {
  const path = await pathOf(t);
  await writeFile(path, "x".repeat(5000));
  await assert.rejects(openDatabase(path), { code: "database.open" });
});

test("a write waits for another's transaction without holding up the process", async (t) => {
  const path = await pathOf(t);
  await using one = await openDatabase(path);
  await using other = await openDatabase(path);
  const row = { name: "1.root.json", bytes: Buffer.from("root") };
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const transaction = one.db.transaction().execute(async (db) => {
    await db.insertInto("signed_files").values(row).execute();
    begun.resolve();
    await goOn.promise;
  });
  await begun.promise;
  const waiting = other.db
    .insertInto("signed_files")
    .values({ ...row, name: "2.root.json" })
    .execute();
  // A turn of the event loop with a timer in it: it would not come while SQLite itself waits.
  await new Promise((resolve) => setTimeout(resolve, 1));
  goOn.resolve();
  await Promise.all([transaction, waiting]);
  const names = await other.db.selectFrom("signed_files").select("name").orderBy("name").execute();
  assert.deepEqual(
    names.map(({ name }) => name),
    ["1.root.json", "2.root.json"],
  );
});
