import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import {
  ORIGIN_SEARCH_CHARACTERS_MAX,
  ORIGIN_SEARCH_RESULTS_MAX,
  TOKEN_NAME_CHARACTERS_MAX,
} from "../../core/index.ts";
import { fakeOrigin, legalDemand, randomPayload } from "./fake-origin.test.ts";
import type { FakeOrigin } from "./fake-origin.test.ts";

const RELEASE = "/api/v1/products/tool/releases/1.0";

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}
interface Validator {
  addSchema(schema: object, key: string): void;
  compile(schema: object): ((data: unknown) => boolean) & { errors?: unknown };
}

/** The validator that Fastify brings, for the dialect of OpenAPI 3.1 (JSON Schema 2020-12). */
function createValidator(): Validator {
  const { default: Ajv } = createRequire(import.meta.resolve("fastify"))("ajv/dist/2020.js") as {
    default: new (options: object) => Validator;
  };
  return new Ajv({ strict: false });
}

async function describedBy(origin: FakeOrigin): Promise<OpenApi> {
  return (await origin.app.inject("/api/v1/openapi.json")).json<OpenApi>();
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Fails where an answer is not as the description says. */
function assertDescribed(document: OpenApi, path: string, method: string, answer: Answer): void {
  const described = document.paths[path]?.[method]?.responses[answer.statusCode];
  assert.ok(described !== undefined, `${method} ${path} has no ${answer.statusCode}`);
  const [type = ""] = String(answer.headers["content-type"]).split(";");
  const schema = described.content?.[type]?.schema;
  assert.ok(schema !== undefined, `${method} ${path} ${answer.statusCode} has no ${type}`);
  const validator = createValidator();
  validator.addSchema(document, "api");
  const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
  const validate = validator.compile(JSON.parse(text) as object);
  assert.ok(validate(JSON.parse(answer.body)), `${method} ${path}: ${JSON.stringify(validate.errors)} ${answer.body}`);
}

test("the API is described (OpenAPI 3.1), with every route's summary, answers and needed scope", async () => {
  await using origin = await fakeOrigin();
  const document = await describedBy(origin);
  assert.equal(document.openapi, "3.1.0");
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  assert.deepEqual(operations.map(({ path, method }) => `${method} ${path}`).sort(), [
    "delete /api/v1/products/{product}/releases/{version}/payload",
    "delete /api/v1/products/{product}/releases/{version}/withdrawal",
    "delete /api/v1/tokens/{id}",
    "get /api/v1/products",
    "get /api/v1/products/{product}/releases",
    "get /api/v1/products/{product}/releases/{version}",
    "get /api/v1/products/{product}/releases/{version}/live",
    "get /api/v1/search",
    "get /api/v1/tokens",
    "post /api/v1/tokens",
    "put /api/v1/products/{product}/releases/{version}/withdrawal",
  ]);
  for (const { path, method, operation } of operations) {
    assert.ok((operation.summary ?? "").length > 0, path);
    const isProtected = method !== "get" || path.endsWith("/tokens");
    assert.equal(operation.security !== undefined, isProtected, `${method} ${path}`);
    assert.ok(Object.keys(operation.responses).some((status) => status.startsWith("2")));
    assert.equal("401" in operation.responses, isProtected, `${method} ${path}`);
  }
  for (const pointer of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(pointer[1] !== undefined && pointer[1] in document.components.schemas, pointer[0]);
  }
});

test("what the API answers is what its description says", async () => {
  await using origin = await fakeOrigin({}, { trackers: ["https://tracker.example/announce"] });
  await origin.add({}, randomPayload(10));
  await origin.add({ version: "2.0", name: "suite", vendor: null, notes: null }, { "a.txt": randomPayload(10) });
  await origin.parts.lifecycle.withdraw({ product: "tool", version: "2.0" }, legalDemand);
  const document = await describedBy(origin);
  const products = "/api/v1/products";
  const release = `${products}/{product}/releases/{version}`;
  for (const [url, path, status] of [
    [products, products, 200],
    [`${products}/tool/releases`, `${products}/{product}/releases`, 200],
    [`${products}/none/releases`, `${products}/{product}/releases`, 404],
    [RELEASE, release, 200],
    [`${products}/tool/releases/2.0`, release, 200],
    [`${products}/tool/releases/3.0`, release, 404],
    [`${RELEASE}/live`, `${release}/live`, 200],
    ["/api/v1/search?q=tool", "/api/v1/search", 200],
    ["/api/v1/search", "/api/v1/search", 400],
    ["/api/v1/tokens", "/api/v1/tokens", 401],
  ] as const) {
    const answer = await origin.app.inject(url);
    assert.equal(answer.statusCode, status, url);
    assertDescribed(document, path, "get", answer);
  }
  const { links } = (await origin.app.inject(RELEASE)).json<{ links: Record<string, string> }>();
  assert.equal(links["direct"], "https://updates.example/download/tool/1.0/tool.bin");
  assert.match(links["magnet"] ?? "", /^magnet:\?xt=urn:btih:11.*tr=https/);
  const withdrawn = await origin.app.inject(`${products}/tool/releases/2.0`);
  assert.deepEqual(withdrawn.json<{ links: object }>().links, {
    page: "https://updates.example/tool/2.0",
    torrent: null,
    torrentV1: null,
    magnet: null,
    direct: null,
  });
});

test("withdraw, restore and purge need a token with the scope, and do what they say", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, randomPayload(10));
  const document = await describedBy(origin);
  const path = "/api/v1/products/{product}/releases/{version}/withdrawal";
  const withdraw = (headers: Record<string, string>, payload: object = { kind: "recall", reason: "It breaks." }) =>
    origin.app.inject({ method: "PUT", url: `${RELEASE}/withdrawal`, headers, payload });
  for (const [headers, status, code] of [
    [{}, 401, "access.missing"],
    [{ authorization: "Bearer upswarm_made-up" }, 401, "access.invalid"],
    [await origin.token("read", "publish", "notices"), 403, "access.scope"],
  ] as const) {
    const refused = await withdraw(headers);
    assert.equal(refused.statusCode, status);
    assert.equal(refused.json<{ code: string }>().code, code);
    assert.equal(refused.headers["www-authenticate"], status === 401 ? "Bearer" : undefined);
    assertDescribed(document, path, "put", refused);
  }
  const manage = await origin.token("manage");
  for (const wrong of [{ kind: "recall" }, { kind: "other", reason: "x" }, { kind: "recall", reason: "x", at: 1 }]) {
    const refused = await withdraw(manage, wrong);
    assert.equal(refused.statusCode, 400, JSON.stringify(wrong));
    assertDescribed(document, path, "put", refused);
  }
  const done = await withdraw(manage);
  assertDescribed(document, path, "put", done);
  assert.equal(done.json<{ withdrawal: { reason: string } }>().withdrawal.reason, "It breaks.");
  assert.equal((await origin.app.inject("/download/tool/1.0/tool.bin")).statusCode, 410);
  const restored = await origin.app.inject({ method: "DELETE", url: `${RELEASE}/withdrawal`, headers: manage });
  assertDescribed(document, path, "delete", restored);
  assert.equal((await origin.app.inject("/download/tool/1.0/tool.bin")).statusCode, 200);
  const purge = { method: "DELETE", url: `${RELEASE}/payload`, headers: manage } as const;
  const refused = await origin.app.inject(purge);
  assert.equal(refused.statusCode, 404);
  await withdraw(manage);
  assert.equal((await origin.app.inject(purge)).statusCode, 204);
});

test("tokens are made, listed without their secret, and revoked by a token of the scope admin", async () => {
  await using origin = await fakeOrigin();
  const document = await describedBy(origin);
  const headers = await origin.token("admin");
  const make = (payload: object) => origin.app.inject({ method: "POST", url: "/api/v1/tokens", headers, payload });
  const made = await make({ name: "n".repeat(TOKEN_NAME_CHARACTERS_MAX), scopes: ["manage"] });
  assert.equal(made.statusCode, 201);
  assert.equal(made.headers["cache-control"], "no-store");
  assertDescribed(document, "/api/v1/tokens", "post", made);
  const { id, secret } = made.json<{ id: string; secret: string }>();
  const listed = await origin.app.inject({ url: "/api/v1/tokens", headers });
  assertDescribed(document, "/api/v1/tokens", "get", listed);
  assert.ok(listed.body.includes(id) && !listed.body.includes(secret));
  for (const wrong of [
    { name: "n".repeat(TOKEN_NAME_CHARACTERS_MAX + 1), scopes: ["manage"] },
    { name: "n", scopes: [] },
    { name: "n", scopes: ["root"] },
  ]) {
    assert.equal((await make(wrong)).statusCode, 400);
  }
  const mine = { authorization: `Bearer ${secret}` };
  assert.equal((await origin.app.inject({ url: "/api/v1/tokens", headers: mine })).statusCode, 403);
  const revoke = { method: "DELETE", url: `/api/v1/tokens/${id}`, headers } as const;
  assert.equal((await origin.app.inject(revoke)).statusCode, 204);
  assert.equal((await origin.app.inject(revoke)).statusCode, 404);
  assert.equal((await origin.app.inject({ url: "/api/v1/tokens", headers: mine })).statusCode, 401);
});

test("a search has a length and gives so many releases at most", async () => {
  await using origin = await fakeOrigin();
  const ask = async (query: string): Promise<number> => (await origin.app.inject(`/api/v1/search?${query}`)).statusCode;
  assert.equal(await ask(`q=${"x".repeat(ORIGIN_SEARCH_CHARACTERS_MAX)}`), 200);
  assert.equal(await ask(`q=${"x".repeat(ORIGIN_SEARCH_CHARACTERS_MAX + 1)}`), 400);
  assert.equal(await ask(`q=x&limit=${ORIGIN_SEARCH_RESULTS_MAX}`), 200);
  assert.equal(await ask(`q=x&limit=${ORIGIN_SEARCH_RESULTS_MAX + 1}`), 400);
});

test("above its rate an address is told when to come again; a token has its own rate, a made-up one has not", async () => {
  await using origin = await fakeOrigin({ limits: { apiRequestsPerMinute: 2 } });
  const ask = (url: string, headers: Record<string, string> = {}) => origin.app.inject({ url, headers });
  const first = await ask("/api/v1/products");
  assert.equal(first.headers["ratelimit-limit"], "2");
  assert.equal(first.headers["ratelimit-remaining"], "1");
  assert.equal((await ask("/api/v1/search?q=x")).statusCode, 200);
  const refused = await ask("/api/v1/products", { authorization: "Bearer made-up" });
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.json<{ code: string }>().code, "request.too-many");
  assert.ok(Number(refused.headers["retry-after"]) > 0);
  assert.ok(Number(refused.headers["ratelimit-reset"]) > 0);
  const token = await origin.token("read");
  assert.equal((await ask("/api/v1/products", token)).statusCode, 200);
  assert.equal((await ask("/api/v1/products", token)).statusCode, 200);
  assert.equal((await ask("/api/v1/products", token)).statusCode, 429);
});
