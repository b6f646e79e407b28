import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attachment } from "./content-disposition.ts";

test("attachment() gives each client the name in the form that it reads", () => {
  assert.equal(attachment("a b.tar.gz"), 'attachment; filename="a b.tar.gz"');
  assert.equal(attachment("Größe.bin"), `attachment; filename="Gro_e.bin"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.bin`);
  assert.equal(
    attachment(`a"b\\c'(*)%`),
    `attachment; filename="a_b_c'(*)_"; filename*=UTF-8''a%22b%5Cc%27%28%2A%29%25`,
  );
});

test("attachment() is one header whatever the name is, and the name can be read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
      const header = attachment(name);
      assert.match(header, /^attachment; filename="[\x20-\x7e]*"(?:; filename\*=UTF-8''[\w.!~%-]*)?$/);
      const extended = /filename\*=UTF-8''(.*)$/.exec(header)?.[1];
      const read = extended === undefined ? /filename="(.*)"$/.exec(header)?.[1] : decodeURIComponent(extended);
      assert.equal(read, name.toWellFormed());
    }),
  );
});
