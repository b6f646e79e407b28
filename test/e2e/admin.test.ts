import assert from "node:assert/strict";
import { test } from "node:test";
import { submitNotice } from "../../src/origin/admin/admin-fixture.test.ts";
import { counterFields } from "../../src/origin/notices/notice-fixture.test.ts";
import { violationsOn } from "./accessibility.ts";
import { missingBrowser, openBrowser } from "./browser.ts";
import { ANNA, openNoticesOrigin, RELEASE, type NoticesOrigin } from "./notices-origin.ts";
import { signIn } from "./people.ts";

const skip = missingBrowser;
const PHONE = { width: 360, height: 740 };
const operator = { kind: "operator", name: "root" } as const;
const letter = { via: "letter", address: null, key: null } as const;
const PUBLIC = [
  "/notices",
  "/notices/new",
  "/notices/log",
  "/notices/cases/2026-0001",
  "/notices/counter/2026-0002",
  "/admin/sign-in",
];
const ADMIN = [
  "/admin",
  "/admin/releases",
  `/admin/releases${RELEASE}`,
  "/admin/releases/example/1.0",
  "/admin/cases",
  "/admin/cases/2026-0001",
  "/admin/cases/2026-0002",
  "/admin/cases/2026-0003",
  "/admin/keys",
  "/admin/swarms",
  "/admin/audit",
];

/** A case whose clock runs, one that is complied with, one that ended. */
async function withCases(site: NoticesOrigin): Promise<void> {
  const { desk } = site;
  const ids = [await submitNotice(desk), await submitNotice(desk), await submitNotice(desk)];
  for (const id of ids) await desk.move(id, { kind: "comply" }, operator);
  await desk.counter(ids[0] ?? "", counterFields, letter);
  await desk.move(ids[0] ?? "", { kind: "forward" }, operator);
  await desk.move(ids[2] ?? "", { kind: "close" }, operator);
}

test("an administrator signs in, is refused with a wrong password, and signs out", { skip }, async (t) => {
  const site = await openNoticesOrigin(t);
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${site.url}/admin/keys`);
  await page.getByLabel("Account").fill(ANNA.name);
  await page.getByLabel("Password").fill("wrong password");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("That is not right").waitFor();
  assert.equal(await page.getByLabel("Account").inputValue(), ANNA.name);
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await page.getByLabel("Password").fill(ANNA.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Keys and expiries" }).waitFor();
  const [cookie] = (await browser.context.cookies()).filter(({ name }) => name === "__Host-upswarm-admin");
  assert.deepEqual([cookie?.httpOnly, cookie?.secure, cookie?.sameSite], [true, true, "Strict"]);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await page.goto(`${site.url}/admin`);
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
});

test("a release is recalled, and purged only by typing its name", { skip }, async (t) => {
  const site = await openNoticesOrigin(t);
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await signIn(site, page);
  await page.getByRole("navigation", { name: "Administration" }).getByRole("link", { name: "Releases" }).click();
  await page.getByRole("link", { name: "example/2.0" }).click();
  await page.getByLabel("Reason").fill("It breaks printers.");
  await page.getByRole("button", { name: "Withdraw example/2.0" }).click();
  await page.getByRole("status").getByText("The release is withdrawn.").waitFor();
  assert.equal((await page.goto(site.url + RELEASE))?.status(), 410);
  await page.goto(`${site.url}/admin/releases${RELEASE}`);
  await page.getByLabel("To confirm, type example/2.0").fill("example");
  await page.getByRole("button", { name: "Purge" }).click();
  await page.getByRole("alert").getByText("type exactly example/2.0").waitFor();
  await page.getByLabel("To confirm, type example/2.0").fill("example/2.0");
  await page.getByRole("button", { name: "Purge" }).click();
  await page.getByRole("status").getByText("The payload is deleted.").waitFor();
  await page.goto(`${site.url}/admin/audit`);
  await page.getByText("release.purge").waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 900 }, PHONE]) {
    const how = `${colorScheme}, ${viewport.width} pixels`;
    test(
      `axe finds no violation on any page of notices and admin, and none scrolls sideways: ${how}`,
      { skip },
      async (t) => {
        const site = await openNoticesOrigin(t);
        await withCases(site);
        await using browser = await openBrowser({ colorScheme, viewport, bypassCSP: true });
        const page = await browser.context.newPage();
        const check = async (paths: readonly string[]): Promise<void> => {
          for (const path of paths) {
            const response = await page.goto(site.url + path);
            assert.equal(response?.status(), 200, path);
            assert.deepEqual(await violationsOn(page), [], path);
            assert.equal(await page.evaluate("document.documentElement.scrollWidth"), viewport.width, path);
            const { UPSWARM_SCREENSHOTS: folder } = process.env;
            const name = `${path.slice(1).replaceAll("/", "-")}-${viewport.width}-${colorScheme}.png`;
            if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}`, fullPage: true });
          }
        };
        await check(PUBLIC);
        await page.goto(`${site.url}/notices/new`);
        site.origin.clock.pass(3_000);
        await page.getByRole("button", { name: "Send the notice" }).click();
        await page.getByRole("alert").waitFor();
        assert.deepEqual(await violationsOn(page), [], "the form with its problems");
        await signIn(site, page);
        await check(ADMIN);
      },
    );
  }
}

test("the admin can be used with the keyboard alone: a case is complied with", { skip }, async (t) => {
  const site = await openNoticesOrigin(t);
  const id = await submitNotice(site.desk);
  await using browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${site.url}/admin/cases/${id}`);
  await page.getByLabel("Account").focus();
  await page.keyboard.insertText(ANNA.name);
  await page.keyboard.press("Tab");
  await page.keyboard.insertText(ANNA.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: `Case ${id}` }).waitFor();
  const focused = (): Promise<string> => page.evaluate("document.activeElement.textContent.trim()");
  for (let tabs = 0; (await focused()) !== "Comply: withdraw the release"; tabs++) {
    assert.ok(tabs < 40, "the button is reached by Tab");
    await page.keyboard.press("Tab");
  }
  assert.equal(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid");
  await page.keyboard.press("Enter");
  await page.getByRole("status").waitFor();
  assert.equal((await site.desk.find(id)).state.status, "complied");
});
