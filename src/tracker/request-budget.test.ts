import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestBudget } from "./request-budget.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";

function addressOf(text: string): SourceAddress {
  const address = new SourceAddress(new SipHash(Buffer.alloc(16, 1)));
  assert.ok(address.set(text));
  return address;
}

/** How many of 1,000 requests at this time are let through. */
function passed(budget: RequestBudget, address: SourceAddress, nowMs: number): number {
  return Array.from({ length: 1000 }, () => budget.take(address, nowMs)).filter(Boolean).length;
}

test("RequestBudget lets a burst through, then its rate, and never more than a burst after a rest", () => {
  const budget = new RequestBudget(10, 100, 12_345.6);
  const address = addressOf("192.0.2.1");
  assert.equal(passed(budget, address, 12_345.7), 100);
  assert.equal(passed(budget, address, 13_345.7), 10);
  assert.equal(passed(budget, address, 13_346), 0);
  assert.equal(passed(budget, address, 1e9), 100);
});

test("RequestBudget counts each address, and each /64, for itself", () => {
  const budget = new RequestBudget(10, 100, 0);
  assert.equal(passed(budget, addressOf("2001:db8::1"), 0), 100);
  assert.equal(passed(budget, addressOf("2001:db8::2"), 0), 0);
  assert.equal(passed(budget, addressOf("2001:db8:0:1::1"), 0), 100);
  assert.equal(passed(budget, addressOf("192.0.2.2"), 0), 100);
});

test("RequestBudget does not limit loopback, and nobody where it is off", () => {
  assert.equal(passed(new RequestBudget(1, 1, 0), addressOf("127.0.0.1"), 0), 1000);
  assert.equal(passed(new RequestBudget(Infinity, 1, 0), addressOf("192.0.2.1"), 0), 1000);
});
