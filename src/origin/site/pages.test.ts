import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SITE_CHANNEL_RELEASES_SHOWN_MAX,
  SITE_NOTES_LENGTH_MAX,
  SITE_PRODUCTS_SHOWN_MAX,
  SITE_QUERY_LENGTH_MAX,
  SITE_RECENT_RELEASES_MAX,
  SITE_SEARCH_RESULTS_MAX,
} from "../../core/index.ts";
import type { Release } from "../domain.ts";
import { fixtureSite, NOW, releaseOf, SIGNING, WITHDRAWAL } from "./fixture.test.ts";

const DEMO = releaseOf({ product: "demo", version: "1.0" });
const LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

const many = (count: number): Release[] =>
  Array.from({ length: count }, (_, index) => releaseOf({ product: "p", version: `v${index}` }));

async function pageOf(path: string, releases: readonly Release[], userAgent = LINUX): Promise<string> {
  const { app } = await fixtureSite({ releases });
  const answer = await app.inject({ path, headers: { "user-agent": userAgent } });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
  return answer.body;
}

test("no page holds markup that a publisher, a vendor or a notice wrote", async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;
  const hostile = releaseOf({
    product: "p",
    version: "1",
    name: `x';$(reboot)&.exe`,
    channel: evil,
    notes: evil,
    vendor: { name: evil, url: `javascript:alert("${evil}")`, hashes: [{ algorithm: "sha256", hex: evil }] },
  });
  const withdrawn = {
    ...hostile,
    version: "2",
    withdrawal: { ...WITHDRAWAL, reason: evil, demandedBy: evil, vendorUrl: `data:text/html,${evil}`, caseId: evil },
  };
  const { app } = await fixtureSite({ releases: [hostile, withdrawn] });
  for (const path of ["/", "/p", "/p/1", "/p/2", "/status", `/search?q=${encodeURIComponent(evil)}`, "/feed.atom"]) {
    const { body } = await app.inject(path);
    assert.doesNotMatch(body, /<script>|<img src=x|onerror='|javascript:alert\("[^&]|href="(?:javascript|data):/, path);
    assert.doesNotMatch(body, /\sstyle=|<style|\son[a-z]+="/, `${path} has nothing inline`);
  }
});

test("a release's page is complete without JavaScript: doors, hashes, proof, numbers, lines of the charts", async () => {
  const page = await pageOf("/demo/1.0", [
    {
      ...DEMO,
      vendor: {
        name: "ACME",
        url: "https://acme.example/demo",
        hashes: [{ algorithm: "sha256", hex: (DEMO.sha256 ?? "").toUpperCase() }],
      },
      notes: "What is new",
    },
  ]);
  for (const address of [
    "/demo/1.0/demo-1.0.tar.gz.torrent",
    "/demo/1.0/demo-1.0.tar.gz.v1.torrent",
    "magnet:?xt=urn:btih:",
    "/download/demo/1.0/demo-1.0.tar.gz",
    "https://acme.example/demo",
    "/keys",
    "/demo/feed.atom",
  ]) {
    assert.ok(page.includes(`href="${address}`), address);
  }
  for (const hash of [DEMO.sha256, DEMO.sha1, DEMO.infoHashV1, DEMO.infoHashV2, DEMO.infoHashTwin]) {
    assert.ok(page.includes(`>${hash}</code>`), `${hash}`);
  }
  for (const text of [
    "Equal.",
    "What is new",
    "by ACME",
    SIGNING.rootFingerprint,
    "upswarm get https://updates.example/demo/1.0",
  ]) {
    assert.ok(page.includes(text), text);
  }
  assert.match(page, /data-figure="seeds">386</);
  assert.match(page, /data-figure="directCost">153 GB</);
  assert.match(page, /<polyline class="line-delivered" points="0\.0,/);
  assert.match(page, /<meta property="og:title" content="demo 1\.0"/);
});

test("a release's page shouts when the vendor's hash is not ours, and claims nothing where there is none", async () => {
  const vendor = { name: "ACME", url: null, hashes: [{ algorithm: "sha1", hex: "00" }] } as const;
  assert.match(await pageOf("/demo/1.0", [{ ...DEMO, vendor }]), /Not equal\./);
  const page = await pageOf("/demo/1.0", [{ ...DEMO, vendor: { ...vendor, hashes: [] } }]);
  assert.doesNotMatch(page, /qual\./);
  // Of a SHA-512 we keep only that it was equal.
  const sha512 = { ...vendor, hashes: [{ algorithm: "sha512", hex: "ab".repeat(64) }] } as const;
  assert.match(await pageOf("/demo/1.0", [{ ...DEMO, vendor: sha512 }]), /Equal\./);
});

test("a folder's page lists its files at their own addresses", async () => {
  const page = await pageOf("/set/1", [releaseOf({ product: "set", version: "1", name: "the set", kind: "folder" })]);
  assert.match(page, /href="\/download\/set\/1\/the%20set\/tokenizer\/vocab%20%231\.txt"/);
  assert.match(page, /upswarm verify &#39;the set\.torrent&#39; &#39;the set&#39;/);
  assert.doesNotMatch(page, /sha256sum/);
});

test("the reader's own system comes first and open, the others in closed details", async () => {
  const windows = await pageOf("/demo/1.0", [DEMO], WINDOWS);
  const [open = ""] = windows.slice(windows.indexOf('id="verify"')).split("<details>");
  assert.match(open, /Get-FileHash[^<]*demo-1\.0\.tar\.gz/);
  assert.match(open, /certutil -hashfile/);
  assert.doesNotMatch(open, /shasum|sha256sum/);
  const phone = await pageOf(
    "/demo/1.0",
    [DEMO],
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Mobile/15E148",
  );
  assert.equal(phone.split("<details>").length, 5, "a phone gets all four closed");
});

test("a tombstone has no door and no hash, and says what, when, who and where to go", async () => {
  const kinds = [
    ["legal", 451],
    ["recall", 410],
    ["key-compromise", 410],
  ] as const;
  for (const [kind, status] of kinds) {
    const withdrawal = { ...WITHDRAWAL, kind, replacedBy: kind === "recall" ? "1.1" : null };
    const release = { ...DEMO, vendor: { name: "ACME", url: "https://acme.example/", hashes: [] }, withdrawal };
    const { app } = await fixtureSite({ releases: [release] });
    const answer = await app.inject("/demo/1.0");
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers.link, kind === "legal" ? '<https://updates.example/>; rel="blocked-by"' : undefined);
    assert.doesNotMatch(answer.body, /\.torrent|magnet:|\/(?:files|download)\/|data-live|noindex"[^>]*index,/);
    for (const hash of [DEMO.sha256, DEMO.sha1, DEMO.infoHashV1, DEMO.infoHashV2, DEMO.infoHashTwin]) {
      assert.ok(!answer.body.includes(String(hash)), "a hash finds the swarm elsewhere");
    }
    for (const text of [WITHDRAWAL.reason, "24 November 2026 at 22:15 UTC", "Example Corporation, by its counsel"]) {
      assert.ok(answer.body.includes(text), text);
    }
    assert.match(answer.body, /href="https:\/\/vendor\.example\/downloads\/sp2"/);
    assert.match(answer.body, /cannot be recalled.*465 peers were in the swarm/s);
    assert.equal(answer.body.includes('href="/demo/1.1"'), kind === "recall");
  }
});

test("a tombstone falls back on the vendor's page that the release named", async () => {
  const withdrawal = { ...WITHDRAWAL, vendorUrl: null };
  const vendor = { name: "ACME", url: "https://acme.example/", hashes: [] };
  const { app } = await fixtureSite({ releases: [{ ...DEMO, vendor, withdrawal }] });
  assert.match((await app.inject("/demo/1.0")).body, /href="https:\/\/acme\.example\/"/);
});

test("an origin without releases says how to publish, and status that there is no swarm", async () => {
  assert.match(await pageOf("/", []), /Nothing is published yet.*upswarm publish/s);
  assert.match(await pageOf("/status", []), /there is no swarm/);
  assert.match(await pageOf("/search?q=zzz", []), /Nothing holds “zzz”/);
  const { app } = await fixtureSite({ steps: 0 });
  const { body } = await app.inject("/demo/1.0");
  assert.match(body, /data-figure="peerShare">–</, "no share is claimed of nothing");
});

test("a product's page begins with what the command line would fetch", async () => {
  const releases = [
    releaseOf({ product: "demo", version: "3-beta", channel: "beta" }),
    { ...releaseOf({ product: "demo", version: "2" }), withdrawal: WITHDRAWAL },
    releaseOf({ product: "demo", version: "1" }),
  ];
  const page = await pageOf("/demo", releases);
  assert.match(page, /button-primary" href="\/demo\/1"/);
  assert.match(page, /upswarm get https:\/\/updates\.example\/demo</);
  assert.ok(page.indexOf("3-beta") < page.indexOf("Channel stable"), "channels come with the newest first");
});

test("lists end at their limits and say what is left out", async () => {
  const shown = async (path: string, count: number): Promise<number> =>
    (await pageOf(path, many(count))).split('<li class="release').length - 1;
  assert.equal(await shown("/p", SITE_CHANNEL_RELEASES_SHOWN_MAX), SITE_CHANNEL_RELEASES_SHOWN_MAX);
  assert.equal(await shown("/p", SITE_CHANNEL_RELEASES_SHOWN_MAX + 2), SITE_CHANNEL_RELEASES_SHOWN_MAX);
  assert.match(await pageOf("/p", many(SITE_CHANNEL_RELEASES_SHOWN_MAX + 2)), /And 2 older releases/);
  assert.equal(await shown("/search?q=p", SITE_SEARCH_RESULTS_MAX + 1), SITE_SEARCH_RESULTS_MAX);
  assert.equal(await shown("/", SITE_RECENT_RELEASES_MAX + 1), SITE_RECENT_RELEASES_MAX);
  const products = Array.from({ length: SITE_PRODUCTS_SHOWN_MAX + 1 }, (_, index) =>
    releaseOf({ product: `p${index}`, version: "1" }),
  );
  assert.match(await pageOf("/", products), /And 1 more product,/);
  const notes = async (length: number): Promise<string> =>
    pageOf("/n/1", [releaseOf({ product: "n", version: "1", notes: "n".repeat(length) })]);
  assert.doesNotMatch(await notes(SITE_NOTES_LENGTH_MAX), /notes go on/);
  assert.match(await notes(SITE_NOTES_LENGTH_MAX + 1), /notes go on/);
});

test("a question is cut at its limit, and asked twice it is asked once", async () => {
  const { app } = await fixtureSite();
  const long = "x".repeat(SITE_QUERY_LENGTH_MAX);
  assert.ok((await app.inject(`/search?q=${long}y`)).body.includes(`“${long}”`));
  const twice = await app.inject("/search?q=demo&q=other");
  assert.equal(twice.statusCode, 200);
  assert.match(twice.body, /1 release for “demo”/);
});

test("status and keys raise an alarm when a signature has ended", async () => {
  const signing = { ...SIGNING, roles: SIGNING.roles.map((role) => ({ ...role, expiresAt: NOW - 7_200_000 })) };
  const { app } = await fixtureSite({ signing });
  assert.match((await app.inject("/status")).body, /Signatures have ended.*root, targets, snapshot, timestamp/s);
  assert.match((await app.inject("/keys")).body, /ended 2 hours ago/);
});

test("what is not there gets the page for 404, also below a product that is", async () => {
  const { app } = await fixtureSite();
  for (const path of ["/nope", "/demo/2.0", "/nope/feed.atom", "/live/demo/2.0", "/assets/x/nope.css", "/a/b/c/d"]) {
    const answer = await app.inject(path);
    assert.equal(answer.statusCode, 404, path);
    assert.match(answer.body, /nothing at this address/);
  }
});
