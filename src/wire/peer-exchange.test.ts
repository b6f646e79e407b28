import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encode } from "../bencode/index.ts";
import { encodeCompact, endpointOf, PEX_CONTACTS_MAX } from "../core/index.ts";
import { encodePeerExchange, parsePeerExchange, PexFlag } from "./peer-exchange.ts";

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test("parsePeerExchange() rejects what is no dictionary", () => {
  for (const text of ["", "le", "d5:added"]) {
    assert.throws(() => parsePeerExchange(Buffer.from(text)), { name: "WireError", code: "wire.payload" });
  }
});

test("parsePeerExchange() takes no more contacts than its limit", () => {
  const added = Buffer.from(
    Array.from({ length: 6 * (PEX_CONTACTS_MAX + 50) }, (_, at) => (at % 6 < 4 ? (at / 6) & 0xff : 9)),
  );
  for (let entry = 0; entry < added.length / 6; entry++) added.writeUInt16BE(1 + entry, entry * 6 + 4);
  assert.equal(parsePeerExchange(encode({ added, dropped: added })).added.length, PEX_CONTACTS_MAX);
  assert.equal(parsePeerExchange(encode({ added, dropped: added })).dropped.length, PEX_CONTACTS_MAX);
});

test("parsePeerExchange() leaves out port 0, duplicates and a cut-off entry, and keeps each one's flags", () => {
  const added = Buffer.from("0a0000010000_0a0000020050_0a0000020050_0a0000030051_0a00".replaceAll("_", ""), "hex");
  const message = encode({ added, "added.f": Buffer.from([0x01, 0x02, 0x02, 0x10]) });
  assert.deepEqual(parsePeerExchange(message), {
    added: [
      { endpoint: { address: "10.0.0.2", port: 80 }, flags: PexFlag.seed },
      { endpoint: { address: "10.0.0.3", port: 81 }, flags: PexFlag.reachable },
    ],
    dropped: [],
  });
});

test("parsePeerExchange() does without flags and without any list", () => {
  const added6 = encodeCompact({ address: "2001:db8::1", port: 5 });
  assert.deepEqual(parsePeerExchange(encode({ added6, "added6.f": 7, added: 7 })).added, [
    { endpoint: { address: "2001:db8::1", port: 5 }, flags: 0 },
  ]);
  assert.deepEqual(parsePeerExchange(Buffer.from("de")), { added: [], dropped: [] });
});

test("a peer exchange reads back as it was written, whatever the families", () => {
  const endpoint = fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
    .map(([address, port]) => endpointOf(address, port))
    .filter((found) => found !== null);
  const distinct = {
    maxLength: 20,
    selector: (found: { address: string; port: number }): string => JSON.stringify(found),
  };
  fc.assert(
    fc.property(
      fc.uniqueArray(endpoint, distinct),
      fc.uniqueArray(endpoint, distinct),
      fc.nat(255),
      (to, gone, flags) => {
        const exchange = { added: to.map((found) => ({ endpoint: found, flags })), dropped: gone };
        const read = parsePeerExchange(encodePeerExchange(3, exchange).subarray(6));
        assert.deepEqual(read.added.toSorted(byText), exchange.added.toSorted(byText));
        assert.deepEqual(read.dropped.toSorted(byText), gone.toSorted(byText));
      },
    ),
  );
});
