import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCompact, parseInfoHash, seededRandom } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { trackerLimits } from "./limits.ts";
import type { TrackerLimits } from "./limits.ts";
import { SwarmTable } from "./swarm-table.ts";
import type { TableAnnounce, TableAnswer } from "./swarm-table.ts";

const expirySeconds = 3600;
const hashOf = (number: number): InfoHash => parseInfoHash(number.toString(16).padStart(40, "0"));
const infoHash = hashOf(1);
const target = Buffer.alloc(4000);
const view = new DataView(target.buffer, target.byteOffset, target.length);

function tableOf(limits: Partial<TrackerLimits> = {}): SwarmTable {
  return new SwarmTable({ random: seededRandom(7) }, { ...trackerLimits, ...limits }, expirySeconds);
}

interface Told {
  readonly answer: Extract<TableAnswer, { kind: "answer" }>;
  readonly peers: readonly string[];
}

/** Announces as `address:port` and returns the counts and the peers that the asker is told of. */
function announce(table: SwarmTable, who: string, changes: Partial<TableAnnounce> = {}, nowSeconds = 0): Told {
  const source = table.createAddress();
  const [address = "", port = ""] = who.split("#");
  assert.ok(source.set(address));
  const asked = { infoHash, port: Number(port), event: "none", left: 1, numWant: 50, ...changes } as const;
  const answer = table.announce(source, asked, nowSeconds * 1000, view, 3, 50);
  assert.equal(answer.kind, "answer");
  const family = source.family === 4 ? "ipv4" : "ipv6";
  const peers = decodeCompact(target.subarray(3, answer.end), family).map((peer) => `${peer.address}#${peer.port}`);
  return { answer, peers: peers.toSorted() };
}

test("SwarmTable tells peers of each other, never of themselves, and IPv4 and IPv6 apart", () => {
  const table = tableOf();
  assert.deepEqual(announce(table, "10.0.0.1#1").peers, []);
  assert.deepEqual(announce(table, "10.0.0.1#2").peers, ["10.0.0.1#1"]);
  assert.deepEqual(announce(table, "2001:db8::1#1").peers, []);
  assert.deepEqual(announce(table, "2001:db8::2#1").peers, ["2001:db8::1#1"]);
  assert.deepEqual(announce(table, "::ffff:10.0.0.3#1").peers, ["10.0.0.1#1", "10.0.0.1#2"]);
  assert.deepEqual(table.scrape(infoHash), { complete: 0, downloaded: 0, incomplete: 5 });
});

test("SwarmTable tells a seed of leechers only, also where there are many seeds", () => {
  const table = tableOf();
  for (let port = 1; port <= 100; port++) announce(table, `10.0.0.1#${port}`, { left: 0 });
  announce(table, "10.0.0.2#1");
  assert.deepEqual(announce(table, "10.0.0.3#1", { left: 0 }).peers, ["10.0.0.2#1"]);
  assert.equal(announce(table, "10.0.0.2#1").peers.length, 50);
});

test("SwarmTable tells of 50 others in a large swarm, and a seed of leechers only", () => {
  const table = tableOf();
  for (let port = 1; port <= 700; port++) announce(table, `10.0.0.1#${port}`, { left: port % 7 < 3 ? 0 : 1 });
  for (let port = 1; port <= 700; port++) {
    const isSeed = port % 7 < 3;
    const { peers } = announce(table, `10.0.0.1#${port}`, { left: isSeed ? 0 : 1 });
    const ports = peers.map((peer) => Number(peer.split("#")[1]));
    assert.equal(new Set(ports).size, 50);
    assert.ok(!ports.includes(port));
    if (isSeed) assert.ok(ports.every((other) => other % 7 >= 3));
  }
});

test("SwarmTable tells a peer that starts with nothing left of seeds where nobody else downloads: aria2 with a magnet link", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", { left: 0 });
  assert.deepEqual(announce(table, "10.0.0.2#1", { event: "started", left: 0 }).peers, ["10.0.0.1#1"]);
  assert.deepEqual(announce(table, "10.0.0.2#1", { left: 0 }).peers, []);
  announce(table, "10.0.0.3#1");
  assert.deepEqual(announce(table, "10.0.0.4#1", { event: "started", left: 0 }).peers, ["10.0.0.3#1"]);
});

test("SwarmTable treats an unknown `left` as a leecher", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", { left: null });
  assert.equal(table.scrape(infoHash).incomplete, 1);
});

test("SwarmTable counts a download once per peer and moves the peer to the seeds", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", { event: "started" });
  for (let times = 0; times < 3; times++) announce(table, "10.0.0.1#1", { event: "completed", left: 0 });
  announce(table, "10.0.0.2#1", { event: "started", left: 0 });
  assert.deepEqual(table.scrape(infoHash), { complete: 2, downloaded: 1, incomplete: 0 });
});

test("SwarmTable removes a peer at `stopped`, tells it nobody, and lets no other address or port remove it", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1");
  announce(table, "10.0.0.2#1");
  announce(table, "10.0.0.3#1", { event: "stopped" });
  announce(table, "10.0.0.1#2", { event: "stopped" });
  assert.equal(table.stats().peers, 2);
  const left = announce(table, "10.0.0.1#1", { event: "stopped" });
  assert.deepEqual(left.peers, []);
  assert.equal(left.answer.incomplete, 1);
  announce(table, "10.0.0.2#1", { event: "stopped" });
  assert.deepEqual(table.stats(), { swarms: 0, peers: 0, seeds: 0, peerBytes: 0 });
});

test("SwarmTable makes no swarm for a `stopped` of an unknown torrent", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", { event: "stopped" });
  assert.equal(table.stats().swarms, 0);
});

test("SwarmTable answers numwant 0 with counts alone, and none at all with its default", () => {
  const table = tableOf();
  for (let port = 1; port <= 60; port++) announce(table, `10.0.0.1#${port}`);
  assert.deepEqual(announce(table, "10.0.0.2#1", { numWant: 0 }).peers, []);
  assert.equal(announce(table, "10.0.0.2#1", { numWant: null }).peers.length, 50);
  assert.equal(announce(table, "10.0.0.2#1", { numWant: 1e9 }).peers.length, 50);
});

test("SwarmTable forgets a peer that is silent for longer than the expiry, in a small swarm at the next announce", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", {}, 0);
  announce(table, "10.0.0.2#1", {}, 10);
  assert.deepEqual(announce(table, "10.0.0.2#1", {}, expirySeconds).peers, ["10.0.0.1#1"]);
  assert.deepEqual(announce(table, "10.0.0.2#1", {}, expirySeconds + 1).peers, []);
  assert.equal(table.stats().peers, 1);
});

test("SwarmTable tells nobody of an expired peer of a large swarm even before it was swept", () => {
  const table = tableOf();
  for (let port = 1; port <= 1000; port++) announce(table, `10.0.0.1#${port}`, {}, 0);
  assert.deepEqual(announce(table, "10.0.0.2#1", {}, expirySeconds + 1).peers, []);
});

test("SwarmTable.sweep() empties the table of silent peers a bounded number at a time, whatever comes and goes", () => {
  const table = tableOf();
  const random = seededRandom(3);
  for (let at = 0; at < 5000; at++) {
    const who = random.int(2) === 0 ? `10.0.0.${random.int(200)}` : `2001:db8::${random.int(200).toString(16)}`;
    announce(table, `${who}#${1 + random.int(9)}`, { infoHash: hashOf(random.int(100)), left: random.int(2) });
  }
  const before = table.stats().peers;
  const later = (expirySeconds + 10) * 1000;
  table.sweep(later, 50);
  assert.ok(table.stats().peers >= before - 50);
  for (let step = 0; step < 200; step++) {
    table.sweep(later, 50);
    announce(table, `10.1.0.${step}#1`, { infoHash: hashOf(200 + step) }, expirySeconds + 10);
  }
  assert.equal(table.stats().peers, 200);
  assert.equal(table.stats().swarms, 200);
});

test("SwarmTable holds its limits of peers: who is over them is served but not listed", () => {
  const table = tableOf({ peersPerAddressPerSwarmMax: 3, peersPerAddressMax: 5, peersPerSwarmMax: 6, peersMax: 8 });
  const listed = (who: string, number: number): boolean =>
    announce(table, who, { infoHash: hashOf(number) }).answer.listed;
  for (let port = 1; port <= 3; port++) assert.ok(listed(`10.0.0.1#${port}`, 1));
  assert.ok(!listed("10.0.0.1#4", 1));
  assert.ok(listed("10.0.0.1#3", 1), "who is listed stays listed");
  assert.equal(announce(table, "10.0.0.1#4").peers.length, 3);
  assert.ok(listed("10.0.0.1#1", 2) && listed("10.0.0.1#2", 2));
  assert.ok(!listed("10.0.0.1#1", 3), "five in all");
  for (let host = 2; host <= 4; host++) assert.ok(listed(`10.0.0.${host}#1`, 1));
  assert.ok(!listed("10.0.0.5#1", 1), "six in the swarm");
  assert.ok(!listed("10.0.0.5#1", 4), "eight in the table");
  announce(table, "10.0.0.1#1", { event: "stopped" });
  assert.ok(listed("10.0.0.1#9", 1), "who leaves makes room");
});

test("SwarmTable counts an IPv6 line by its /64", () => {
  const table = tableOf({ peersPerAddressPerSwarmMax: 2 });
  const listed = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"].map(
    (address) => announce(table, `${address}#1`).answer.listed,
  );
  assert.deepEqual(listed, [true, true, false, true]);
});

test("SwarmTable lists at least 200 peers of one address on one swarm by default", () => {
  const table = tableOf();
  for (let port = 1; port <= 200; port++) assert.ok(announce(table, `127.0.0.1#${port}`).answer.listed);
});

test("SwarmTable stays bounded under invented info-hashes", () => {
  const table = tableOf({ swarmsMax: 100, peersPerAddressMax: 50 });
  const source = table.createAddress();
  source.set("10.0.0.1");
  let refused = 0;
  for (let number = 0; number < 5000; number++) {
    const asked = { infoHash: hashOf(number), port: 1, event: "started", left: 1, numWant: 50 } as const;
    if (table.announce(source, asked, 0, view, 0, 50).kind === "refused") refused++;
  }
  assert.ok(table.stats().swarms <= 100);
  assert.equal(table.stats().peers, 50);
  source.set("10.0.0.2");
  for (let number = 0; number < 5000; number++) {
    const asked = { infoHash: hashOf(10_000 + number), port: 1, event: "started", left: 1, numWant: 50 } as const;
    if (table.announce(source, asked, 0, view, 0, 50).kind === "refused") refused++;
  }
  assert.equal(table.stats().swarms, 100);
  assert.equal(refused, 4950);
});

test("SwarmTable refuses a withdrawn torrent with its reason, forgets its peers, and serves it when restored", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1");
  table.withdraw(infoHash, "Withdrawn after a notice: see the vendor's page.");
  assert.equal(table.stats().peers, 0);
  const source = table.createAddress();
  source.set("10.0.0.1");
  const asked = { infoHash, port: 1, event: "started", left: 1, numWant: 50 } as const;
  assert.deepEqual(table.announce(source, asked, 0, view, 0, 50), {
    kind: "refused",
    reason: "withdrawn",
    message: "Withdrawn after a notice: see the vendor's page.",
  });
  assert.deepEqual(table.scrape(infoHash), { complete: 0, downloaded: 0, incomplete: 0 });
  table.restore(infoHash);
  assert.deepEqual(announce(table, "10.0.0.1#1").peers, []);
});

test("SwarmTable serves allowed torrents alone, drops others, and keeps the downloads of an empty allowed swarm", () => {
  const table = tableOf();
  announce(table, "10.0.0.1#1", { infoHash: hashOf(2) });
  table.setAllowed(new Set([infoHash]));
  assert.equal(table.stats().swarms, 0);
  announce(table, "10.0.0.1#1", { event: "completed", left: 0 });
  announce(table, "10.0.0.1#1", { event: "stopped" });
  assert.equal(table.scrape(infoHash).downloaded, 1);
  const source = table.createAddress();
  source.set("10.0.0.1");
  const asked = { infoHash: hashOf(2), port: 1, event: "none", left: 1, numWant: 1 } as const;
  const answer = table.announce(source, asked, 0, view, 0, 50);
  assert.ok(answer.kind === "refused" && answer.reason === "not-allowed");
});

test("SwarmTable counts a machine that is in several swarms of one release once, and as a seed if any of them says so", () => {
  const table = tableOf();
  for (const infoHash of [hashOf(1), hashOf(2), hashOf(3)]) {
    announce(table, "10.0.0.1#1", { infoHash, left: 0 });
    announce(table, "10.0.0.2#1", { infoHash });
    announce(table, "2001:db8::1#1", { infoHash });
  }
  announce(table, "10.0.0.2#1", { infoHash: hashOf(3), left: 0 });
  announce(table, "10.0.0.2#2", { infoHash: hashOf(2) });
  announce(table, "10.0.0.9#1", { infoHash: hashOf(4) });
  assert.deepEqual(table.census([hashOf(1), hashOf(2), hashOf(3), hashOf(99)]), { seeds: 2, downloading: 2 });
});

test("SwarmTable tells of a peer's completion once", () => {
  const table = tableOf();
  const told: string[] = [];
  table.onCompleted = (infoHash, peerKey) => told.push(`${infoHash.at(-1)} ${peerKey}`);
  announce(table, "10.0.0.1#1");
  for (let time = 0; time < 2; time++) announce(table, "10.0.0.1#1", { event: "completed", left: 0 });
  announce(table, "2001:db8::1#2", { event: "completed", left: 0 });
  assert.equal(told.length, 2);
  assert.notEqual(told[0], told[1]);
});
