import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeCompact, formatEndpoint } from "../core/index.ts";
import { PeerSets } from "./peer-sets.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";

const address = new SourceAddress(new SipHash(Buffer.alloc(16, 3)));

interface Known {
  isSeed: boolean;
  lastSeen: number;
  completed: boolean;
}

/** Everything that can be read from the set, as the model has it, and the invariants of the order of slots. */
function assertLike(set: PeerSets, model: ReadonlyMap<string, Known>): void {
  assert.equal(set.count, model.size);
  assert.equal(set.leechers, [...model.values()].filter((known) => !known.isSeed).length);
  const target = Buffer.alloc(18);
  const seen = new Set<string>();
  for (let slot = 0; slot < set.count; slot++) {
    const end = set.writeCompact(Int32Array.of(slot), 1, 0, new DataView(target.buffer, target.byteOffset), 0);
    const endpoint = decodeCompact(target.subarray(0, end), set.family === 4 ? "ipv4" : "ipv6")[0];
    assert.ok(endpoint !== undefined);
    const known = model.get(formatEndpoint(endpoint));
    assert.ok(known !== undefined, formatEndpoint(endpoint));
    seen.add(formatEndpoint(endpoint));
    assert.equal(slot >= set.leechers, known.isSeed);
    assert.equal(set.lastSeen(slot), known.lastSeen);
    assert.ok(address.set(endpoint.address));
    assert.equal(set.find(address, endpoint.port), slot);
  }
  assert.equal(seen.size, model.size);
}

for (const family of [4, 6] as const) {
  test(`PeerSets of IPv${family} does what a plain map does, through growth and shrinking`, () => {
    const steps = fc.array(
      fc.record({
        host: fc.integer({ min: 1, max: 60 }),
        port: fc.integer({ min: 1, max: 4 }),
        isSeed: fc.boolean(),
        action: fc.constantFrom("announce", "announce", "announce", "remove", "complete" as const),
      }),
      { maxLength: 400, size: "max" },
    );
    fc.assert(
      fc.property(steps, (script) => {
        const set = new PeerSets(family).aim(3);
        const model = new Map<string, Known>();
        script.forEach(({ host, port, isSeed, action }, now) => {
          const text = family === 4 ? `10.0.0.${host}` : `2001:db8::${host.toString(16)}`;
          const key = formatEndpoint({ address: text, port: port * 16_000 });
          assert.ok(address.set(text));
          let slot = set.find(address, port * 16_000);
          const known = model.get(key);
          assert.equal(slot !== -1, known !== undefined);
          if (action === "remove") {
            if (slot !== -1) set.remove(slot);
            model.delete(key);
          } else if (known === undefined) {
            slot = set.add(address, port * 16_000, isSeed, now);
            model.set(key, { isSeed, lastSeen: now, completed: false });
          } else {
            slot = set.update(slot, isSeed, now);
            Object.assign(known, { isSeed, lastSeen: now });
          }
          if (action === "complete") {
            const peer = model.get(key) as Known;
            assert.equal(set.markCompleted(slot), !peer.completed);
            peer.completed = true;
          }
        });
        assertLike(set, model);
        while (set.count > 0) set.remove(set.count >> 1);
        assert.equal(set.leechers, 0);
      }),
      { numRuns: 60 },
    );
  });
}

test("PeerSets finds every one of 20,000 peers of one address and gives their memory back", () => {
  const set = new PeerSets(4).aim(0);
  assert.ok(address.set("192.0.2.1"));
  for (let port = 1; port <= 20_000; port++) set.add(address, port, port % 3 === 0, 0);
  const full = set.usedBytes;
  assert.ok(full / set.count < 100);
  for (let port = 1; port <= 20_000; port += 2) set.remove(set.find(address, port));
  for (let port = 1; port <= 20_000; port++) assert.equal(set.find(address, port) === -1, port % 2 === 1);
  for (let port = 2; port <= 20_000; port += 2) set.remove(set.find(address, port));
  assert.equal(set.usedBytes, 0);
});

test("PeerSets keeps swarms apart, however often memory changes hands", () => {
  const sets = new PeerSets(4);
  const joined = Array.from({ length: 200 }, () => 1);
  for (let round = 1; round <= 60; round++) {
    joined.forEach((_, swarm) => {
      assert.ok(address.set(`10.0.${swarm}.1`));
      sets.aim(swarm).add(address, round, (round + swarm) % 2 === 0, round);
    });
    const emptied = (round * 7) % joined.length;
    sets.aim(emptied);
    while (sets.count > 0) sets.remove(sets.count >> 1);
    joined[emptied] = round + 1;
    joined.forEach((since, swarm) => {
      assert.ok(address.set(`10.0.${swarm}.1`));
      sets.aim(swarm);
      assert.equal(sets.count, round - since + 1);
      assert.equal(sets.countOf(swarm), sets.count);
      assert.equal(sets.leechersOf(swarm), sets.leechers);
      for (let port = since; port <= round; port++) assert.notEqual(sets.find(address, port), -1);
    });
  }
});
