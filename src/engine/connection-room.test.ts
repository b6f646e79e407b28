import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECTION_IDLE_MS, HANDSHAKE_GRACE_MS, networkOf } from "../core/index.ts";
import { whoGivesWay } from "./connection-room.ts";
import type { Place } from "./connection-room.ts";

const NOW = 1_000_000;

interface Named extends Place {
  readonly name: string;
}

function place(name: string, address: string, changes: Partial<Place> = {}): Named {
  return { name, network: networkOf(address), isInbound: true, isOpen: true, usedAt: NOW, ...changes };
}

const leaves = (places: readonly Named[], address: string): string | null =>
  whoGivesWay(places, networkOf(address), NOW)?.name ?? null;

test("whoGivesWay() closes the least used of the address that holds the most places", () => {
  const places = [
    place("other", "10.0.0.1", { usedAt: NOW - 50 }),
    place("busy", "10.0.0.2"),
    place("quiet", "10.0.0.2", { usedAt: NOW - 10 }),
    place("unfinished", "10.0.0.2", { isOpen: false, usedAt: NOW - HANDSHAKE_GRACE_MS - 1 }),
  ];
  assert.equal(leaves(places, "10.0.0.3"), "unfinished");
  assert.equal(leaves(places.slice(0, 3).concat(place("busy too", "10.0.0.2")), "10.0.0.3"), "quiet");
});

test("whoGivesWay() takes an IPv6 /64 for one address, and an IPv4-mapped address for IPv4", () => {
  const places = [
    place("other", "2001:db8:1::1", { usedAt: NOW - 10 }),
    ...[1, 2, 3].map((n) => place(`many ${n}`, `2001:db8:2::${n}`)),
  ];
  assert.equal(leaves(places, "2001:db8:3::1"), "many 1");
  assert.equal(leaves(places, "2001:db8:2::ffff"), null);
  const mapped = [place("mapped", "::ffff:10.0.0.1"), place("plain", "10.0.0.1"), place("third", "10.0.0.1")];
  assert.equal(leaves(mapped, "10.0.0.9"), "mapped");
});

test("whoGivesWay() lets nobody in where all places are used alike, and never closes what we began ourselves", () => {
  const apart = ["10.0.0.1", "10.0.0.2", "10.0.0.2"].map((address) => place(address, address));
  assert.equal(leaves(apart, "10.0.0.1"), null, "one more or less is no reason to drive anybody out");
  assert.equal(leaves([], "10.0.0.3"), null);
  const ours = [1, 2, 3].map((n) => place(`ours ${n}`, "10.0.0.1", { isInbound: false, usedAt: 0 }));
  assert.equal(leaves(ours, "10.0.0.3"), null);
});

test("whoGivesWay() closes an unfinished handshake, or who was of no use for long, also of an address with few places", () => {
  const busy = place("busy", "10.0.0.1");
  const idle = (ms: number): Named => place("idle", "10.0.0.2", { usedAt: NOW - ms });
  assert.equal(leaves([busy, idle(CONNECTION_IDLE_MS)], "10.0.0.3"), null);
  assert.equal(leaves([busy, idle(CONNECTION_IDLE_MS + 1)], "10.0.0.3"), "idle");
  assert.equal(leaves([busy, place("unfinished", "10.0.0.2", { isOpen: false })], "10.0.0.3"), "unfinished");
});

test("whoGivesWay() closes who was idle for long before a handshake that has only begun, and that before who is of use", () => {
  const young = place("young", "10.0.0.1", { isOpen: false });
  const idle = place("idle", "10.0.0.2", { usedAt: NOW - CONNECTION_IDLE_MS - 1 });
  const late = place("late", "10.0.0.4", { isOpen: false, usedAt: NOW - HANDSHAKE_GRACE_MS - 1 });
  assert.equal(leaves([young, idle, late], "10.0.0.3"), "late");
  assert.equal(leaves([young, idle], "10.0.0.3"), "idle");
  assert.equal(leaves([young, place("busy", "10.0.0.2")], "10.0.0.3"), "young");
});
