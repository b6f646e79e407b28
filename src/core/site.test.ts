import assert from "node:assert/strict";
import { test } from "node:test";
import { SITE_NAME_BYTES_MAX } from "./limits/index.ts";
import { isSameSite, isSiteName } from "./site.ts";

function same(one: [site: string | null, address: string], other: [site: string | null, address: string]): boolean {
  const [a, b] = [one, other].map(([site, address]) => ({ site, address }));
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(isSameSite(a, b), isSameSite(b, a), "It does not matter who asks.");
  return isSameSite(a, b);
}

test("isSiteName() refuses what is empty, too long, padded or could forge a line of a log", () => {
  assert.ok(isSiteName("x".repeat(SITE_NAME_BYTES_MAX)));
  assert.ok(isSiteName("Zürich, 3rd floor"));
  for (const name of ["", " ", "x".repeat(SITE_NAME_BYTES_MAX + 1), "a\nb", " a", "a\u202eb", "ü".repeat(33)]) {
    assert.ok(!isSiteName(name), JSON.stringify(name));
  }
});

test("isSameSite() goes by the subnet: /24, /64 and this machine", () => {
  assert.ok(same([null, "10.1.2.3"], [null, "10.1.2.250"]));
  assert.ok(!same([null, "10.1.2.3"], [null, "10.1.3.3"]));
  assert.ok(same([null, "2001:db8::1"], [null, "2001:db8:0:0:9:8:7:6"]));
  assert.ok(!same([null, "2001:db8::1:2:3:4:5"], [null, "2001:db8::5"]));
  assert.ok(same([null, "127.0.0.1"], [null, "127.9.9.9"]));
  assert.ok(!same([null, "10.1.2.3"], [null, "2001:db8::1"]));
});

test("isSameSite() lets two names decide, and the subnet where one of them has none", () => {
  assert.ok(same(["rack 1", "10.1.2.3"], ["rack 1", "192.0.2.7"]));
  assert.ok(!same(["rack 1", "10.1.2.3"], ["rack 2", "10.1.2.4"]));
  assert.ok(same(["rack 1", "10.1.2.3"], [null, "10.1.2.4"]));
  assert.ok(!same(["rack 1", "10.1.2.3"], [null, "192.0.2.7"]));
});
