import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NetError } from "./net-error.ts";
import { webSeedFileUrl } from "./web-seed-url.ts";

const single = { name: "up date.bin", isFolder: false, path: ["up date.bin"] };
const folder = { name: "release 1", isFolder: true, path: ["sub dir", "ä#?%.txt"] };

void test("webSeedFileUrl() appends a single file's name only where the seed's URL ends in a slash", () => {
  assert.equal(webSeedFileUrl("http://h/pub/", single), "http://h/pub/up%20date.bin");
  assert.equal(webSeedFileUrl("http://h/pub/other.bin", single), "http://h/pub/other.bin");
  assert.equal(webSeedFileUrl("http://h", single), "http://h/up%20date.bin");
  assert.equal(webSeedFileUrl("https://h/pub/?token=1#x", single), "https://h/pub/up%20date.bin?token=1");
});

void test("webSeedFileUrl() puts a folder's name and path below the seed's URL, each element encoded", () => {
  const expected = "http://h/pub/release%201/sub%20dir/%C3%A4%23%3F%25.txt";
  assert.equal(webSeedFileUrl("http://h/pub/", folder), expected);
  assert.equal(webSeedFileUrl("http://h/pub", folder), expected);
});

void test("webSeedFileUrl() refuses elements that would lead elsewhere", () => {
  for (const element of ["", ".", ".."]) {
    const file = { ...folder, path: [element, "passwd"] };
    assert.throws(
      () => webSeedFileUrl("http://h/pub/", file),
      (error: NetError) => error.code === "net.url-syntax",
    );
  }
  assert.throws(
    () => webSeedFileUrl("pub/", single),
    (error: NetError) => error.code === "net.url-syntax",
  );
});

void test("webSeedFileUrl() keeps any name recoverable and below the seed's path", () => {
  const element = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text !== "." && text !== "..");
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), element, (path, name) => {
      const url = new URL(webSeedFileUrl("http://h/a/b/", { name, isFolder: true, path }));
      const below = url.pathname.split("/").slice(3).map(decodeURIComponent);
      assert.deepEqual(
        below,
        [name, ...path].map((text) => text.toWellFormed()),
      );
      assert.ok(url.pathname.startsWith("/a/b/"));
    }),
  );
});
