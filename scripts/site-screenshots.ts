// Takes the pictures of docs/guide/site.md anew, with the sample releases of the browser tests: `node
// scripts/site-screenshots.ts`. Chromium has to be there; bin/ and dist/ have not.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "../test/e2e/browser.ts";
import type { BrowserOptions } from "../test/e2e/browser.ts";
import { openSampleOrigin } from "../test/e2e/sample-origin.ts";

interface Shot {
  readonly file: string;
  readonly path: string;
  readonly browser: BrowserOptions;
  /** What is scrolled to the top. */
  readonly from?: string;
}

const DESKTOP = { width: 1060, height: 760 };
const PHONE = { width: 360, height: 740 };
const RELEASE = "/windows-xp-sp2/2180";

const shots: readonly Shot[] = [
  { file: "catalogue.png", path: "/", browser: { viewport: DESKTOP } },
  { file: "release.png", path: RELEASE, browser: { viewport: { ...DESKTOP, height: 980 } } },
  { file: "release-dark.png", path: RELEASE, browser: { viewport: DESKTOP, colorScheme: "dark" }, from: "#swarm" },
  { file: "tombstone.png", path: "/office-fonts/3.1", browser: { viewport: DESKTOP } },
  { file: "release-phone.png", path: RELEASE, browser: { viewport: PHONE } },
  { file: "not-found.png", path: "/nothing", browser: { viewport: { ...DESKTOP, height: 480 } } },
];

const folder = join(import.meta.dirname, "..", "docs", "site");
mkdirSync(folder, { recursive: true });
await using origin = await openSampleOrigin();
for (const { file, path, browser: options, from } of shots) {
  await using browser = await openBrowser(options);
  const page = await browser.context.newPage();
  await page.goto(origin.url + path);
  if ((await page.locator("[data-live]").count()) > 0) await page.locator(".plot canvas").nth(1).waitFor();
  if (from !== undefined) await page.evaluate(`document.querySelector("${from}").closest("section").scrollIntoView()`);
  await page.screenshot({ path: join(folder, file) });
}
