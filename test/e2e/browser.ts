// Debian's Chromium for the tests, with an empty profile of its own. Where it is not installed, that is said.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { BrowserContext, BrowserContextOptions } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

/** For the `skip` of a test: false, or why it cannot run. */
export const missingBrowser: string | false = existsSync(EXECUTABLE) ? false : "not installed: chromium";

export type BrowserOptions = Pick<
  BrowserContextOptions,
  "bypassCSP" | "colorScheme" | "javaScriptEnabled" | "permissions" | "userAgent" | "viewport" | "deviceScaleFactor"
>;

export interface OpenBrowser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** A browser of its own: whoever opens it disposes of it. */
export async function openBrowser(options: BrowserOptions = {}): Promise<OpenBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "upswarm-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
