// The first page: what is new, and which products there are.

import { SITE_PRODUCTS_SHOWN_MAX, SITE_RECENT_RELEASES_MAX } from "../../../core/index.ts";
import type { Product } from "../../domain.ts";
import { productPath } from "../addresses.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { day, section } from "../page-parts.ts";
import { counted, formatCount } from "../quantities.ts";
import { releaseList, type ListedRelease } from "../release-list.ts";
import { releaseMark } from "../release-mark.ts";
import type { SiteContext } from "../site-context.ts";

const PROMISE =
  "Large updates, published once and delivered by the machines that take them. Every byte is checked against a signed hash.";

export async function catalogueText({ parts, site }: SiteContext): Promise<string> {
  const [products, recent] = await Promise.all([
    parts.catalogue.products(),
    parts.catalogue.recent(SITE_RECENT_RELEASES_MAX),
  ]);
  const listed: ListedRelease[] = await Promise.all(
    recent.map(async (release) =>
      release.withdrawal === null ? { release, live: await parts.swarms.live(release) } : { release },
    ),
  );
  return layout({
    site,
    title: site.title,
    description: PROMISE,
    path: "/",
    section: "catalogue",
    body: html`<div class="intro hero">
        <div>
          <h1>Large updates, delivered by the machines that take them</h1>
          <p class="lead">Published here once. Every byte is checked against a signed hash, whichever way it comes.</p>
        </div>
        ${listed.length > 0 && totals(products.length, listed)}
      </div>
      ${listed.length === 0 ? nothingYet() : html`${newest(listed)}${productList(products)}`}`,
  });
}

function totals(productCount: number, listed: readonly ListedRelease[]): Html {
  const machines = listed.reduce((sum, { live }) => sum + (live?.seeds ?? 0) + (live?.downloading ?? 0), 0);
  return html`<dl class="stats">
    <div>
      <dt>${productCount === 1 ? "Product" : "Products"}</dt>
      <dd>${formatCount(productCount)}</dd>
    </div>
    <div>
      <dt>Machines in these swarms</dt>
      <dd>${formatCount(machines)}</dd>
    </div>
  </dl>`;
}

function newest(listed: readonly ListedRelease[]): Html {
  return section("newest", "Newest releases", releaseList(listed));
}

function productList(products: readonly Product[]): Html {
  const shown = products.slice(0, SITE_PRODUCTS_SHOWN_MAX);
  const more = products.length - shown.length;
  return section(
    "products",
    "Products",
    html`<ul class="products">
        ${shown.map(
          ({ name, releaseCount, newest }) =>
            html`<li>
              ${releaseMark(newest.infoHashV2, 32)}
              <div>
                <a href="${productPath(name)}">${name}</a>
                <p>${counted(releaseCount, "release")}, newest ${newest.version}, ${day(newest.publishedAt)}</p>
              </div>
            </li>`,
        )}
      </ul>
      ${more > 0 && html`<p>And ${counted(more, "more product")}, which the search finds.</p>`}`,
  );
}

function nothingYet(): Html {
  return html`<div class="empty">
    <h2>Nothing is published yet</h2>
    <p>Whoever runs this origin publishes a release with</p>
    <pre
      tabindex="0"
      role="region"
      aria-label="Command that publishes"
    ><code>upswarm publish FILE --product NAME --version VERSION</code></pre>
    <p>and it appears here. The <a href="/feed.atom">feed</a> tells you when.</p>
  </div>`;
}
