import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodedError } from "../core/index.ts";
import { build, edited, patternBytes } from "./fixture.test.ts";
import type { Tree } from "./fixture.test.ts";
import { parseMetainfo } from "./metainfo.ts";
import { refusedDocuments } from "./refused.test.ts";

const hybrid = build();
const document = hybrid.metainfo({ trackers: [["http://t/announce"]] });

for (const [what, code, bytes] of refusedDocuments) {
  test(`parseMetainfo() rejects ${what} with ${code}`, () => {
    assert.throws(() => parseMetainfo(bytes), { name: "MetainfoError", code });
  });
}

test("parseMetainfo() gives the layers of files longer than a piece, and none for v1", () => {
  assert.deepEqual([...(parseMetainfo(document).pieceLayers ?? [])], [...(hybrid.pieceLayers ?? [])]);
  assert.equal(parseMetainfo(build({ version: "1" }).metainfo()).pieceLayers, null);
});

test("parseMetainfo() takes a v2 torrent without piece layers where no file needs one", () => {
  const small = build({ version: "2", files: [{ path: ["a"], bytes: patternBytes(100) }] }).metainfo();
  assert.equal(parseMetainfo(edited(small, (tree) => tree.delete("piece layers"))).pieceLayers?.size, 0);
});

test("parseMetainfo() takes one layer for two equal files", () => {
  const bytes = patternBytes(70_000);
  const twice = build({
    files: [
      { path: ["a"], bytes },
      { path: ["b"], bytes },
    ],
  });
  assert.equal(parseMetainfo(twice.metainfo()).pieceLayers?.size, 1);
});

test("parseMetainfo() hashes the info as it was received", () => {
  const metainfo = parseMetainfo(document);
  assert.deepEqual(metainfo.infoBytes, hybrid.infoBytes);
});

const trackersOf = (tiers: string[][] | undefined, announce: string): unknown =>
  parseMetainfo(
    edited(document, (tree) =>
      (tiers === undefined ? tree : tree.set("announce-list", tiers)).set("announce", announce),
    ),
  ).trackers;

test("parseMetainfo() reads tiers, leaves out schemes that it does not speak and falls back to announce", () => {
  assert.deepEqual(trackersOf(undefined, "udp://t:80"), [["udp://t:80"]]);
  assert.deepEqual(
    trackersOf([["wss://t"], ["http://a/x", "http://a/x", "udp://b:1"], ["http://a/x"], []], "http://c/x"),
    [["http://a/x", "udp://b:1"]],
  );
  assert.deepEqual(trackersOf([["wss://t"]], "http://c/x"), [["http://c/x"]]);
  assert.deepEqual(trackersOf(undefined, "javascript:alert(1)"), []);
  assert.deepEqual(trackersOf(undefined, "http://a/\nhttp://b/"), []);
  const many = Array.from({ length: 300 }, (_, i) => [`http://t${i}/x`]);
  assert.equal((trackersOf(many, "") as unknown[]).length, 100);
});

const webSeedsOf = (value: string | string[]): unknown =>
  parseMetainfo(edited(document, (tree) => tree.set("url-list", value))).webSeeds;

test("parseMetainfo() reads web seeds from a string and from a list", () => {
  assert.deepEqual(webSeedsOf("http://w/f"), ["http://w/f"]);
  assert.deepEqual(webSeedsOf(["http://w/f", "ftp://w/f", "https://w/f", "file:///etc/passwd", ""]), [
    "http://w/f",
    "https://w/f",
  ]);
  assert.deepEqual(webSeedsOf(""), []);
});

test("parseMetainfo() reads texts and date, and passes over values of a wrong type", () => {
  const good = parseMetainfo(
    edited(document, (tree) => tree.set("comment", "Grüße").set("created by", "x/1").set("creation date", 5)),
  );
  assert.deepEqual([good.comment, good.createdBy, good.creationDate], ["Grüße", "x/1", 5]);
  const bad = parseMetainfo(
    edited(document, (tree) =>
      tree.set("comment", 1).set("creation date", "today").set("url-list", 7).set("announce-list", "x"),
    ),
  );
  assert.deepEqual(
    [bad.comment, bad.creationDate, bad.webSeeds, bad.trackers],
    [null, null, [], [["http://t/announce"]]],
  );
});

const documents = [document, build({ version: "1" }).metainfo(), build({ version: "2" }).metainfo()];

test("parseMetainfo() of damaged files throws nothing but CodedError", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 3 });
  let refusals = 0;
  fc.assert(
    fc.property(fc.constantFrom(...documents), damage, (original, edits) => {
      let bytes: Buffer = Buffer.from(original);
      for (const [position, value, kind] of edits) {
        const at = position % bytes.length;
        if (kind === 0) bytes[at] = value;
        else if (kind === 1) bytes[at] = (bytes[at] as number) ^ (1 << (value & 7));
        else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (value & 15))]);
        else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at)]);
        if (bytes.length === 0) return;
      }
      try {
        parseMetainfo(bytes);
      } catch (error) {
        refusals += 1;
        assert.ok(error instanceof CodedError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(refusals > 500);
});

test("parseMetainfo() of files with a value of another type throws nothing but CodedError", () => {
  const keys = ["name", "piece length", "pieces", "files", "file tree", "meta version", "length", "private", "attr"];
  const value = fc.constantFrom(
    0,
    -1,
    2n ** 70n,
    "",
    "x",
    [],
    [[]],
    [0],
    {},
    { "": {} },
    { "": { "": {} } },
    { a: { "": [] } },
  );
  fc.assert(
    fc.property(fc.constantFrom(...documents), fc.constantFrom(...keys), value, (original, key, replacement) => {
      try {
        parseMetainfo(edited(original, (tree) => (tree.get("info") as Tree).set(key, replacement)));
      } catch (error) {
        assert.ok(error instanceof CodedError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
