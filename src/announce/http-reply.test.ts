import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encode } from "../bencode/index.ts";
import { ANNOUNCE_PEERS_MAX, encodeCompact, idBytes, parseInfoHash } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import type { AnnounceReply, AnnounceOutcome } from "./types.ts";
import {
  encodeAnnounceReply,
  encodeFailure,
  encodeScrapeReply,
  parseAnnounceReply,
  parseScrapeReply,
} from "./http-reply.ts";

const ipv4 = { address: "192.0.2.1", port: 6881 };
const ipv6 = { address: "2001:db8::1", port: 6882 };
const fields = {
  intervalSeconds: 1800,
  minIntervalSeconds: 30,
  complete: 1,
  incomplete: 2,
  downloaded: 3,
  peers: encodeCompact(ipv4),
  peers6: encodeCompact(ipv6),
  externalAddress: "198.51.100.9",
  warning: "soon in maintenance",
  trackerId: "\u00ff\u0000id",
};

function replyOf(outcome: AnnounceOutcome): AnnounceReply {
  assert.equal(outcome.kind, "reply");
  return outcome.reply;
}

for (const body of [
  "",
  "<html>404</html>",
  "le",
  "d8:intervali60e",
  "d5:peers6:",
  "d3:foo3:bare",
  `d${"l".repeat(5000)}`,
]) {
  test(`parseAnnounceReply() rejects ${JSON.stringify(body.slice(0, 20))}`, () => {
    assert.throws(
      () => parseAnnounceReply(Buffer.from(body)),
      (error) => error instanceof AnnounceError && error.code === "announce.reply",
    );
  });
}

test("no body makes the parsers throw anything but an AnnounceError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      for (const parse of [parseAnnounceReply, parseScrapeReply]) {
        try {
          parse(Buffer.concat([Buffer.from("d8:intervali60e5:peers"), noise]));
        } catch (error) {
          assert.ok(error instanceof AnnounceError);
        }
      }
    }),
  );
});

for (const form of ["compact", "dictionary"] as const) {
  test(`a reply in ${form} form brings IPv4 and IPv6 peers and all that goes with them`, () => {
    assert.deepEqual(replyOf(parseAnnounceReply(encodeAnnounceReply(fields, form))), {
      intervalSeconds: 1800,
      minIntervalSeconds: 30,
      complete: 1,
      incomplete: 2,
      downloaded: 3,
      peers: [ipv4, ipv6],
      externalAddress: "198.51.100.9",
      warning: "soon in maintenance",
      trackerId: "\u00ff\u0000id",
    });
  });
}

test("an IPv6 external address is 16 bytes", () => {
  const body = encodeAnnounceReply({ ...fields, externalAddress: "2001:db8::9" });
  assert.equal(replyOf(parseAnnounceReply(body)).externalAddress, "2001:db8::9");
});

test("parseAnnounceReply() bears keys out of order, unknown keys, a line break at the end and missing numbers", () => {
  const reply = replyOf(parseAnnounceReply(Buffer.from("d5:peers0:3:fooi1e8:completei-1ee\n")));
  assert.deepEqual(reply.peers, []);
  assert.equal(reply.intervalSeconds, 1800);
  assert.equal(reply.complete, null);
});

test("parseAnnounceReply() leaves out names, port 0 and a rest that is no peer", () => {
  const list = Buffer.from(
    "d5:peersld2:ip9:localhost4:porti80eed2:ip9:192.0.2.14:porti0eed2:ip9:192.0.2.14:porti6881eei7eee",
  );
  assert.deepEqual(replyOf(parseAnnounceReply(list)).peers, [ipv4]);
  const compact = encodeAnnounceReply({ ...fields, peers: Buffer.alloc(11, 1), peers6: Buffer.alloc(17) });
  assert.equal(replyOf(parseAnnounceReply(compact)).peers.length, 1);
});

test("parseAnnounceReply() takes no more peers than the limit and no interval of years", () => {
  const peers = Buffer.alloc(6 * (ANNOUNCE_PEERS_MAX + 500), 1);
  const reply = replyOf(parseAnnounceReply(encodeAnnounceReply({ ...fields, peers, intervalSeconds: 1e12 })));
  assert.equal(reply.peers.length, ANNOUNCE_PEERS_MAX);
  assert.equal(reply.intervalSeconds, 86_400);
});

test("a failure says why and when to come again", () => {
  const outcomes = ([null, "never", 1, 90_000] as const).map((retryInMs) =>
    parseAnnounceReply(encodeFailure("withdrawn", retryInMs)),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === "failure" && outcome.retryInMs),
    [null, "never", 60_000, 120_000],
  );
  assert.ok(outcomes.every((outcome) => outcome.kind === "failure" && outcome.message === "withdrawn"));
  const text = parseAnnounceReply(Buffer.from("d14:failure reason3:bad8:retry in1:5e"));
  assert.ok(text.kind === "failure" && text.retryInMs === 300_000);
});

test("encodeScrapeReply() writes what the general encoder writes, keys in order and each once", () => {
  const count = fc.nat({ max: 2 ** 32 - 1 });
  const entry = fc.record({ complete: count, downloaded: count, incomplete: count });
  const infoHash = fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).toString("latin1"));
  fc.assert(
    fc.property(fc.array(fc.tuple(infoHash, entry), { maxLength: 20 }), fc.boolean(), (pairs, isTwice) => {
      const asked = isTwice ? [...pairs, ...pairs] : pairs;
      const files = new Map(pairs.map(([hash, counts]) => [hash, { ...counts }]));
      assert.deepEqual(encodeScrapeReply(asked), encode({ files }));
    }),
  );
});

test("a scrape brings an entry for each info-hash, and a foreign key is left out", () => {
  const entry = { complete: 5, downloaded: 50, incomplete: 10 };
  const hashes = [parseInfoHash("ff".repeat(20)), parseInfoHash("00".repeat(20))];
  const parsed = parseScrapeReply(
    encodeScrapeReply(hashes.map((hash) => [idBytes(hash).toString("latin1"), entry] as const)),
  );
  assert.ok(parsed.kind === "reply");
  assert.deepEqual(new Map(parsed.entries), new Map(hashes.map((hash) => [hash, entry])));
  const odd = parseScrapeReply(Buffer.from("d5:filesd3:abcd8:completei1eeee"));
  assert.ok(odd.kind === "reply" && odd.entries.size === 0);
  assert.throws(() => parseScrapeReply(Buffer.from("de")), AnnounceError);
  assert.equal(parseScrapeReply(Buffer.from("d14:failure_reason2:noe")).kind, "failure");
});
