// axe-core on a page: violations as sentences. axe is put into the page by the test, which our security headers would
// forbid: the browser is opened with `bypassCSP`, and only for this.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const require = createRequire(import.meta.url);
const source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

interface AxeViolation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly AxeViolation[];
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(source);
  const run = `axe.run(document, { runOnly: { type: "tag", values: ${JSON.stringify(TAGS)} } })`;
  const { passes, violations } = await page.evaluate<AxeResult>(run);
  // A page that cannot be looked at has no violations either.
  assert.ok(passes.length > 20, `axe looked at ${passes.length} rules only`);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} (${failureSummary})`),
  );
}
