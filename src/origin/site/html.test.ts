import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { html, render, trustedHtml } from "./html.ts";

test("html`` escapes every text that is put in, in elements and in quoted attributes", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "a", "=") }), (text) => {
      const page = render(html`<a href="${text}">${[text, "x"]}</a>`);
      assert.match(page, /^<a href="[^<>"']*">[^<>"']*<\/a>$/);
    }),
  );
});

test("html`` keeps the HTML of its own kind and leaves out what is not there", () => {
  const item = html`<i>${"a & b"}</i>`;
  assert.equal(render(html`<b>${[item, null, false, undefined, 3]}</b>`), "<b><i>a &amp; b</i>3</b>");
  assert.equal(render(html`${trustedHtml("<b>")}`), "<b>");
});
