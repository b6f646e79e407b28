import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeCompact, endpointOf } from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { SipHash } from "./sip-hash.ts";
import { SourceAddress } from "./source-address.ts";

function addressOf(text: string): SourceAddress {
  const address = new SourceAddress(new SipHash(Buffer.alloc(16, 7)));
  assert.ok(address.set(text), text);
  return address;
}

test("SourceAddress takes an IPv4-mapped address for the IPv4 address it is", () => {
  for (const mapped of ["::ffff:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:ffff:192.0.2.1"]) {
    assert.equal(addressOf(mapped).family, 4);
    assert.equal(addressOf(mapped).words[0], (192 << 24) | (2 << 8) | 1);
    assert.equal(addressOf(mapped).hash, addressOf("192.0.2.1").hash);
  }
});

test("SourceAddress reads IPv6 and ignores the zone", () => {
  const address = addressOf("fe80::1:ffff%eth0");
  assert.equal(address.family, 6);
  assert.deepEqual([...address.words], [0xfe80_0000 | 0, 0, 0, 0x1_ffff]);
});

test("SourceAddress counts a /64 as one line and an IPv4 address as one", () => {
  const [a, b, c] = ["2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1"].map(addressOf);
  assert.equal(a?.lineLow, b?.lineLow);
  assert.notEqual(a?.hash, b?.hash);
  assert.notEqual(a?.lineLow, c?.lineLow);
  assert.notEqual(addressOf("192.0.2.1").lineLow, addressOf("192.0.2.2").lineLow);
});

test("SourceAddress refuses what is no address", () => {
  const address = new SourceAddress(new SipHash(Buffer.alloc(16)));
  for (const text of ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "localhost", ":::", "1.2.3.4x"]) {
    assert.equal(address.set(text), false, text);
  }
});

test("SourceAddress knows loopback", () => {
  for (const text of ["127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"]) assert.ok(addressOf(text).loopback, text);
  for (const text of ["128.0.0.1", "192.0.2.1", "::2", "2001:db8::1"]) assert.ok(!addressOf(text).loopback, text);
});

test("SourceAddress reads every IPv6 address as the endpoint's codec does", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const text = groups.map((value) => value.toString(16)).join(":");
      for (const written of [text, endpointOf(text, 0)?.address ?? ""]) {
        const address = new SourceAddress(new SipHash(Buffer.alloc(16)));
        assert.ok(address.set(written));
        const bytes = encodeCompact(endpointOf(text, 0) as Endpoint).subarray(0, -2);
        assert.equal(address.family, bytes.length === 4 ? 4 : 6);
        for (let at = 0; at < bytes.length; at += 4)
          assert.equal(address.words[at / 4], bytes.readInt32BE(at), written);
      }
    }),
  );
});
