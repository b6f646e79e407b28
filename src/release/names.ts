// Names of products, versions and channels. They are parts of URLs, of target paths (whose patterns delegate trust)
// and of file names, so one narrow alphabet holds everywhere and nothing is ever escaped.
// Invariant: a name that passes is one path element without `..`, a glob character or a case that folds away (products, channels).

import { RELEASE_NAME_CHARACTERS_MAX } from "../core/index.ts";
import { ReleaseError } from "./release-error.ts";

/** First path elements of the origin's own pages, and names that are roles or special to TUF clients in JavaScript. */
export const reservedProductNames: ReadonlySet<string> = new Set(
  (
    "api admin assets tuf files notices search status keys metrics healthz readyz live withdrawals channels login logout " +
    "feed.atom sitemap.xml robots.txt .well-known favicon.ico index.html announce scrape about docs help download " +
    "transparency root targets snapshot timestamp online constructor"
  ).split(" "),
);

/** Second path elements below a product. */
export const reservedVersions: ReadonlySet<string> = new Set(["channels", "feed.atom", "live", "latest"]);

const lowerCase = /^[a-z0-9][a-z0-9._-]*$/;
const anyCase = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

/** @throws ReleaseError release.name */
export function parseProductName(text: string): string {
  check(text, "product", lowerCase, "a lower-case letter or digit, then also . _ -");
  if (reservedProductNames.has(text)) throw refused(text, "product", "it is a page of the site, or a role");
  return text;
}

/** @throws ReleaseError release.name */
export function parseVersion(text: string): string {
  check(text, "version", anyCase, "a letter or digit, then also . _ + -");
  if (reservedVersions.has(text)) throw refused(text, "version", "it is a page of the site");
  return text;
}

/** @throws ReleaseError release.name */
export function parseChannelName(text: string): string {
  return check(text, "channel", lowerCase, "a lower-case letter or digit, then also . _ -");
}

function check(text: string, kind: string, pattern: RegExp, alphabet: string): string {
  if (text === "") throw refused(text, kind, "it is empty");
  if (text.length > RELEASE_NAME_CHARACTERS_MAX) {
    throw refused(text, kind, `it is longer than ${RELEASE_NAME_CHARACTERS_MAX} characters`);
  }
  if (!pattern.test(text)) throw refused(text, kind, `it begins with ${alphabet}`);
  if (text.includes("..") || text.endsWith(".")) throw refused(text, kind, "dots neither follow each other nor end it");
  return text;
}

function refused(text: string, kind: string, why: string): ReleaseError {
  const shown = JSON.stringify(text.slice(0, RELEASE_NAME_CHARACTERS_MAX));
  return new ReleaseError("release.name", `${shown} is not the name of a ${kind}: ${why}.`);
}
