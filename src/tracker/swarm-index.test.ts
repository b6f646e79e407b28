import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { idBytes, parseInfoHash } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { SipHash } from "./sip-hash.ts";
import { SwarmIndex } from "./swarm-index.ts";

const hashOf = (number: number): InfoHash => parseInfoHash(createHash("sha1").update(String(number)).digest());
const wordsOf = (infoHash: InfoHash): Int32Array =>
  Int32Array.from({ length: 5 }, (_, word) => idBytes(infoHash).readInt32BE(word * 4));

test("SwarmIndex does what a plain map does, through growth and removal", () => {
  const script = fc.array(fc.record({ number: fc.nat(300), remove: fc.boolean() }), { maxLength: 600, size: "max" });
  fc.assert(
    fc.property(script, (steps) => {
      const index = new SwarmIndex(new SipHash(Buffer.alloc(16, 5)));
      const model = new Map<InfoHash, number>();
      for (const { number, remove } of steps) {
        const infoHash = hashOf(number);
        const known = model.get(infoHash);
        assert.equal(index.find(infoHash), known ?? -1);
        if (known === undefined) model.set(infoHash, index.add(infoHash));
        else if (remove) {
          index.remove(known);
          model.delete(infoHash);
          assert.ok(!index.has(known));
        }
      }
      assert.equal(index.size, model.size);
      const listed = new Set<InfoHash>();
      for (let swarm = index.after(-1); swarm !== -1; swarm = index.after(swarm)) listed.add(index.infoHashOf(swarm));
      assert.deepEqual(listed, new Set(model.keys()));
      for (const [infoHash, swarm] of model) {
        assert.equal(index.find(infoHash), swarm);
        assert.equal(index.find(wordsOf(infoHash)), swarm);
      }
    }),
    { numRuns: 60 },
  );
});

test("SwarmIndex tells info-hashes apart that differ in one digit, the first or the last", () => {
  const index = new SwarmIndex(new SipHash(Buffer.alloc(16, 5)));
  const swarm = index.add(parseInfoHash("0".repeat(40)));
  for (const text of [`f${"0".repeat(39)}`, `${"0".repeat(39)}f`, "f".repeat(40)]) {
    assert.equal(index.find(parseInfoHash(text)), -1);
  }
  assert.equal(index.infoHashOf(swarm), "0".repeat(40));
});

test("a swarm's downloads and sweeps are its own, and those of a removed one are not inherited", () => {
  const index = new SwarmIndex(new SipHash(Buffer.alloc(16, 5)));
  const [one, other] = [index.add(hashOf(1)), index.add(hashOf(2))];
  index.countDownload(one);
  assert.ok(index.markSwept(one, 7));
  assert.ok(!index.markSwept(one, 7));
  assert.deepEqual([index.downloaded(one), index.downloaded(other)], [1, 0]);
  index.remove(one);
  const next = index.add(hashOf(3));
  assert.equal(next, one);
  assert.equal(index.downloaded(next), 0);
  assert.ok(index.markSwept(next, 7));
});
