import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInfoHash, parsePeerId, SITE_NAME_BYTES_MAX } from "../core/index.ts";
import { encodeAnnounceUrl, parseAnnounceQuery } from "./http-query.ts";
import { siteOfUrlData, urlDataOf } from "./site-parameter.ts";
import type { AnnounceRequest } from "./types.ts";
import { parseUdpRequest, writeUdpAnnounceRequest } from "./udp-request.ts";

const request: AnnounceRequest = {
  infoHash: parseInfoHash("ab".repeat(20)),
  peerId: parsePeerId("cd".repeat(20)),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: "none",
  numWant: null,
  key: 1,
};
const names = ["", "rack 7", "Zürich & co=1", "x".repeat(SITE_NAME_BYTES_MAX)];

function overHttp(site: string | null): string | null | undefined {
  const url = encodeAnnounceUrl("http://tracker.example/announce?key=1", { ...request, site });
  return parseAnnounceQuery(new URL(url).search.slice(1)).site;
}

function overUdp(site: string | null): string | null | undefined {
  const bytes = Buffer.alloc(2_048);
  const urlData = urlDataOf(new URL("udp://tracker.example:6969/announce?key=1"), site);
  const parsed = parseUdpRequest(
    bytes.subarray(0, writeUdpAnnounceRequest(bytes, { high: 1, low: 2 }, 7, request, urlData)),
  );
  assert.ok(parsed.action === "announce");
  return parsed.site;
}

test("a site's name survives the announce, over HTTP and over UDP", () => {
  for (const name of names) {
    assert.equal(overHttp(name), name);
    assert.equal(overUdp(name), name);
  }
  assert.equal(overHttp(null), null);
  assert.equal(overUdp(null), null);
});

test("a name that is none counts as no site and does not make the announce wrong", () => {
  const longer = "x".repeat(SITE_NAME_BYTES_MAX + 1);
  for (const name of [longer, "a%0Ab", "%FF%FE%00"]) {
    assert.equal(siteOfUrlData(`/announce?site=${name}`), null, name);
  }
  for (const data of ["", "/announce", "/announce?", "/announce?website=1", "/announce?site=%", "/?".repeat(9_000)]) {
    assert.equal(siteOfUrlData(data), null, data.slice(0, 40));
  }
  assert.equal(siteOfUrlData("/announce?site="), "");
});

test("a UDP tracker is told nothing of a URL that says nothing", () => {
  assert.equal(urlDataOf(new URL("udp://tracker.example:6969/announce"), null), "");
  assert.equal(urlDataOf(new URL("udp://tracker.example:6969"), null), "");
  assert.equal(urlDataOf(new URL("udp://tracker.example:6969/t?key=1"), null), "/t?key=1");
  assert.equal(urlDataOf(new URL("udp://tracker.example:6969/announce"), "a b"), "/announce?site=a%20b");
});
