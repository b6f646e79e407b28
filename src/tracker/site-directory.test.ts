import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeCompact,
  formatEndpoint,
  parseInfoHash,
  seededRandom,
  TRACKER_SITE_PEERS_MAX,
  TRACKER_SITES_MAX,
} from "../core/index.ts";
import { SipHash } from "./sip-hash.ts";
import { SiteDirectory } from "./site-directory.ts";
import type { SiteAnnounce } from "./site-directory.ts";
import { SourceAddress } from "./source-address.ts";

const EXPIRY_SECONDS = 100;
const HASH = parseInfoHash("ab".repeat(20));
const STRANGER = "9.9.9.9:9";

/** A directory, and what an asker is told who would have been told of `wanted` strangers. */
function scene() {
  const directory = new SiteDirectory(EXPIRY_SECONDS);
  const source = new SourceAddress(new SipHash(seededRandom(1).bytes(16)));
  return (
    address: string,
    changes: Partial<SiteAnnounce> & { wanted?: number; peersMax?: number; nowMs?: number } = {},
  ): string[] => {
    const { wanted = 4, peersMax = wanted, nowMs = 0, ...asked } = changes;
    assert.ok(source.set(address));
    const width = source.family === 4 ? 6 : 18;
    const stranger = source.family === 4 ? Buffer.from([9, 9, 9, 9, 0, 9]) : Buffer.alloc(18, 9);
    const target = Buffer.concat(Array.from({ length: wanted }, () => stranger));
    directory.announced(source, { infoHash: HASH, port: 1, event: "none", left: 1, site: "", ...asked }, nowMs, {
      target,
      position: 0,
      end: wanted * width,
      peersMax,
    });
    return decodeCompact(target, source.family === 4 ? "ipv4" : "ipv6").map(formatEndpoint);
  };
}

test("a machine is told of those of its subnet first, and of others in the other half of the reply", () => {
  const ask = scene();
  for (let host = 1; host <= 5; host++) ask(`10.0.0.${host}`);
  ask("10.0.1.1");
  assert.deepEqual(ask("10.0.0.9"), ["10.0.0.5:1", "10.0.0.4:1", STRANGER, STRANGER]);
  assert.deepEqual(ask("10.0.1.2"), ["10.0.1.1:1", STRANGER, STRANGER, STRANGER]);
  ask("2001:db8::1");
  assert.equal(ask("2001:db8::2")[0], "[2001:db8::1]:1");
  assert.notEqual(ask("2001:db8:0:1::2")[0], "[2001:db8::1]:1");
});

test("a name decides where there is one, and another torrent is another matter", () => {
  const ask = scene();
  ask("10.0.0.1", { site: "rack" });
  assert.equal(ask("10.7.7.7", { site: "rack" })[0], "10.0.0.1:1");
  assert.equal(ask("10.0.0.2", { site: "other" })[0], STRANGER);
  assert.equal(ask("10.0.0.3", { site: "/0a0000" })[0], STRANGER, "A name is no subnet.");
  assert.equal(ask("10.0.0.4", { site: "rack", infoHash: parseInfoHash("cd".repeat(20)) })[0], STRANGER);
});

test("an announce that names no site gets what it always got, and stands in no site", () => {
  const ask = scene();
  ask("10.0.0.1");
  assert.deepEqual(ask("10.0.0.2", { site: null }), [STRANGER, STRANGER, STRANGER, STRANGER]);
  assert.deepEqual(ask("10.0.0.3"), ["10.0.0.1:1", STRANGER, STRANGER, STRANGER]);
});

test("nobody is told of itself, of who left or of who was silent too long; a reply that names everybody stays", () => {
  const ask = scene();
  ask("10.0.0.1");
  assert.equal(ask("10.0.0.1")[0], STRANGER);
  assert.equal(ask("10.0.0.2", { wanted: 4, peersMax: 50 })[0], STRANGER, "The table has named everybody.");
  ask("10.0.0.2", { event: "stopped" });
  assert.deepEqual(ask("10.0.0.3").slice(0, 2), ["10.0.0.1:1", STRANGER]);
  assert.deepEqual(ask("10.0.0.4", { nowMs: (EXPIRY_SECONDS + 1) * 1_000 }), [STRANGER, STRANGER, STRANGER, STRANGER]);
  assert.equal(ask("10.0.0.5", { nowMs: (EXPIRY_SECONDS + 1) * 1_000, left: 0 })[0], STRANGER, "A seed waits.");
});

test("a site remembers its latest machines up to a limit, and the directory its latest sites", () => {
  const ask = scene();
  for (let port = 1; port <= TRACKER_SITE_PEERS_MAX + 1; port++) ask("10.0.0.1", { port });
  const told = ask("10.0.0.2", { wanted: 200 });
  assert.equal(told.filter((peer) => peer !== STRANGER).length, TRACKER_SITE_PEERS_MAX);
  assert.ok(!told.includes("10.0.0.1:1"));
  ask("10.0.0.1", { site: "first" });
  for (let site = 0; site < TRACKER_SITES_MAX - 1; site++) ask("10.0.0.1", { site: `site ${site}` });
  assert.equal(ask("10.0.0.2", { site: "first" })[0], "10.0.0.1:1");
  for (let site = 0; site < TRACKER_SITES_MAX; site++) ask("10.0.0.1", { site: `more ${site}` });
  assert.equal(ask("10.0.0.3", { site: "first" })[0], STRANGER);
});
