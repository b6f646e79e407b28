import assert from "node:assert/strict";
import { test } from "node:test";
import { violationsOn } from "./accessibility.ts";
import { missingBrowser, openBrowser } from "./browser.ts";
import { openSampleOrigin } from "./sample-origin.ts";

const PATHS = [
  "/",
  "/search",
  "/search?q=node",
  "/search?q=zzz",
  "/node-linux-x64",
  "/windows-xp-sp2/2180",
  "/llm-weights-70b/2026.11",
  "/office-fonts/3.1",
  "/node-linux-x64/26.9.0",
  "/status",
  "/keys",
  "/nope",
] as const;
const PHONE = { width: 360, height: 740 };
const skip = missingBrowser;

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 900 }, PHONE]) {
    test(`axe finds no violation on any page: ${colorScheme}, ${viewport.width} pixels`, { skip }, async () => {
      await using origin = await openSampleOrigin();
      await using browser = await openBrowser({ colorScheme, viewport, bypassCSP: true });
      const page = await browser.context.newPage();
      for (const path of PATHS) {
        await page.goto(origin.url + path);
        if ((await page.locator("[data-live]").count()) > 0) await page.locator(".is-live").waitFor();
        assert.deepEqual(await violationsOn(page), [], path);
      }
    });
  }
}

test("axe finds no violation on an empty origin and on a page without scripts", { skip }, async () => {
  await using origin = await openSampleOrigin({ releases: [] });
  await using browser = await openBrowser({ bypassCSP: true });
  const page = await browser.context.newPage();
  for (const path of ["/", "/status"]) {
    await page.goto(origin.url + path);
    assert.deepEqual(await violationsOn(page), [], path);
  }
});

test("no page scrolls sideways on a phone, also with names that have no place to break", { skip }, async () => {
  const { releaseOf } = await import("../../src/origin/site/fixture.test.ts");
  const { sampleReleases } = await import("./sample-releases.ts");
  const long = releaseOf({
    product: `long-${"product".repeat(12)}`,
    version: `1.${"0".repeat(60)}`,
    name: `${"LongNameWithoutAnyPlaceToBreak".repeat(5)}.exe`,
    notes: "n".repeat(300),
    vendor: { name: "V".repeat(80), url: `https://vendor.example/${"path".repeat(40)}`, hashes: [] },
  });
  await using origin = await openSampleOrigin({ releases: [long, ...sampleReleases] });
  await using browser = await openBrowser({ viewport: PHONE });
  const page = await browser.context.newPage();
  for (const path of [...PATHS, `/${long.product}`, `/${long.product}/${long.version}`]) {
    await page.goto(origin.url + path);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), PHONE.width, path);
  }
});

test("the site can be used with the keyboard alone, and shows where one is", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${origin.url}/windows-xp-sp2/2180`);
  const focused = (): Promise<string> => page.evaluate("document.activeElement.textContent.trim()");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the content");
  const top = await page.locator(".skip").boundingBox();
  assert.ok(top !== null && top.y >= 0, "the skip link comes into view");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "content");
  const order: string[] = [];
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Tab");
    order.push(await focused());
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    assert.equal(outline, "solid", `the focus on "${order.at(-1)}" is visible`);
  }
  assert.deepEqual(order, [
    "Releases",
    "windows-xp-sp2",
    "Download torrent",
    "Torrent for older clients",
    "Open magnet link",
    "Download 279 MB",
  ]);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), "Open magnet link");
  // A closed instruction opens by key.
  await page.locator("summary", { hasText: "macOS" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("details[open] code", { hasText: "shasum" }).waitFor();
});
