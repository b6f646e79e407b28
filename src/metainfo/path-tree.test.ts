import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { MetainfoError } from "./errors.ts";
import { file, infoV1, link } from "./fixture.test.ts";
import { parseInfo } from "./info.ts";

const element = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom("a", "b", "A", "c.txt", "é", "e\u0301") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "..",
      ".",
      "",
      "/",
      "\\",
      "C:",
      "a/../..",
      "\\\\?\\C:",
      "NUL",
      "~",
      "a\u0000",
      "..\u0000",
      ".. ",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
);
const path = fc.array(element, { minLength: 1, maxLength: 3 });
const entries = fc.array(fc.record({ path, target: fc.option(fc.oneof(path, fc.nat(4)), { freq: 2 }) }), {
  minLength: 1,
  maxLength: 5,
});

test("nothing that parseInfo() accepts leads outside of the target folder, on any system", () => {
  let accepted = 0;
  let links = 0;
  fc.assert(
    fc.property(entries, (wanted) => {
      const files = wanted.map(({ path, target }) =>
        target === null
          ? { ...file("x"), path }
          : {
              ...link("x", "x"),
              path,
              "symlink path": typeof target === "number" ? (wanted[target]?.path ?? []) : target,
            },
      );
      let info;
      try {
        info = parseInfo(infoV1(files));
      } catch (error) {
        assert.ok(error instanceof MetainfoError, String(error));
        return;
      }
      accepted += 1;
      const written = info.layout.files;
      links += written.filter(({ kind }) => kind === "symlink").length;
      for (const { join, resolve, root, sep } of [
        { ...posix, root: "/target" },
        { ...win32, root: "C:\\target" },
      ]) {
        for (const inside of written.flatMap((entry) => [entry.path, entry.symlinkTarget ?? entry.path])) {
          const end = resolve(root, info.name, ...inside);
          assert.ok(end.startsWith(root + sep + info.name + sep), end);
          assert.equal(end, join(root, info.name, ...inside));
        }
      }
      const places = new Set(written.map((entry) => entry.path.join("/").normalize("NFC").toLowerCase()));
      assert.equal(places.size, written.length);
    }),
    { numRuns: 2000 },
  );
  assert.ok(accepted > 100, `only ${accepted} were accepted`);
  assert.ok(links > 10, `only ${links} symlinks were accepted`);
});
