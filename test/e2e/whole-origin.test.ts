// A browser on a whole origin: published, served, taken through its doors, watched while machines take it, withdrawn.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { Session, StorageWorkers } from "../../src/engine/index.ts";
import { parseMagnet, parseMetainfo } from "../../src/metainfo/index.ts";
import { beside, makeOrigin, publish, serve } from "../origin/whole-origin.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { violationsOn } from "./accessibility.ts";
import { missingBrowser, openBrowser } from "./browser.ts";

const skip = missingBrowser;

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** What the browser saves when the link is followed. */
async function saved(page: Page, link: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: link, exact: true }).click(),
  ]);
  return readFileSync(await download.path());
}

test(
  "three doors give the file that the page names, and its numbers move while a machine takes it",
  { skip },
  async () => {
    const place = await makeOrigin();
    await using _origin = await serve(place);
    const { bytes } = await publish(place, "1.0");
    await using browser = await openBrowser();
    const page = await browser.context.newPage();
    await page.goto(`${place.url}/update/1.0`);
    await page.locator(".is-live").waitFor();

    const direct = await saved(page, "Download 700 kB");
    assert.equal(sha256(direct), sha256(bytes));
    assert.ok(await page.locator(`code:text-is("${sha256(direct)}")`).count());

    const torrent = parseMetainfo(await saved(page, "Download torrent"));
    const twin = parseMetainfo(await saved(page, "Torrent for older clients"));
    const magnet = parseMagnet((await page.getByRole("link", { name: "Open magnet link" }).getAttribute("href")) ?? "");
    assert.deepEqual([torrent.version, twin.version, magnet.infoHashV2], ["hybrid", "1", torrent.infoHashV2]);

    await using workers = new StorageWorkers({ count: 1 });
    await using session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, workers });
    const taking = session.add({ source: { ...twin, webSeeds: [] }, mode: "download", directory: scratchFolder() });
    assert.equal(sha256(readFileSync((await taking.completed).path)), sha256(bytes));
    // Locators, not functions: the page's policy forbids the evaluation that waiting for a function needs.
    await page.locator('[data-figure=completed]:text-is("1")').first().waitFor();
    assert.match((await page.locator("[data-figure=direct]").textContent()) ?? "", /^1 direct download, 700 kB$/);
  },
);

test(
  "a page that is open becomes the tombstone by itself, and comes back when the release is restored",
  { skip },
  async () => {
    const place = await makeOrigin();
    await using _origin = await serve(place);
    const { release } = await publish(place, "2.0");
    await using browser = await openBrowser();
    const page = await browser.context.newPage();
    await page.goto(`${place.url}/update/2.0`);
    await page.locator(".is-live").waitFor();
    await using command = await beside(place);
    await command.lifecycle.withdraw(release, {
      kind: "legal",
      reason: "A test.",
      demandedBy: "Rights Ltd",
      vendorUrl: "https://vendor.example/",
      replacedBy: null,
      caseId: null,
    });
    await page.getByText("Withdrawn on a legal notice").waitFor();
    assert.ok(await page.getByText("Rights Ltd").isVisible());
    await command.lifecycle.restore(release);
    await page.reload();
    await page.getByRole("link", { name: "Download torrent" }).waitFor();
  },
);

test("axe finds no violation on the pages of notices and at the administrators' door", { skip }, async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  await publish(place, "3.0");
  await using browser = await openBrowser({ bypassCSP: true, viewport: { width: 360, height: 740 } });
  const page = await browser.context.newPage();
  for (const path of ["/", "/update/3.0", "/notices", "/notices/new", "/notices/log", "/admin/sign-in", "/nope"]) {
    await page.goto(place.url + path);
    assert.deepEqual(await violationsOn(page), [], path);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360, `${path} scrolls sideways`);
  }
});
