// Atom feeds (RFC 4287) of the newest releases, of all products or of one. A withdrawal updates the entry, so that a
// reader of feeds learns of it too. Entries link to pages, never to files.

import { SITE_FEED_ENTRIES_MAX } from "../../core/index.ts";
import type { Release } from "../domain.ts";
import { productPath, releasePath } from "./addresses.ts";
import { html as xml, render, type Html } from "./html.ts";
import type { SiteIdentity } from "./layout.ts";
import { formatBytes, isoTime } from "./quantities.ts";

export const ATOM_TYPE = "application/atom+xml; charset=utf-8";

/** `product` is null in the feed of all. Newest first. */
export function atomFeed(site: SiteIdentity, product: string | null, releases: readonly Release[]): string {
  const shown = releases.slice(0, SITE_FEED_ENTRIES_MAX);
  const page = `${site.publicUrl}${product === null ? "/" : productPath(product)}`;
  const own = `${site.publicUrl}${product === null ? "" : productPath(product)}/feed.atom`;
  return render(xml`${xmlProlog()}
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${own}</id>
  <title>${xmlText(product === null ? site.title : `${product} · ${site.title}`)}</title>
  <updated>${isoTime(Math.max(0, ...shown.map(updatedAt)))}</updated>
  <author><name>${xmlText(site.title)}</name></author>
  <link rel="self" type="application/atom+xml" href="${own}"/>
  <link rel="alternate" type="text/html" href="${page}"/>
${shown.map((release) => entry(site, release))}</feed>
`);
}

function entry({ publicUrl }: SiteIdentity, release: Release): Html {
  const { product, version, withdrawal, vendor, notes } = release;
  const url = `${publicUrl}${releasePath(release)}`;
  const whose = vendor === null ? "" : ` of ${vendor.name}`;
  const summary =
    withdrawal === null
      ? `${release.name}${whose}, ${formatBytes(release.lengthBytes)}, channel ${release.channel}`
      : `Withdrawn: ${withdrawal.reason}`;
  return xml`  <entry>
    <id>${url}</id>
    <title>${xmlText(`${product} ${version}${withdrawal === null ? "" : " (withdrawn)"}`)}</title>
    <published>${isoTime(release.publishedAt)}</published>
    <updated>${isoTime(updatedAt(release))}</updated>
    <link rel="alternate" type="text/html" href="${url}"/>
    <category term="${xmlText(release.channel)}"/>
    <summary>${xmlText(summary)}</summary>
${withdrawal === null && notes !== null && xml`    <content type="text">${xmlText(notes)}</content>\n`}  </entry>
`;
}

function updatedAt({ publishedAt, withdrawal }: Release): number {
  return withdrawal?.at ?? publishedAt;
}

export function xmlProlog(): Html {
  return xml`<?xml version="1.0" encoding="utf-8"?>`;
}

/** What XML 1.0 cannot hold, escaped or not, becomes the replacement character. */
function xmlText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what is looked for
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}
