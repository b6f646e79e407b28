import assert from "node:assert/strict";
import { test } from "node:test";
import { SITE_CONTENTS_CACHED_MAX, SITE_LIVE_PAGE_AGE_MS_MAX, SITE_PAGES_CACHED_MAX } from "../../core/index.ts";
import { fixtureSite, releaseOf, WITHDRAWAL } from "./fixture.test.ts";

const REF = { product: "demo", version: "1.0" };

test("pages have tags, and who has a page gets 304", async () => {
  const { app, swarms, clock } = await fixtureSite();
  for (const path of ["/", "/demo", "/demo/1.0", "/status", "/keys", "/feed.atom", "/sitemap.xml", "/robots.txt"]) {
    const first = await app.inject(path);
    assert.equal(first.headers["cache-control"], "no-cache", path);
    const again = await app.inject({ path, headers: { "if-none-match": `"other", W/${String(first.headers.etag)}` } });
    assert.equal(again.statusCode, 304, path);
    assert.equal(again.body, "");
  }
  const { etag } = (await app.inject("/demo/1.0")).headers;
  swarms.step();
  clock.ms += SITE_LIVE_PAGE_AGE_MS_MAX;
  const moved = await app.inject({ path: "/demo/1.0", headers: { "if-none-match": String(etag) } });
  assert.equal(moved.statusCode, 200, "the numbers moved");
});

test("a page is drawn once while nothing changes, and anew when it is old or the catalogue changed", async () => {
  const { app, catalogue, clock } = await fixtureSite();
  const asked = async (): Promise<number> => {
    const before = catalogue.questions;
    assert.equal((await app.inject("/demo/1.0")).statusCode, 200);
    return catalogue.questions - before;
  };
  assert.ok((await asked()) > 0);
  clock.ms = SITE_LIVE_PAGE_AGE_MS_MAX - 1;
  assert.equal(await asked(), 0);
  clock.ms = SITE_LIVE_PAGE_AGE_MS_MAX;
  assert.ok((await asked()) > 0);
  catalogue.change([releaseOf(REF)]);
  assert.ok((await asked()) > 0);
});

test("pages beyond the limit push out the oldest, and what is not there is not kept", async () => {
  const releases = Array.from({ length: SITE_PAGES_CACHED_MAX + 1 }, (_, index) =>
    releaseOf({ product: `p${index}`, version: "1" }),
  );
  const { app, catalogue } = await fixtureSite({ releases });
  const asked = async (path: string): Promise<number> => {
    const before = catalogue.questions;
    await app.inject(path);
    return catalogue.questions - before;
  };
  for (let index = 0; index < SITE_PAGES_CACHED_MAX; index++) await app.inject(`/p${index}`);
  assert.equal(await asked("/p0"), 0, "at the limit all are kept");
  await app.inject(`/p${SITE_PAGES_CACHED_MAX}`);
  assert.ok((await asked("/p0")) > 0, "above it the oldest is gone");
  await app.inject("/nope");
  assert.ok((await asked("/nope")) > 0);
});

test("magnet links beyond the limit push out the oldest", async () => {
  const releases = Array.from({ length: SITE_CONTENTS_CACHED_MAX + 1 }, (_, index) =>
    releaseOf({ product: `p${index}`, version: "1" }),
  );
  const { app, catalogue, clock } = await fixtureSite({ releases });
  const asked = async (path: string): Promise<number> => {
    clock.ms += SITE_LIVE_PAGE_AGE_MS_MAX;
    const before = catalogue.questions;
    await app.inject(path);
    return catalogue.questions - before;
  };
  for (let index = 0; index < SITE_CONTENTS_CACHED_MAX; index++) await app.inject(`/p${index}/1`);
  assert.equal(await asked("/p0/1"), 1, "the release alone, not its metainfo");
  await app.inject(`/p${SITE_CONTENTS_CACHED_MAX}/1`);
  assert.equal(await asked("/p0/1"), 2);
});

test("a withdrawal shows at once on every page, and a restored release is back at once", async () => {
  const { app, catalogue } = await fixtureSite();
  const paths = ["/", "/demo", "/demo/1.0", "/feed.atom", "/sitemap.xml", "/status"];
  for (const path of paths) await app.inject(path);
  catalogue.withdraw(REF, WITHDRAWAL);
  assert.equal((await app.inject("/demo/1.0")).statusCode, 451);
  for (const path of ["/", "/demo", "/feed.atom"]) assert.match((await app.inject(path)).body, /withdrawn/i, path);
  for (const path of ["/status", "/sitemap.xml"])
    assert.doesNotMatch((await app.inject(path)).body, /demo\/1\.0/, path);
  catalogue.withdraw(REF, null);
  assert.equal((await app.inject("/demo/1.0")).statusCode, 200);
  assert.match((await app.inject("/demo/1.0")).body, /magnet:/);
});

test("a program that asks for JSON gets it at the same address, also of a tombstone", async () => {
  const { app, catalogue } = await fixtureSite();
  const ask = (path: string) => app.inject({ path, headers: { accept: "application/json" } });
  assert.equal((await ask("/demo")).json<{ version: unknown }>().version, null);
  assert.equal((await ask("/demo/1.0")).json<{ version: unknown }>().version, "1.0");
  assert.equal((await ask("/nope")).statusCode, 404);
  assert.equal((await ask("/demo/2")).statusCode, 404);
  catalogue.withdraw(REF, WITHDRAWAL);
  assert.equal((await ask("/demo/1.0")).statusCode, 200, "the signed metadata says that it is withdrawn");
  const page = await app.inject({ path: "/demo", headers: { accept: "text/html" } });
  assert.equal(page.headers.vary, "Accept");
});

test("names that look like addresses are one release each", async () => {
  const releases = [
    releaseOf({ product: "a/b", version: "c", name: "x" }),
    releaseOf({ product: "a", version: "b/c", name: "x" }),
  ];
  const { app } = await fixtureSite({ releases });
  assert.match((await app.inject("/a%2Fb/c")).body, /<title>a\/b c ·/);
  assert.match((await app.inject("/a/b%2Fc")).body, /<title>a b\/c ·/);
});

test("styles and scripts are kept for ever at the address that pages give, compressed for who takes it", async () => {
  const { app } = await fixtureSite();
  const { body } = await app.inject("/demo/1.0");
  const addresses = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? "");
  assert.ok(addresses.length >= 5, addresses.join());
  for (const path of addresses) {
    const plain = await app.inject(path);
    assert.equal(plain.statusCode, 200, path);
    assert.match(String(plain.headers["cache-control"]), /immutable/);
    const compressed = await app.inject({ path, headers: { "accept-encoding": "gzip, br" } });
    assert.equal(compressed.headers["content-encoding"], "gzip");
    const again = await app.inject({ path, headers: { "if-none-match": String(plain.headers.etag) } });
    assert.equal(again.statusCode, 304);
    // An old page's address still works, but is asked for again.
    const old = await app.inject(path.replace(/\/assets\/[^/]+/, "/assets/old"));
    assert.equal(old.headers["cache-control"], "no-cache");
    assert.equal(old.body, plain.body);
  }
});

test("modules find what they import beside them", async () => {
  const { app } = await fixtureSite();
  const live = await app.inject("/assets/x/live.js");
  const imports = [live, await app.inject("/assets/x/live-chart.js")].flatMap(({ body }) =>
    [...body.matchAll(/^import .*"\.\/([^"]+)";$/gm)].map(([, name]) => name),
  );
  assert.deepEqual(imports, ["live-chart.js", "uplot.js"]);
  for (const name of imports) assert.equal((await app.inject(`/assets/x/${name}`)).statusCode, 200);
});
