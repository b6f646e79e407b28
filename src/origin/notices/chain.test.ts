import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalJson,
  CHAIN_START,
  link,
  recordDigest,
  verifyChain,
  type ChainContent,
  type ChainEntry,
} from "./chain.ts";

const contents = fc.record({
  at: fc.nat(),
  subject: fc.string({ unit: "grapheme" }),
  event: fc.string(),
  fields: fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
  ),
  record: fc.oneof(fc.constant(null), fc.constant("ab".repeat(32))),
});

function chainOf(all: readonly Omit<ChainContent, "sequence">[]): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (const [index, content] of all.entries()) {
    entries.push(link({ ...content, sequence: index + 1 }, (entries.at(-1) ?? CHAIN_START).hash));
  }
  return entries;
}

test("a chain is intact as it was made, also when it was written out and read back", () => {
  fc.assert(
    fc.property(fc.array(contents), (all) => {
      const entries = chainOf(all);
      const read = JSON.parse(JSON.stringify(entries)) as ChainEntry[];
      const { hash } = entries.at(-1) ?? CHAIN_START;
      assert.deepEqual(verifyChain(read), { isIntact: true, head: { sequence: all.length, hash } });
    }),
  );
});

test("a chain shows each change of an entry, at that entry", () => {
  const changes: readonly ((entry: ChainEntry) => ChainEntry)[] = [
    (entry) => ({ ...entry, at: entry.at + 1 }),
    (entry) => ({ ...entry, subject: `${entry.subject}x` }),
    (entry) => ({ ...entry, event: `${entry.event}x` }),
    (entry) => ({ ...entry, fields: { ...entry.fields, added: 1 } }),
    (entry) => ({ ...entry, record: "cd".repeat(32) }),
    (entry) => ({ ...entry, previous: "ef".repeat(32) }),
    (entry) => ({ ...entry, hash: "01".repeat(32) }),
    // Hashed anew: the next entry still names the old hash.
    (entry) => link({ ...entry, at: entry.at + 1 }, entry.previous),
  ];
  fc.assert(
    fc.property(
      fc.array(contents, { minLength: 2, maxLength: 8 }),
      fc.nat(),
      fc.constantFrom(...changes),
      (all, where, change) => {
        const entries = chainOf(all);
        const index = where % (entries.length - 1);
        const entry = entries[index];
        assert.ok(entry);
        entries[index] = change(entry);
        const check = verifyChain(entries);
        assert.ok(!check.isIntact);
        assert.ok([index + 1, index + 2].includes(check.sequence));
      },
    ),
  );
});

test("a chain shows an entry that was taken out, put in or moved", () => {
  const [a, b, c] = chainOf([1, 2, 3].map((at) => ({ at, subject: "s", event: "e", fields: {}, record: null })));
  assert.ok(a && b && c);
  for (const entries of [
    [b, c],
    [a, c],
    [a, a, b, c],
    [a, c, b],
  ])
    assert.equal(verifyChain(entries).isIntact, false);
});

test("the canonical JSON of a value does not depend on the order in which it was made", () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: "ü" }], a: null }), '{"a":null,"b":[{"c":"ü","d":1}]}');
  assert.equal(canonicalJson({ a: null, b: [{ c: "ü", d: 1 }] }), canonicalJson({ b: [{ d: 1, c: "ü" }], a: null }));
});

test("the digest of a record depends on its salt", () => {
  assert.notEqual(recordDigest(Buffer.alloc(32, 1), "x"), recordDigest(Buffer.alloc(32, 2), "x"));
});
