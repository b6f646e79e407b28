// A product: its releases by channel, the newest on top. Withdrawn ones stay listed.

import { SITE_CHANNEL_RELEASES_SHOWN_MAX } from "../../../core/index.ts";
import type { Release } from "../../domain.ts";
import { productPath, releasePath } from "../addresses.ts";
import { externalLink } from "../external-link.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { command, crumbs, section } from "../page-parts.ts";
import { counted } from "../quantities.ts";
import { releaseList } from "../release-list.ts";
import { getCommand } from "../verify-commands.ts";
import type { SiteContext } from "../site-context.ts";

/** Null where there is no such product. */
export async function productText({ parts, site }: SiteContext, product: string): Promise<string | null> {
  const releases = await parts.catalogue.releases(product);
  const [newest] = releases;
  if (newest === undefined) return null;
  const offered = releases.filter(({ withdrawal }) => withdrawal === null);
  // As the command line chooses: of the stable channel where there is one.
  const current = offered.find(({ channel }) => channel === "stable") ?? offered[0] ?? null;
  const path = productPath(product);
  return layout({
    site,
    title: product,
    description: descriptionOf(product, releases.length, current),
    path,
    section: "catalogue",
    feedPath: `${path}/feed.atom`,
    scripts: ["copy.js"],
    body: html`${crumbs(["/", "Releases"])}
      <div class="intro">
        <h1>${product}</h1>
        <p class="lead">
          ${counted(releases.length, "release")}${newest.vendor !== null && html` of ${vendorName(newest.vendor)}`}.
          <a href="${path}/feed.atom">Feed of this product</a>
        </p>
      </div>
      ${current !== null && fetchNewest(current, `${site.publicUrl}${path}`)}
      ${[...Map.groupBy(releases, ({ channel }) => channel)].map(([channel, ofChannel]) => channelSection(channel, ofChannel))}`,
  });
}

function descriptionOf(product: string, count: number, current: Release | null): string {
  const newest = current === null ? "none of them current" : `the newest is ${current.version}`;
  return `${product}: ${counted(count, "release")}, ${newest}. By torrent, magnet link or direct download.`;
}

function vendorName({ name, url }: NonNullable<Release["vendor"]>): Html {
  return url === null ? html`${name}` : externalLink(url, name);
}

function fetchNewest(current: Release, url: string): Html {
  return section(
    "current",
    "Current",
    html`<p>
        <a class="button button-primary" href="${releasePath(current)}">${current.product} ${current.version}</a>
      </p>
      <p>Or let the command line fetch and verify whatever is newest:</p>
      ${command(getCommand(url), "Command that fetches the newest release")}`,
  );
}

function channelSection(channel: string, releases: readonly Release[]): Html {
  const shown = releases.slice(0, SITE_CHANNEL_RELEASES_SHOWN_MAX);
  const older = releases.length - shown.length;
  return section(
    `channel-${channel}`,
    `Channel ${channel}`,
    html`${releaseList(shown.map((release) => ({ release })))}
    ${older > 0 && html`<p>And ${counted(older, "older release")}, each at its own address.</p>`}`,
  );
}
