import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTICES_COUNTED_KEYS_MAX } from "../../core/index.ts";
import { networkOf, WindowCounter } from "./window-counter.ts";

test("WindowCounter takes as many events as the limit says, and one more when the first is too old", () => {
  const counter = new WindowCounter(1000);
  assert.deepEqual(
    [0, 1, 2].map((at) => counter.take("a", 2, at)),
    [true, true, false],
  );
  assert.equal(counter.take("b", 2, 3), true);
  assert.deepEqual(
    [999, 1000, 1000].map((at) => counter.take("a", 2, at)),
    [false, true, false],
  );
});

test("WindowCounter keeps no more keys than its limit", () => {
  const counter = new WindowCounter(1000);
  for (let key = 0; key <= NOTICES_COUNTED_KEYS_MAX; key++) counter.take(String(key), 1, 0);
  assert.equal(counter.keyCount, NOTICES_COUNTED_KEYS_MAX);
  assert.equal(counter.take(String(NOTICES_COUNTED_KEYS_MAX), 1, 1), false);
  assert.equal(counter.take("0", 1, 1), true);
});

test("networkOf() takes an IPv6 /64 for one sender, however it is written, and IPv4 as it is", () => {
  assert.equal(networkOf("192.0.2.7"), "192.0.2.7");
  assert.equal(networkOf("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:0DB8:1:2::9"), networkOf("2001:db8:1:2:ffff::1"));
  assert.equal(networkOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.notEqual(networkOf("2001:db8:1:3::1"), networkOf("2001:db8:1:2::1"));
});
