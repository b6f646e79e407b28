import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { TOKENS_MAX, TOKEN_USED_STEP_MS, systemRandom } from "../../core/index.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Database } from "../database/open-database.ts";
import { AccessError } from "./access-error.ts";
import { TokenStore } from "./token-store.ts";

interface Opened extends AsyncDisposable {
  readonly database: Database;
  readonly tokens: TokenStore;
  readonly at: { now: number };
}

async function opened(): Promise<Opened> {
  const database = await openDatabase(":memory:");
  const at = { now: 1_000_000 };
  const tokens = new TokenStore({ database, clock: { wallMs: () => at.now }, random: systemRandom });
  return { database, tokens, at, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

test("a token opens what it was made for, and only its hash is stored", async () => {
  await using origin = await opened();
  const { secret, token } = await origin.tokens.create("laptop", ["publish", "manage"]);
  assert.match(secret, /^upswarm_[\w-]{43}$/);
  assert.deepEqual((await origin.tokens.use(secret))?.scopes, ["publish", "manage"]);
  assert.equal(await origin.tokens.use(`${secret}x`), null);
  const rows = await origin.database.db.selectFrom("tokens").selectAll().execute();
  assert.equal(rows[0]?.hash, createHash("sha256").update(secret).digest("hex"));
  assert.ok(!JSON.stringify(rows).includes(secret.slice("upswarm_".length)));
  assert.deepEqual(
    (await origin.tokens.list()).map(({ id, name }) => ({ id, name })),
    [{ id: token.id, name: "laptop" }],
  );
});

test("a revoked token opens nothing and is not listed", async () => {
  await using origin = await opened();
  const { secret, token } = await origin.tokens.create("laptop", ["admin"]);
  await origin.tokens.revoke(token.id);
  assert.equal(await origin.tokens.use(secret), null);
  assert.deepEqual(await origin.tokens.list(), []);
  await assert.rejects(origin.tokens.revoke(token.id), (error) => {
    return error instanceof AccessError && error.code === "access.unknown";
  });
});

test("when a token was last used is remembered, and written once a minute at most", async () => {
  await using origin = await opened();
  const { secret } = await origin.tokens.create("laptop", ["read"]);
  const used = async (): Promise<number | null | undefined> => (await origin.tokens.list())[0]?.usedAt;
  assert.equal(await used(), null);
  await origin.tokens.use(secret);
  const first = origin.at.now;
  assert.equal(await used(), first);
  origin.at.now = first + TOKEN_USED_STEP_MS - 1;
  await origin.tokens.use(secret);
  assert.equal(await used(), first);
  origin.at.now = first + TOKEN_USED_STEP_MS;
  await origin.tokens.use(secret);
  assert.equal(await used(), origin.at.now);
});

test("there are as many tokens as there may be, and room for one where one was revoked", async () => {
  await using origin = await opened();
  const row = { name: "", scopes: "read", created_at: 1, used_at: null, revoked_at: null };
  const rows = Array.from({ length: TOKENS_MAX - 1 }, (_, index) => ({ ...row, id: `${index}`, hash: `${index}` }));
  await origin.database.db.insertInto("tokens").values(rows).execute();
  const { token } = await origin.tokens.create("the last", ["read"]);
  await assert.rejects(origin.tokens.create("one more", ["read"]), (error) => {
    return error instanceof AccessError && error.code === "access.tokens";
  });
  await origin.tokens.revoke(token.id);
  await origin.tokens.create("instead", ["read"]);
});
