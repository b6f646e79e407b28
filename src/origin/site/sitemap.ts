// sitemap.xml (sitemaps.org) and robots.txt. What was withdrawn is in no sitemap.

import { SITE_SITEMAP_ADDRESSES_MAX } from "../../core/index.ts";
import type { Product, Release } from "../domain.ts";
import { productPath, releasePath } from "./addresses.ts";
import { xmlProlog } from "./atom-feed.ts";
import { html as xml, render } from "./html.ts";
import type { SiteIdentity } from "./layout.ts";
import { isoTime } from "./quantities.ts";

const standing = ["/", "/keys", "/status", "/notices"];

export function sitemap(
  { publicUrl }: SiteIdentity,
  products: readonly Product[],
  releases: readonly Release[],
): string {
  const addresses: { readonly path: string; readonly changedAt: number | null }[] = [
    ...standing.map((path) => ({ path, changedAt: null })),
    ...products.map(({ name, newest }) => ({ path: productPath(name), changedAt: newest.publishedAt })),
    ...releases
      .filter(({ withdrawal }) => withdrawal === null)
      .map((release) => ({ path: releasePath(release), changedAt: release.publishedAt })),
  ];
  return render(xml`${xmlProlog()}
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${addresses
  .slice(0, SITE_SITEMAP_ADDRESSES_MAX)
  .map(
    ({ path, changedAt }) =>
      xml`  <url><loc>${publicUrl}${path}</loc>${changedAt !== null && xml`<lastmod>${isoTime(changedAt)}</lastmod>`}</url>\n`,
  )}</urlset>
`);
}

/** Pages are for everybody; payload, streams and forms are not for those who gather pages. */
export function robotsText({ publicUrl }: SiteIdentity): string {
  const closed = ["/admin", "/api/", "/download/", "/files/", "/live/", "/search", "/tuf/"];
  return [
    "User-agent: *",
    ...closed.map((path) => `Disallow: ${path}`),
    "",
    `Sitemap: ${publicUrl}/sitemap.xml`,
    "",
  ].join("\n");
}
