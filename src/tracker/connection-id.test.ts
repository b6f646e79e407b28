import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../core/index.ts";
import { ConnectionIds } from "./connection-id.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";

function addressOf(text: string): SourceAddress {
  const address = new SourceAddress(new SipHash(Buffer.alloc(16)));
  assert.ok(address.set(text));
  return address;
}

const here = addressOf("192.0.2.1");
const seconds = fc.integer({ min: 0, max: 2 ** 30 });

test("a connection id is good for two minutes and for no second more, across changes of the secret", () => {
  fc.assert(
    fc.property(
      seconds,
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (start, wait, age) => {
        const ids = new ConnectionIds(seededRandom(start), start);
        ids.issue(here, start);
        const given = start + wait;
        ids.issue(here, given);
        const { high, low } = ids;
        // Somebody else's request may change the secret meanwhile.
        ids.issue(addressOf("192.0.2.9"), given + Math.min(age, 120));
        assert.equal(ids.isValid(here, high, low, given + age), age <= 120);
      },
    ),
  );
});

test("a connection id of another address, family, tracker or with any bit changed is refused", () => {
  const ids = new ConnectionIds(seededRandom(1), 0);
  for (const text of ["192.0.2.1", "2001:db8::1"]) {
    const address = addressOf(text);
    ids.issue(address, 500);
    const { high, low } = ids;
    assert.ok(ids.isValid(address, high, low, 500));
    for (const other of ["192.0.2.2", "2001:db8::2", "::c000:201"]) {
      assert.ok(!ids.isValid(addressOf(other), high, low, 500), other);
    }
    assert.ok(!new ConnectionIds(seededRandom(2), 0).isValid(address, high, low, 500));
    for (let bit = 0; bit < 32; bit++) {
      assert.ok(!ids.isValid(address, (high ^ (1 << bit)) >>> 0, low, 500), `high bit ${bit}`);
      assert.ok(!ids.isValid(address, high, (low ^ (1 << bit)) >>> 0, 500), `low bit ${bit}`);
    }
  }
});

test("ids of consecutive seconds have nothing in common but the second", () => {
  const ids = new ConnectionIds(seededRandom(3), 0);
  const seen = new Set<number>();
  for (let second = 0; second < 1000; second++) {
    ids.issue(here, second);
    seen.add(ids.low);
  }
  assert.equal(seen.size, 1000);
});

test("guessed connection ids are refused", () => {
  const ids = new ConnectionIds(seededRandom(4), 0);
  const half = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(fc.property(half, half, (high, low) => !ids.isValid(here, high, low, 1000)));
});
