// What people do in the browser: fill in a notice, a counter-notice, sign in. By the labels that they read.

import type { Page } from "playwright-core";
import { NOTICES_FORM_MS_MIN } from "../../src/core/index.ts";
import { counterFields, noticeFields } from "../../src/origin/notices/notice-fixture.test.ts";
import { ANNA, type NoticesOrigin } from "./notices-origin.ts";

const agreed = { goodFaith: /good faith belief/, accuracy: /information in this notice is accurate/ };
const counterAgreed = { mistake: /mistake or misidentification/, consent: /consent to the jurisdiction/ };

/** Without sending it. */
export async function fillNotice(page: Page, changes: Partial<typeof noticeFields> = {}): Promise<void> {
  const fields = { ...noticeFields, ...changes };
  await page.getByLabel("Which work is infringed?").fill(fields.work);
  await page.getByLabel("Which release infringes it?").fill(fields.material);
  await page.getByLabel("For which organization").fill(fields.organization);
  await fillPerson(page, fields);
  for (const [name, words] of Object.entries(agreed)) {
    if (fields[name as keyof typeof agreed] === "yes") await page.getByLabel(words).check();
  }
}

export async function fillCounter(page: Page): Promise<void> {
  await fillPerson(page, counterFields);
  for (const words of Object.values(counterAgreed)) await page.getByLabel(words).check();
}

async function fillPerson(page: Page, fields: typeof counterFields | typeof noticeFields): Promise<void> {
  await page.getByLabel("Your name").fill(fields.name);
  await page.getByLabel("E-mail address").fill(fields.email);
  await page.getByLabel("Phone number").fill(fields.phone);
  await page.getByLabel("Postal address").fill(fields.address);
  await page.getByLabel("Signature").fill(fields.signature);
}

/** Presses the button, as long after the form came as a person needs. */
export async function send({ origin }: NoticesOrigin, page: Page, button: string): Promise<void> {
  origin.clock.pass(NOTICES_FORM_MS_MIN);
  await page.getByRole("button", { name: button }).click();
}

export async function signIn(site: NoticesOrigin, page: Page): Promise<void> {
  await page.goto(`${site.url}/admin`);
  await page.getByLabel("Account").fill(ANNA.name);
  await page.getByLabel("Password").fill(ANNA.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}
