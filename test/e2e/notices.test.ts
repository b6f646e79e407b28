import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { missingBrowser, openBrowser } from "./browser.ts";
import { openNoticesOrigin, RELEASE } from "./notices-origin.ts";
import { fillCounter, fillNotice, send, signIn } from "./people.ts";

const skip = missingBrowser;

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "in a browser" : "without JavaScript";
  test(
    `the story ${how}: notice, compliance, tombstone, counter-notice, put back when the clock has moved`,
    { skip },
    async (t) => {
      const site = await openNoticesOrigin(t);
      await using browser = await openBrowser({ javaScriptEnabled });
      const page = await browser.context.newPage();
      await page.goto(site.url);
      await page.getByRole("link", { name: "Notices", exact: true }).click();
      await heading(page, "Notices");
      await page.getByRole("link", { name: "Send a notice" }).click();
      await fillNotice(page);
      await send(site, page, "Send the notice");
      await heading(page, "Your notice was received");
      await page.getByRole("link", { name: "2026-0001" }).click();
      await page.getByText("received, under review").waitFor();

      await signIn(site, page);
      await page.getByRole("link", { name: "Case 2026-0001" }).click();
      await page.getByText("Jane Doe").first().waitFor();
      await page.getByRole("button", { name: "Comply: withdraw the release" }).click();
      await page.getByRole("status").getByText("Done.").waitFor();

      const tombstone = await page.goto(site.url + RELEASE);
      assert.equal(tombstone?.status(), 451);
      await page.getByText("Example Software, Inc.").waitFor();
      await page.getByRole("link", { name: /vendor\.example/ }).waitFor();
      assert.equal(await page.locator("a[href^=magnet], a[href*='.torrent']").count(), 0);

      await page.goto(`${site.url}/notices/cases/2026-0001`);
      await page.getByRole("link", { name: "Send a counter-notice" }).click();
      await fillCounter(page);
      await send(site, page, "Send the counter-notice");
      await heading(page, "Your counter-notice was received");

      await page.goto(`${site.url}/admin/cases/2026-0001`);
      await page.getByRole("button", { name: "Forward the counter-notice" }).click();
      await page.getByText("not before the tenth business day has passed").waitFor();
      site.origin.clock.set("2026-12-11T05:00Z");
      await signIn(site, page);
      await page.getByRole("link", { name: "2026-0001" }).first().click();
      await page.getByRole("button", { name: "Restore the release", exact: true }).click();
      await page.getByText("The case has ended.").waitFor();

      assert.equal((await page.goto(site.url + RELEASE))?.status(), 200);
      await page.getByRole("link", { name: "Download torrent" }).waitFor();
      await page.goto(`${site.url}/notices/log`);
      await page.getByText("Release restored").waitFor();
      const text = await page.locator("main").textContent();
      assert.doesNotMatch(text ?? "", /Jane Doe|Paul Publisher|jane@|555 0101/);
    },
  );
}

test(
  "a form that lacks something comes back with what was typed, and leads to the fields that are wrong",
  { skip },
  async (t) => {
    const site = await openNoticesOrigin(t);
    await using browser = await openBrowser();
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/notices/new`);
    await fillNotice(page, { signature: "", accuracy: "", material: "https://elsewhere.example/x" });
    await send(site, page, "Send the notice");
    const summary = page.getByRole("alert");
    await summary.getByText("Please check 3 things").waitFor();
    assert.match(await page.title(), /^Please check: /);
    await summary.getByRole("link", { name: "Sign by typing your full name." }).click();
    assert.equal(new URL(page.url()).hash, "#signature");
    assert.equal(await page.getByLabel("Your name").inputValue(), "Jane Doe");
    assert.match(await page.getByLabel("Postal address").inputValue(), /^12 Elm Street\nSpringfield/);
    assert.ok(await page.getByLabel(/good faith belief/).isChecked());
    const described = await page.getByLabel("Which release infringes it?").getAttribute("aria-describedby");
    assert.match(described ?? "", /material-problem/);
    await page.getByLabel("Which release infringes it?").fill(`https://updates.example${RELEASE}`);
    await page.getByLabel("Signature").fill("Jane Doe");
    await page.getByLabel(/information in this notice is accurate/).check();
    await send(site, page, "Send the notice");
    await heading(page, "Your notice was received");
  },
);

test("a notice can be sent with the keyboard alone", { skip }, async (t) => {
  const site = await openNoticesOrigin(t);
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${site.url}/notices/new`);
  await page.getByLabel("Which work is infringed?").focus();
  const type = async (text: string): Promise<void> => {
    await page.keyboard.insertText(text);
    await page.keyboard.press("Tab");
  };
  for (const text of ["Example 2.0", RELEASE, "Jane Doe", "", "jane@example.org", "", ""]) await type(text);
  for (let box = 0; box < 2; box++) {
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
  }
  await type("Jane Doe");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Send the notice");
  site.origin.clock.pass(3_000);
  await page.keyboard.press("Enter");
  await heading(page, "Your notice was received");
});
