import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodedError, parseInfoHash, parseInfoHashV2 } from "../core/index.ts";
import { build } from "./fixture.test.ts";
import { formatMagnet, magnetOf } from "./magnet.ts";
import type { Magnet } from "./magnet.ts";
import { parseMagnet } from "./magnet-parse.ts";
import { parseMetainfo } from "./metainfo.ts";

const v1 = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
const v2 = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e";
const btih = `xt=urn:btih:${v1}`;

const refused: readonly (readonly [what: string, code: string, uri: string])[] = [
  ["another scheme", "magnet.syntax", `http://x/?${btih}`],
  ["an empty link", "magnet.no-hash", "magnet:?"],
  ["a link without hash", "magnet.no-hash", "magnet:?dn=name&tr=http://t/announce"],
  ["another network's hash alone", "magnet.no-hash", "magnet:?xt=urn:ed2k:354B15E68FB8F36D7CD88FF94116CDC1"],
  ["a hash of 39 digits", "magnet.hash", `magnet:?${btih.slice(0, -1)}`],
  ["a hash with a letter beyond f", "magnet.hash", `magnet:?${btih.slice(0, -1)}g`],
  ["base32 with a digit that is none", "magnet.hash", `magnet:?xt=urn:btih:${"1".repeat(32)}`],
  ["a v2 hash without its multihash prefix", "magnet.hash", `magnet:?xt=urn:btmh:${v2}`],
  ["a multihash of another function", "magnet.hash", `magnet:?xt=urn:btmh:1114${v1}`],
  ["a cut-off v2 hash", "magnet.hash", `magnet:?xt=urn:btmh:1220${v2.slice(2)}`],
  ["two v1 hashes", "magnet.hash", `magnet:?${btih}&xt=urn:btih:${"0".repeat(40)}`],
  ["two v2 hashes", "magnet.hash", `magnet:?xt=urn:btmh:1220${v2}&xt.2=urn:btmh:1220${"0".repeat(64)}`],
  ["broken percent encoding", "magnet.encoding", `magnet:?${btih}&dn=100%`],
  ["percent encoding that is no UTF-8", "magnet.encoding", `magnet:?${btih}&dn=%ff`],
  ["a name with an escape sequence", "magnet.name", `magnet:?${btih}&dn=%1b[31m`],
  ["a name that turns the text around", "magnet.name", `magnet:?${btih}&dn=%E2%80%AEgpj.exe`],
  ["a length that is no number", "magnet.length", `magnet:?${btih}&xl=1e9`],
  ["a length beyond 2^53", "magnet.length", `magnet:?${btih}&xl=9999999999999999`],
  ["a peer without port", "magnet.peer", `magnet:?${btih}&x.pe=10.0.0.1`],
  ["a peer with port 0", "magnet.peer", `magnet:?${btih}&x.pe=10.0.0.1:0`],
  ["a selection of no number", "magnet.select", `magnet:?${btih}&so=all`],
  ["a range that runs backwards", "magnet.select", `magnet:?${btih}&so=5-3`],
  ["an index beyond any torrent", "magnet.select", `magnet:?${btih}&so=9999999`],
  ["too many ranges", "magnet.select", `magnet:?${btih}&so=${"1,".repeat(1000)}1`],
  ["an endless link", "magnet.size", `magnet:?${btih}&dn=${"a".repeat(65_536)}`],
];
for (const [what, code, uri] of refused) {
  test(`parseMagnet() rejects ${what} with ${code}`, () => {
    assert.throws(() => parseMagnet(uri), { name: "MagnetError", code });
  });
}

test("parseMagnet() reads every parameter", () => {
  const uri = `magnet:?xt=urn:btmh:1220${v2}&${btih}&dn=Update+%C3%A9&xl=123&tr=http%3A%2F%2Ft%2Fannounce&tr=udp://t:80/a&ws=https://w/x&x.pe=[::1]:6881&x.pe=seed.example:1&so=0,2,4-6`;
  assert.deepEqual(parseMagnet(uri), {
    infoHashV1: v1,
    infoHashV2: v2,
    name: "Update é",
    lengthBytes: 123,
    trackers: ["http://t/announce", "udp://t:80/a"],
    webSeeds: ["https://w/x"],
    peers: [
      { host: "::1", port: 6881 },
      { host: "seed.example", port: 1 },
    ],
    selectOnly: [
      { first: 0, last: 0 },
      { first: 2, last: 2 },
      { first: 4, last: 6 },
    ],
  });
});

test("parseMagnet() reads hex and base32 in either case, and a scheme in capitals", () => {
  // BEP 9 allows base32; the hash is the same one.
  const base32 = "YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK";
  for (const hash of [v1, v1.toUpperCase(), base32, base32.toLowerCase()]) {
    assert.equal(parseMagnet(`MAGNET:?XT=urn:BTIH:${hash}`).infoHashV1, v1, hash);
  }
});

test("parseMagnet() leaves out what it cannot use", () => {
  const magnet = parseMagnet(
    `magnet:?${btih}&tr=wss://t&tr=udp://t&tr=nonsense&ws=ftp://w&as=http://x&kt=word&&x&=y&tr=http://t/a&tr=http://t/a`,
  );
  assert.deepEqual(magnet.trackers, ["http://t/a"]);
  assert.deepEqual(magnet.webSeeds, []);
});

test("parseMagnet() keeps no more trackers and peers than the limits", () => {
  const many = Array.from({ length: 500 }, (_, i) => `tr=http://t${i}/a&x.pe=10.0.0.1:${i + 1}`).join("&");
  const magnet = parseMagnet(`magnet:?${btih}&${many}`);
  assert.equal(magnet.trackers.length, 100);
  assert.equal(magnet.peers.length, 100);
});

test("formatMagnet() rejects a link without hash", () => {
  assert.throws(() => formatMagnet({ infoHashV1: null, infoHashV2: null }), { code: "magnet.no-hash" });
});

test("magnetOf() names both hashes of a hybrid torrent, its size and its trackers", () => {
  const metainfo = parseMetainfo(
    build().metainfo({ trackers: [["http://t/announce?a=1&b=2"]], webSeeds: ["http://w/"] }),
  );
  const magnet = parseMagnet(magnetOf(metainfo));
  assert.equal(magnet.infoHashV1, metainfo.infoHashV1);
  assert.equal(magnet.infoHashV2, metainfo.infoHashV2);
  assert.deepEqual([magnet.name, magnet.lengthBytes], ["set", 70_020]);
  assert.deepEqual([magnet.trackers, magnet.webSeeds], [["http://t/announce?a=1&b=2"], ["http://w/"]]);
});

const hexBytes = (count: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: count, maxLength: count }).map((bytes) => Buffer.from(bytes).toString("hex"));
const anyMagnet: fc.Arbitrary<Magnet> = fc
  .record(
    {
      infoHashV1: fc.option(hexBytes(20).map(parseInfoHash)),
      infoHashV2: fc.option(hexBytes(32).map(parseInfoHashV2)),
      name: fc.option(
        fc.string({ unit: "grapheme-composite" }).filter((name) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)),
      ),
      lengthBytes: fc.option(fc.maxSafeNat()),
      trackers: fc.uniqueArray(fc.webUrl({ withQueryParameters: true }), { maxLength: 3 }),
      webSeeds: fc.uniqueArray(fc.webUrl(), { maxLength: 3 }),
      peers: fc.array(
        fc
          .tuple(fc.oneof(fc.ipV4(), fc.domain(), fc.constant("2001:db8::1")), fc.integer({ min: 1, max: 65_535 }))
          .map(([host, port]) => ({ host, port })),
        { maxLength: 3 },
      ),
      selectOnly: fc.option(
        fc.array(
          fc.tuple(fc.nat(9999), fc.nat(9999)).map(([first, more]) => ({ first, last: first + more })),
          { minLength: 1, maxLength: 4 },
        ),
      ),
    },
    { noNullPrototype: true },
  )
  .filter((magnet) => magnet.infoHashV1 !== null || magnet.infoHashV2 !== null);

test("parseMagnet() gives back what formatMagnet() was given", () => {
  fc.assert(fc.property(anyMagnet, (magnet) => assert.deepEqual(parseMagnet(formatMagnet(magnet)), magnet)));
});

test("parseMagnet() of damaged links throws nothing but CodedError", () => {
  fc.assert(
    fc.property(
      anyMagnet,
      fc.nat(),
      fc.constantFrom("%", "&", "=", "-", ",", "\u0000", "é", "\ud800", "9"),
      (magnet, position, piece) => {
        const uri = formatMagnet(magnet);
        const at = position % uri.length;
        try {
          parseMagnet(uri.slice(0, at) + piece + uri.slice(at + 1));
        } catch (error) {
          assert.ok(error instanceof CodedError, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});
