import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { SITE_FEED_ENTRIES_MAX, SITE_SITEMAP_ADDRESSES_MAX } from "../../core/index.ts";
import { atomFeed } from "./atom-feed.ts";
import { fixtureSite, NOW, releaseOf, WITHDRAWAL } from "./fixture.test.ts";
import { sitemap } from "./sitemap.ts";

const SITE = { title: "Updates & more", publicUrl: "https://updates.example" };
const HOSTILE = releaseOf({
  product: "p",
  version: `<1>&"'`,
  notes: "a\u0000b\ud800c ]]> <!-- \u001b[31m",
  publishedAt: NOW,
});

/** A strict reader of the little XML that feeds use: prolog, elements, attributes, text, the five entities. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const token =
    /<\?xml version="1\.0" encoding="utf-8"\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)(\/?)>|[^<&]+|&(?:amp|lt|gt|quot|#39);/gy;
  let at = 0;
  for (const [text, closing, name, , empty] of xml.matchAll(token)) {
    at += text.length;
    if (name === undefined || empty === "/") continue;
    if (closing === "/") assert.equal(open.pop(), name);
    else open.push(name);
  }
  assert.equal(at, xml.length, `it is no XML from: ${xml.slice(at, at + 60)}`);
  assert.deepEqual(open, []);
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  assert.ok(xml.isWellFormed());
}

test("feeds and sitemap are well-formed XML, whatever a publisher wrote", () => {
  const releases = [HOSTILE, releaseOf({ product: "q", version: "1" })];
  assertWellFormed(atomFeed(SITE, null, releases));
  assertWellFormed(atomFeed(SITE, "p", [HOSTILE]));
  assertWellFormed(atomFeed(SITE, null, []));
  assertWellFormed(sitemap(SITE, [{ name: "p&q", releaseCount: 1, newest: HOSTILE }], releases));
});

const python = spawnSync("python3", ["-c", "import xml.dom.minidom"]).status === 0;

test("another XML parser reads the feed and the sitemap", { skip: python ? false : "not installed: python3" }, () => {
  for (const xml of [atomFeed(SITE, null, [HOSTILE]), sitemap(SITE, [], [HOSTILE])]) {
    const read = spawnSync("python3", ["-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)"], {
      input: xml,
    });
    assert.equal(read.status, 0, read.stderr.toString());
  }
});

test("an Atom feed has what RFC 4287 demands of feed and entries", () => {
  const feed = atomFeed(SITE, "p", [HOSTILE]);
  const [head = "", entry = ""] = feed.split("<entry>");
  for (const element of ["<id>", "<title>", "<updated>", "<author><name>", '<link rel="self"'])
    assert.ok(head.includes(element), element);
  for (const element of ["<id>", "<title>", "<updated>", '<link rel="alternate"', "<summary>"])
    assert.ok(entry.includes(element), element);
  assert.match(entry, /<updated>2026-11-25T22:15:04\.000Z<\/updated>/);
});

test("a withdrawal updates the entry and takes the notes out of it; links lead to pages only", () => {
  const feed = atomFeed(SITE, null, [{ ...HOSTILE, publishedAt: NOW - 1e10, withdrawal: WITHDRAWAL }]);
  assert.match(feed, /\(withdrawn\)<\/title>/);
  assert.match(feed, /<updated>2026-11-24T22:15:04\.000Z<\/updated>/);
  assert.ok(feed.includes(`Withdrawn: ${WITHDRAWAL.reason}`));
  assert.doesNotMatch(feed, /<content|\.torrent|magnet:|\/files\//);
});

test("a feed ends at its limit, and so does the sitemap", () => {
  const releases = Array.from({ length: SITE_FEED_ENTRIES_MAX + 1 }, (_, index) =>
    releaseOf({ product: "p", version: `${index}` }),
  );
  assert.equal(atomFeed(SITE, null, releases).split("<entry>").length - 1, SITE_FEED_ENTRIES_MAX);
  const many = Array.from({ length: SITE_SITEMAP_ADDRESSES_MAX + 1 }, () => HOSTILE);
  assert.equal(sitemap(SITE, [], many).split("<url>").length - 1, SITE_SITEMAP_ADDRESSES_MAX);
});

test("feeds, sitemap and robots.txt are at their addresses with their types", async () => {
  const { app } = await fixtureSite();
  for (const path of ["/feed.atom", "/demo/feed.atom"]) {
    assert.equal((await app.inject(path)).headers["content-type"], "application/atom+xml; charset=utf-8");
  }
  assert.equal((await app.inject("/sitemap.xml")).headers["content-type"], "application/xml; charset=utf-8");
  const robots = await app.inject("/robots.txt");
  assert.match(robots.body, /^Sitemap: https:\/\/updates\.example\/sitemap\.xml$/m);
});
