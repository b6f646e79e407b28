import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ANNOUNCE_SCRAPE_HASHES_MAX, parseInfoHash, parsePeerId } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import { encodeAnnounceUrl, encodeScrapeUrl, parseAnnounceQuery, parseScrapeQuery } from "./http-query.ts";
import type { AnnounceRequest } from "./types.ts";

const hash = "%FF%00%80abcdefghijklmnopq";
const valid = `info_hash=${hash}&peer_id=-UP0100-abcdefghijkl&port=6881`;
const keyOf = (key: string): number => parseAnnounceQuery(`${valid}&key=${key}`).key;
const queryOf = (url: string): string => url.slice(url.indexOf("?") + 1);

for (const [what, query, code] of [
  ["a missing info_hash", "peer_id=-UP0100-abcdefghijkl&port=1", "announce.info-hash"],
  ["an info_hash of 19 bytes", valid.replace("%FF", ""), "announce.info-hash"],
  ["an info_hash in hex", valid.replace(hash, "aa".repeat(20)), "announce.info-hash"],
  ["a peer_id of 21 bytes", valid.replace("kl&", "klm&"), "announce.peer-id"],
  ["a missing port", valid.replace("&port=6881", ""), "announce.port"],
  ["port 0", valid.replace("6881", "0"), "announce.port"],
  ["port 65536", valid.replace("6881", "65536"), "announce.port"],
  ["a negative left", `${valid}&left=-1`, "announce.query"],
  ["a numwant that is no number", `${valid}&numwant=many`, "announce.query"],
  ["a percent sign without digits", `${valid}&x=%4`, "announce.query"],
  ["8 KiB and more", `${valid}&x=${"x".repeat(8192)}`, "announce.query"],
  ["hundreds of parameters", `${valid}${"&a=1".repeat(200)}`, "announce.query"],
] as const) {
  test(`parseAnnounceQuery() rejects ${what}, and a reply is allowed`, () => {
    assert.throws(
      () => parseAnnounceQuery(query),
      (error) => error instanceof AnnounceError && error.code === code && error.replyAllowed,
    );
  });
}

test("parseAnnounceQuery() keeps bytes that are no UTF-8, whichever of them are escaped", () => {
  assert.equal(parseAnnounceQuery(valid).infoHash, `ff0080${Buffer.from("abcdefghijklmnopq").toString("hex")}`);
  const raw = parseAnnounceQuery(`info_hash=${"\u00ff".repeat(19)}%2b&peer_id=${"%00".repeat(20)}&port=1`);
  assert.equal(raw.infoHash, `${"ff".repeat(19)}2b`);
});

test("parseAnnounceQuery() keeps claimed addresses apart and fills in what is missing", () => {
  const parsed = parseAnnounceQuery(`${valid}&ip=192.0.2.1&ipv6=2001:db8::1&ipv4=192.0.2.2:80&event=paused&numwant=-1`);
  assert.deepEqual(parsed.claims, ["192.0.2.1", "192.0.2.2:80", "2001:db8::1"]);
  assert.equal(parsed.event, "none");
  assert.equal(parsed.left, null);
  assert.equal(parsed.numWant, null);
  assert.equal(parsed.compact, null);
  assert.equal(parsed.noPeerId, false);
  assert.equal(parsed.trackerId, null);
  assert.equal(parseAnnounceQuery(`${valid}&compact=0`).compact, false);
});

test("parseAnnounceQuery() folds a key that is no hex number to one that stays the same", () => {
  assert.equal(keyOf("0000beef"), 0xbeef);
  assert.equal(keyOf("zebra-zebra"), keyOf("zebra-zebra"));
  assert.notEqual(keyOf("zebra-zebra"), keyOf("zebra-zebrb"));
});

test("an announce survives the URL, whatever its bytes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.record({
        port: fc.integer({ min: 1, max: 65_535 }),
        uploaded: fc.maxSafeNat(),
        downloaded: fc.maxSafeNat(),
        left: fc.maxSafeNat(),
        event: fc.constantFrom("none", "completed", "started", "stopped" as const),
        numWant: fc.option(fc.nat()),
        key: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      }),
      fc.uint8Array({ maxLength: 40 }),
      (infoHash, peerId, numbers, id) => {
        const sent: AnnounceRequest = { ...numbers, infoHash: parseInfoHash(infoHash), peerId: parsePeerId(peerId) };
        const trackerId = Buffer.from(id).toString("latin1");
        const url = encodeAnnounceUrl("http://t.example/announce", sent, trackerId);
        assert.match(url, /^[\x21-\x7e]+$/);
        assert.deepEqual(parseAnnounceQuery(queryOf(url)), {
          ...sent,
          trackerId,
          compact: true,
          noPeerId: true,
          site: null,
          claims: [],
        });
      },
    ),
  );
});

test("encodeAnnounceUrl() keeps a query that the tracker's URL has and drops a fragment", () => {
  const request = { ...parseAnnounceQuery(valid), left: null };
  assert.match(encodeAnnounceUrl("http://t/announce?key=1", request), /^http:\/\/t\/announce\?key=1&info_hash=/);
  assert.match(encodeAnnounceUrl("http://t/announce?#x", request), /^http:\/\/t\/announce\?info_hash=/);
  assert.match(encodeAnnounceUrl("http://t/a", request), /&left=16384&/);
});

test("encodeScrapeUrl() follows BEP 48's rule and knows where there is no scrape", () => {
  const hashes = [parseInfoHash("00".repeat(20)), parseInfoHash("41".repeat(20))];
  const expected = `?info_hash=${"%00".repeat(20)}&info_hash=${"A".repeat(20)}`;
  assert.equal(encodeScrapeUrl("http://t/x/announce", hashes), `http://t/x/scrape${expected}`);
  assert.equal(encodeScrapeUrl("http://t/announce.php?k=1", hashes), `http://t/scrape.php?k=1&${expected.slice(1)}`);
  assert.equal(encodeScrapeUrl("http://t/a", hashes), null);
  assert.equal(encodeScrapeUrl("http://t/announce/x", hashes), null);
  assert.deepEqual(parseScrapeQuery(expected.slice(1)), ["\0".repeat(20), "A".repeat(20)]);
});

test("parseScrapeQuery() refuses to list everything, too many, and what is no info-hash", () => {
  assert.throws(() => parseScrapeQuery(""), AnnounceError);
  const one = `info_hash=${hash}&`;
  assert.equal(parseScrapeQuery(one.repeat(ANNOUNCE_SCRAPE_HASHES_MAX)).length, ANNOUNCE_SCRAPE_HASHES_MAX);
  assert.throws(() => parseScrapeQuery(one.repeat(ANNOUNCE_SCRAPE_HASHES_MAX + 1)), AnnounceError);
  assert.throws(() => parseScrapeQuery(`${one}info_hash=${hash}%00`), { code: "announce.info-hash" });
});
