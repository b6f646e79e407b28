import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ORIGIN_API_CURSOR_CHARACTERS_MAX,
  ORIGIN_API_PAGE_ITEMS_DEFAULT,
  ORIGIN_API_PAGE_ITEMS_MAX,
  RELEASE_NAME_CHARACTERS_MAX,
} from "../../core/index.ts";
import { fakeOrigin, sampleRelease, type FakeOrigin } from "./fake-origin.test.ts";

const PRODUCTS = "/api/v1/products";
const RELEASES = `${PRODUCTS}/tool/releases`;
const TOKENS = "/api/v1/tokens";

function addReleases(origin: FakeOrigin, first: number, last: number, product = "tool"): void {
  for (let sequence = first; sequence <= last; sequence++) {
    const version = `1.${sequence}`;
    origin.catalogue.all.set(`${product}/${version}`, sampleRelease({ product, version, sequence }));
  }
}

interface Page {
  readonly count: number;
  readonly body: string;
  readonly next: string | null;
}

async function pageAt(origin: FakeOrigin, url: string): Promise<Page> {
  const answer = await origin.app.inject({ url, headers: url.startsWith(TOKENS) ? await adminOf(origin) : {} });
  assert.equal(answer.statusCode, 200, `${url} ${answer.body}`);
  const [items = []] = Object.values(answer.json<Record<string, unknown[]>>());
  const { link } = answer.headers;
  if (link === undefined) return { count: items.length, body: answer.body, next: null };
  const [, next] = /^<([^>]+)>; rel="next"$/.exec(String(link)) ?? assert.fail(String(link));
  return { count: items.length, body: answer.body, next: next ?? "" };
}

const admins = new WeakMap<FakeOrigin, { authorization: string }>();

async function adminOf(origin: FakeOrigin): Promise<{ authorization: string }> {
  const headers = admins.get(origin) ?? (await origin.token("admin"));
  admins.set(origin, headers);
  return headers;
}

/** All pages, one after the other. */
async function walk(origin: FakeOrigin, url: string, between: () => void = () => {}): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let next: string | null = url; next !== null; next = pages.at(-1)?.next ?? null) {
    pages.push(await pageAt(origin, next));
    between();
  }
  return pages;
}

const namesIn = (pages: readonly Page[], field: string): string[] =>
  pages.flatMap(({ body }) => [...body.matchAll(new RegExp(`"${field}":"([^"]+)"`, "g"))].map(([, name = ""]) => name));

test("the pages of a list join to all of it, each once, and the last has no link", async () => {
  await using origin = await fakeOrigin();
  addReleases(origin, 1, 7);
  for (const name of ["a", "b", "z", "c"]) addReleases(origin, 1, 1, name);
  for (let index = 0; index < 4; index++) await origin.token("read");
  const releases = await walk(origin, `${RELEASES}?limit=3`);
  assert.deepEqual(
    releases.map(({ count }) => count),
    [3, 3, 1],
  );
  assert.deepEqual(namesIn(releases, "version"), ["1.7", "1.6", "1.5", "1.4", "1.3", "1.2", "1.1"]);
  const products = await walk(origin, `${PRODUCTS}?limit=2`);
  assert.deepEqual(
    products.map(({ count }) => count),
    [2, 2, 1],
  );
  assert.deepEqual(namesIn(products, "product"), ["a", "b", "c", "tool", "z"]);
  const tokens = namesIn(await walk(origin, `${TOKENS}?limit=2`), "id");
  assert.deepEqual([tokens.length, new Set(tokens).size], [5, 5]);
  // As many as fit make one page.
  assert.deepEqual(await walk(origin, `${RELEASES}?limit=7`).then((pages) => pages.map(({ count }) => count)), [7]);
});

test("what is published and withdrawn between two pages neither repeats an item nor leaves one out", async () => {
  await using origin = await fakeOrigin();
  addReleases(origin, 1, 6);
  let sequence = 6;
  const pages = await walk(origin, `${RELEASES}?limit=2`, () => addReleases(origin, ++sequence, sequence));
  assert.deepEqual(namesIn(pages, "version"), ["1.6", "1.5", "1.4", "1.3", "1.2", "1.1"]);
});

test("a page has as many items as its limit, ORIGIN_API_PAGE_ITEMS_DEFAULT where nothing is said, and no limit is above its own", async () => {
  await using origin = await fakeOrigin();
  addReleases(origin, 1, ORIGIN_API_PAGE_ITEMS_MAX + 1);
  assert.equal((await pageAt(origin, RELEASES)).count, ORIGIN_API_PAGE_ITEMS_DEFAULT);
  assert.equal(
    (await pageAt(origin, `${RELEASES}?limit=${ORIGIN_API_PAGE_ITEMS_MAX}`)).count,
    ORIGIN_API_PAGE_ITEMS_MAX,
  );
  for (const limit of [ORIGIN_API_PAGE_ITEMS_MAX + 1, 0, -1, "x", "1.5"]) {
    const refused = await origin.app.inject(`${RELEASES}?limit=${limit}`);
    assert.deepEqual(
      [refused.statusCode, refused.json<{ code: string }>().code],
      [400, "request.invalid"],
      String(limit),
    );
  }
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

test("a cursor that is none, is of another list or is too long is refused, and one past the end is the end", async () => {
  await using origin = await fakeOrigin();
  addReleases(origin, 1, 3);
  addReleases(origin, 1, 2, "other");
  const cursor = new URL((await pageAt(origin, `${RELEASES}?limit=1`)).next ?? "", "http://x").searchParams.get(
    "cursor",
  );
  const codeOf = async (url: string): Promise<string> => {
    const answer = await origin.app.inject({ url, headers: await adminOf(origin) });
    return `${answer.statusCode} ${answer.json<{ code?: string }>().code}`;
  };
  for (const wrong of [
    "",
    "x",
    "%00",
    "W10",
    encoded({}),
    encoded(["releases tool"]),
    encoded(["releases tool", "2"]),
  ]) {
    assert.equal(await codeOf(`${RELEASES}?cursor=${wrong}`), "400 request.cursor", wrong);
  }
  for (const list of [PRODUCTS, TOKENS, `${PRODUCTS}/other/releases`]) {
    assert.equal(await codeOf(`${list}?cursor=${cursor}`), "400 request.cursor", list);
  }
  assert.equal(
    await codeOf(`${TOKENS}?cursor=${encoded(["tokens", { createdAt: "1", id: "a" }])}`),
    "400 request.cursor",
  );
  assert.equal(await codeOf(`${TOKENS}?cursor=${encoded(["tokens", null])}`), "400 request.cursor");
  const longest = "A".repeat(ORIGIN_API_CURSOR_CHARACTERS_MAX);
  assert.equal(await codeOf(`${RELEASES}?cursor=${longest}`), "400 request.cursor");
  assert.equal(await codeOf(`${RELEASES}?cursor=${longest}A`), "400 request.invalid");
  assert.deepEqual(await pageAt(origin, `${RELEASES}?cursor=${encoded(["releases tool", 1])}`), {
    count: 0,
    body: '{"releases":[]}',
    next: null,
  });
  assert.equal(await codeOf(`${PRODUCTS}/none/releases`), "404 catalogue.unknown");
});

test("the cursors of the longest names fit", async () => {
  await using origin = await fakeOrigin();
  const [first, second] = ["a", "b"].map((letter) => letter.repeat(RELEASE_NAME_CHARACTERS_MAX)) as [string, string];
  for (const product of [first, second]) addReleases(origin, 1, 2, product);
  assert.equal((await walk(origin, `${PRODUCTS}?limit=1`)).length, 2);
  assert.equal((await walk(origin, `${PRODUCTS}/${first}/releases?limit=1`)).length, 2);
});

test("whatever stands in a cursor, the answer is a page or a refusal", async () => {
  await using origin = await fakeOrigin();
  addReleases(origin, 1, 2);
  const headers = await adminOf(origin);
  const content = fc.oneof(
    fc.string(),
    fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString("base64url")),
    fc
      .tuple(fc.constantFrom("products", "releases tool", "tokens"), fc.jsonValue({ maxDepth: 2 }))
      .map((value) => Buffer.from(JSON.stringify(value)).toString("base64url")),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(PRODUCTS, RELEASES, TOKENS), content, async (list, cursor) => {
      const answer = await origin.app.inject({ url: `${list}?cursor=${encodeURIComponent(cursor)}`, headers });
      assert.ok([200, 400, 429].includes(answer.statusCode), `${answer.statusCode} ${answer.body}`);
    }),
    { numRuns: 200 },
  );
});

test("the API's description says how lists are paged", async () => {
  await using origin = await fakeOrigin();
  const { paths } = (await origin.app.inject("/api/v1/openapi.json")).json<{
    paths: Record<string, { get: { parameters: { name: string }[]; responses: { 200: { headers?: object } } } }>;
  }>();
  for (const path of [PRODUCTS, `${PRODUCTS}/{product}/releases`, TOKENS]) {
    const { parameters, responses } = paths[path]?.get ?? assert.fail(path);
    const names = parameters.map(({ name }) => name);
    assert.ok(names.includes("limit") && names.includes("cursor"), path);
    assert.deepEqual(Object.keys(responses[200].headers ?? {}), ["Link"], path);
  }
});
