import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressScope, decodeCompact, encodeCompact, endpointOf, formatEndpoint, parseHostPort } from "./endpoint.ts";

test("parseHostPort() rejects what is not HOST:PORT", () => {
  for (const text of ["", "host", "host:", "host:70000", "::1:80", "[::1]", "host:-1", "a:b:80"]) {
    assert.throws(() => parseHostPort(text), { code: "endpoint.syntax" }, text);
  }
});

test("parseHostPort() reads names, IPv4 and bracketed IPv6", () => {
  assert.deepEqual(parseHostPort("seed.example:6881"), { host: "seed.example", port: 6881 });
  assert.deepEqual(parseHostPort("[::1]:0"), { host: "::1", port: 0 });
  assert.deepEqual(parseHostPort(":80"), { host: "", port: 80 });
});

test("endpointOf() writes equal addresses alike", () => {
  assert.equal(endpointOf("::ffff:10.0.0.1", 1)?.address, "10.0.0.1");
  assert.equal(endpointOf("2001:0DB8:0::1", 1)?.address, "2001:db8::1");
  assert.equal(endpointOf("example.com", 1), null);
  assert.equal(endpointOf("10.0.0.1", 65_536), null);
});

test("compact endpoints survive the round trip", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), fc.integer({ min: 1, max: 65_535 }), (v4, v6, port) => {
      for (const address of [v4, v6]) {
        const endpoint = endpointOf(address, port);
        assert.ok(endpoint);
        const bytes = encodeCompact(endpoint);
        assert.deepEqual(decodeCompact(bytes, bytes.length === 6 ? "ipv4" : "ipv6"), [endpoint]);
      }
    }),
  );
});

test("decodeCompact() leaves out port 0 and a cut-off entry", () => {
  assert.deepEqual(decodeCompact(Buffer.from("0a00000100000a00000200500a00", "hex"), "ipv4"), [
    { address: "10.0.0.2", port: 80 },
  ]);
});

test("formatEndpoint() brackets IPv6", () => {
  assert.equal(formatEndpoint({ address: "::1", port: 2 }), "[::1]:2");
});

test("addressScope() tells this machine, this network and the world apart", () => {
  for (const address of ["127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"]) {
    assert.equal(addressScope(address), "loopback");
  }
  for (const address of ["10.1.1.1", "192.168.0.1", "172.31.0.1", "fd00::1", "fe80::1", "0.0.0.1", "169.254.169.254"]) {
    assert.equal(addressScope(address), "private");
  }
  for (const address of ["8.8.8.8", "172.32.0.1", "2001:db8::1"]) assert.equal(addressScope(address), "global");
});
