// The parsers of what is signed: one strict form each, every limit, and nothing but coded refusals for anything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  RELEASE_NAME_CHARACTERS_MAX,
  RELEASE_NOTES_CHARACTERS_MAX,
  RELEASE_PAGE_BYTES_MAX,
  RELEASE_PARTY_CHARACTERS_MAX,
  RELEASE_URL_CHARACTERS_MAX,
  WITHDRAWAL_REASON_CHARACTERS_MAX,
} from "../core/index.ts";
import { parseChannelPointer, pointerTo } from "./channel-pointer.ts";
import { parseChannelName, parseProductName, parseVersion, reservedProductNames, reservedVersions } from "./names.ts";
import { ReleaseError } from "./release-error.ts";
import { refusal, sample, sampleWithdrawal } from "./release-fixture.test.ts";
import { parseReleasePage, releasePageUrl } from "./release-page.ts";
import { parseReleaseRecord } from "./release-record.ts";
import { channelPath, releasePath, targetNameOf, withdrawalPath } from "./target-paths.ts";
import { parseWithdrawalRecord } from "./withdrawal-record.ts";

const record = sample().record;
const vendor = {
  name: "Example Corp",
  url: "https://vendor.example/editor",
  hashes: [
    { algorithm: "sha1", hex: "cd".repeat(20), checked: "equal" },
    { algorithm: "sha512", hex: "ab".repeat(64), checked: "equal" },
  ],
} as const;

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789._-";
const name = fc
  .string({ unit: fc.constantFrom(...alphabet.split("")), minLength: 1, maxLength: RELEASE_NAME_CHARACTERS_MAX })
  .filter((text) => /^[a-z0-9]/.test(text) && !text.includes("..") && !text.endsWith("."));
const product = name.filter((text) => !reservedProductNames.has(text));
const version = name.filter((text) => !reservedVersions.has(text));

test("names: the alphabet, the limit and the reserved ones", () => {
  const longest = "a".repeat(RELEASE_NAME_CHARACTERS_MAX);
  for (const parse of [parseProductName, parseVersion, parseChannelName]) {
    for (const good of ["a", "7", "node-linux-x64", "v1.2.3_4", longest]) assert.equal(parse(good), good);
    const bad = ["", `${longest}a`, ".a", "-a", "_a", "a..b", "a.", "a/b", "a b", "ä", "a\n", "a%2f", "*", "a?", "a\0"];
    for (const text of bad) assert.throws(() => parse(text), refusal("release.name"), JSON.stringify(text));
  }
  assert.equal(parseVersion("26.10.0-RC1+build.5"), "26.10.0-RC1+build.5");
  for (const parse of [parseProductName, parseChannelName]) {
    for (const text of ["Editor", "a+b"]) assert.throws(() => parse(text), refusal("release.name"));
  }
  const demanded = [
    "api",
    "admin",
    "tuf",
    "files",
    "notices",
    "withdrawals",
    "root",
    "targets",
    "constructor",
    "healthz",
  ];
  for (const text of demanded) assert.throws(() => parseProductName(text), refusal("release.name"));
  for (const text of ["channels", "feed.atom"]) assert.throws(() => parseVersion(text), refusal("release.name"));
});

test("targetNameOf() reads back every path that is made, and takes no other", () => {
  fc.assert(
    fc.property(product, version, name, (p, v, c) => {
      assert.deepEqual(targetNameOf(releasePath(p, v)), { kind: "release", product: p, version: v });
      assert.deepEqual(targetNameOf(channelPath(p, c)), { kind: "channel", product: p, channel: c });
      assert.deepEqual(targetNameOf(withdrawalPath(p, v)), { kind: "withdrawal", product: p, version: v });
    }),
  );
  const foreign = [
    "",
    "a",
    "a/b",
    "a/1/a-2.torrent",
    "a/1/a-1.torrent/x",
    "a/1/A-1.torrent",
    "withdrawals/a/1",
    "api/1/api-1.torrent",
    "a/channels/stable",
    "/a/1/a-1.torrent",
  ];
  for (const path of foreign) assert.equal(targetNameOf(path), null, path);
});

test("parseReleaseRecord() reads back what was written, in one order of fields", () => {
  const full = { ...record, vendor, notes: "one\n\ttwo" };
  assert.deepEqual(parseReleaseRecord(JSON.parse(JSON.stringify(full))), full);
  const shuffled = Object.fromEntries(Object.entries(full).toReversed());
  assert.equal(JSON.stringify(parseReleaseRecord(shuffled)), JSON.stringify(parseReleaseRecord(full)));
  const folder = { ...record, kind: "folder", fileCount: 7, sha256: null, sha1: null };
  assert.deepEqual(parseReleaseRecord(folder), folder);
});

test("parseReleaseRecord() refuses each field that is missing, of another type, beyond its limit or contradictory", () => {
  const refused = (over: object, what: string): void =>
    assert.throws(() => parseReleaseRecord({ ...record, ...over }), refusal("release.record"), what);
  for (const field of Object.keys(record)) {
    refused({ [field]: undefined }, `${field} missing`);
    for (const other of [true, -1, 0.5, "", [], {}]) refused({ [field]: other }, `${field} ${JSON.stringify(other)}`);
  }
  refused({ extra: 1 }, "an unknown field");
  refused({ schema: 2 }, "another schema");
  refused({ kind: "folder" }, "a folder with a hash");
  refused({ fileCount: 2 }, "a file of two files");
  refused({ sha256: "AB".repeat(32) }, "upper-case hex");
  refused({ name: "../x" }, "a path");
  refused({ notes: "\u001b[2J" }, "a control sequence");
  refused({ notes: "\ud800" }, "a lone surrogate");
  refused({ sequence: Number.MAX_SAFE_INTEGER + 1 }, "an unsafe integer");
  for (const time of ["2026-11-25", "2026-02-30T00:00:00Z", "2026-11-25T25:00:00Z", "2026-11-25T12:00:00+01:00"]) {
    refused({ publishedAt: time }, time);
  }
  for (const url of [
    "ftp://x.example/",
    "https://u:p@x.example/",
    "javascript:alert(1)",
    "x",
    "https://x.example/ a",
  ]) {
    refused({ vendor: { ...vendor, url } }, url);
  }
  const [sha1, sha512] = vendor.hashes;
  refused({ vendor: { ...vendor, hashes: [{ ...sha1, algorithm: "sha256" }] } }, "a hash of another length");
  refused({ vendor: { ...vendor, hashes: [{ ...sha1, checked: "no" }] } }, "a hash that was not checked");
  refused({ vendor: { ...vendor, hashes: [sha1, sha1] } }, "two hashes of one algorithm");
  refused({ vendor: { ...vendor, hashes: [sha512, sha1] } }, "hashes in another order");
  refused({ vendor: { ...vendor, hashes: [sha1, sha1, sha1, sha512] } }, "more hashes than algorithms");
  refused({ vendor: { ...vendor, hashes: sha1 } }, "hashes that are no list");
  const url = "https://x.example/".padEnd(RELEASE_URL_CHARACTERS_MAX, "x");
  const atLimits = {
    notes: "n".repeat(RELEASE_NOTES_CHARACTERS_MAX),
    vendor: { ...vendor, url, name: "v".repeat(RELEASE_PARTY_CHARACTERS_MAX) },
  };
  assert.ok(parseReleaseRecord({ ...record, ...atLimits }));
  refused({ notes: `${atLimits.notes}n` }, "long notes");
  refused({ vendor: { ...atLimits.vendor, url: `${url}x` } }, "a long URL");
  refused({ vendor: { ...atLimits.vendor, name: `${atLimits.vendor.name}v` } }, "a long name");
});

test("parseWithdrawalRecord() reads back what was written and refuses the rest", () => {
  const full = sampleWithdrawal({ kind: "legal", demandedBy: "Somebody", replacedBy: "1.1" });
  assert.deepEqual(parseWithdrawalRecord(JSON.parse(JSON.stringify(full))), full);
  const reason = "r".repeat(WITHDRAWAL_REASON_CHARACTERS_MAX);
  assert.ok(parseWithdrawalRecord({ ...full, reason }));
  const bad = [
    { reason: `${reason}r` },
    { kind: "whim" },
    { extra: 1 },
    { replacedBy: "1.0" },
    { product: "api" },
    { at: "now" },
  ];
  for (const over of bad) {
    const code = refusal("release.withdrawal-record");
    assert.throws(() => parseWithdrawalRecord({ ...full, ...over }), code, JSON.stringify(over).slice(0, 60));
  }
});

test("parseChannelPointer() takes the target of its own version alone", () => {
  const pointer = pointerTo("editor", "stable", "1.0");
  assert.deepEqual(parseChannelPointer({ ...pointer }), pointer);
  for (const over of [{ target: "viewer/1.0/viewer-1.0.torrent" }, { target: null }, { extra: 1 }, { schema: "1" }]) {
    assert.throws(() => parseChannelPointer({ ...pointer, ...over }), refusal("release.pointer"));
  }
});

test("parseReleasePage() takes folders of the same origin, for the page that was asked for", () => {
  const url = new URL("https://updates.example/editor");
  const page = {
    upswarm: 1,
    product: "editor",
    version: null,
    metadataUrl: "/tuf/",
    targetUrl: "/tuf/targets/",
    more: {},
  };
  const parse = (over: object, at = url) => parseReleasePage(Buffer.from(JSON.stringify({ ...page, ...over })), at);
  assert.deepEqual(parse({}), {
    product: "editor",
    version: null,
    metadataUrl: "https://updates.example/tuf/",
    targetUrl: "https://updates.example/tuf/targets/",
  });
  assert.equal(parse({ version: "1.0" }, new URL("https://updates.example/editor/1.0/")).version, "1.0");
  const bad = [
    { metadataUrl: "https://evil.example/tuf/" },
    { metadataUrl: "http://updates.example/tuf/" },
    { targetUrl: "//evil.example/" },
    { targetUrl: "/tuf" },
    { targetUrl: "/tuf/?x=/" },
    { targetUrl: 1 },
    { product: "viewer" },
    { version: "1.0" },
    { upswarm: 2 },
  ];
  for (const over of bad) assert.throws(() => parse(over), refusal("release.page"), JSON.stringify(over));
  for (const text of ["", "<html>", "[]", "1"]) {
    assert.throws(() => parseReleasePage(Buffer.from(text), url), refusal("release.page"), text);
  }
  const padded = (length: number): Buffer => Buffer.from(JSON.stringify(page).padEnd(length));
  assert.ok(parseReleasePage(padded(RELEASE_PAGE_BYTES_MAX), url));
  assert.throws(() => parseReleasePage(padded(RELEASE_PAGE_BYTES_MAX + 1), url), refusal("release.page"));
});

const at = (path: string) => releasePageUrl(new URL(path, "https://updates.example"));

test("releasePageUrl() reads product and version from a page's own URL", () => {
  assert.deepEqual([at("/editor")?.version, at("/editor/2.0%2B1/")?.version], [null, "2.0+1"]);
  for (const path of ["/", "/api", "/editor/1/2", "/Editor"]) assert.equal(at(path), null, path);
});

test("the parsers throw nothing but their own refusals, whatever they are given", () => {
  const parsers = [parseReleaseRecord, parseWithdrawalRecord, parseChannelPointer];
  const fields = [...Object.keys(record), ...Object.keys(sampleWithdrawal()), "target"];
  const anything = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()));
  const damaged = fc
    .tuple(fc.constantFrom(record, sampleWithdrawal()), fc.constantFrom(...fields), fc.jsonValue())
    .map(([base, field, value]) => ({ ...base, [field]: value }));
  fc.assert(
    fc.property(fc.oneof(anything, damaged), (value) => {
      for (const parse of parsers) {
        try {
          const parsed = parse(value);
          assert.deepEqual(parse(JSON.parse(JSON.stringify(parsed))), parsed);
        } catch (error) {
          assert.ok(error instanceof ReleaseError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});
