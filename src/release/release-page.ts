// What an origin answers a program that asks for a release page: where its metadata lies. None of it is signed, so it may
// only say where on the same origin to look; which product and version is meant is what the person typed.

import { messageOf, RELEASE_PAGE_BYTES_MAX } from "../core/index.ts";
import { parseProductName, parseVersion } from "./names.ts";
import { RecordFields } from "./record-fields.ts";
import { ReleaseError } from "./release-error.ts";

export interface ReleasePage {
  readonly product: string;
  /** null for a product's page: the newest release of a channel. */
  readonly version: string | null;
  /** Absolute, and ending in a slash. */
  readonly metadataUrl: string;
  readonly targetUrl: string;
}

const METADATA_PATH = "/tuf/";
const TARGET_PATH = "/tuf/targets/";

/** `{"upswarm":1,"product":…,"version":…|null,"metadataUrl":"/tuf/","targetUrl":"/tuf/targets/"}`. @throws ReleaseError release.page */
export function parseReleasePage(bytes: Buffer, pageUrl: URL): ReleasePage {
  if (bytes.length > RELEASE_PAGE_BYTES_MAX) throw noPage(pageUrl, "its answer is too long");
  const fields = new RecordFields(jsonOf(bytes, pageUrl), `What ${pageUrl.origin} says about the page`, "release.page");
  fields.oneOf("upswarm", [1]);
  const product = fields.parsed("product", parseProductName);
  const version = fields.nullable("version", (name) => fields.parsed(name, parseVersion));
  const [metadataUrl, targetUrl] = ["metadataUrl", "targetUrl"].map((name) => {
    const text = fields.raw(name);
    const url = typeof text === "string" ? URL.parse(text, pageUrl) : null;
    if (url === null || url.origin !== pageUrl.origin || url.search !== "" || !url.pathname.endsWith("/")) {
      throw fields.refused(name, "is no folder of the same origin");
    }
    return url.href;
  });
  // Fields of later versions are no concern of ours here: nothing of this is signed.
  const path = `/${product}${version === null ? "" : `/${version}`}`;
  if (!decoded(pageUrl).replace(/\/$/, "").endsWith(path)) {
    throw noPage(pageUrl, `it answers for ${path}, which is another page`);
  }
  return { product, version, metadataUrl: metadataUrl ?? "", targetUrl: targetUrl ?? "" };
}

/** Of a page that is gone (a tombstone), from its URL alone; null where the URL has not the form of one. */
export function releasePageUrl(pageUrl: URL): ReleasePage | null {
  const [, product = "", version = null, ...rest] = decoded(pageUrl).replace(/\/$/, "").split("/");
  try {
    if (rest.length > 0) return null;
    return {
      product: parseProductName(product),
      version: version === null ? null : parseVersion(version),
      metadataUrl: new URL(METADATA_PATH, pageUrl).href,
      targetUrl: new URL(TARGET_PATH, pageUrl).href,
    };
  } catch {
    // The parsers' refusal of a name is the answer.
    return null;
  }
}

function decoded(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch (cause) {
    throw noPage(url, "its path is badly encoded", cause);
  }
}

function jsonOf(bytes: Buffer, pageUrl: URL): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw noPage(pageUrl, messageOf(cause), cause);
  }
}

function noPage(pageUrl: URL, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError("release.page", `${pageUrl.origin}${pageUrl.pathname} is no release page: ${why}.`, {
    cause,
  });
}
