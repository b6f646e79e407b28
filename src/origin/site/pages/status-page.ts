// How the origin is: that it answers at all, until when its signatures hold, and its swarms.

import { SITE_RECENT_RELEASES_MAX } from "../../../core/index.ts";
import { releasePath } from "../addresses.ts";
import { dataTable } from "../data-table.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { callout, minute, section } from "../page-parts.ts";
import { formatBytes, formatCount, formatDuration, formatSecond } from "../quantities.ts";
import type { SiteContext } from "../site-context.ts";
import { swarmFigures } from "../swarm-figures.ts";
import { expiryBadge } from "./keys-page.ts";

export async function statusText({ parts, site, startedAt }: SiteContext): Promise<string> {
  const [{ roles }, recent] = await Promise.all([
    parts.signing.status(),
    parts.catalogue.recent(SITE_RECENT_RELEASES_MAX),
  ]);
  const offered = recent.filter(({ withdrawal }) => withdrawal === null);
  const swarms = await Promise.all(
    offered.map(async (release) => ({ release, live: await parts.swarms.live(release) })),
  );
  const now = parts.clock.wallMs();
  const ended = roles.filter(({ expiresAt }) => expiresAt <= now);
  return layout({
    site,
    title: "Status",
    description: `Whether ${site.title} is up, how long its signatures hold, and its swarms.`,
    path: "/status",
    section: "status",
    body: html`<div class="intro">
        <h1>Status</h1>
        ${
          ended.length === 0
            ? callout(
                "good",
                html`<strong>Up</strong> for ${formatDuration(parts.clock.now() - startedAt)}, and every signature
                  holds. As of ${formatSecond(now)}.`,
              )
            : callout(
                "bad",
                html`<strong>Signatures have ended</strong>: ${ended.map(({ role }) => role).join(", ")}. Clients refuse
                  downloads until they are renewed.`,
              )
        }
      </div>
      ${section(
        "signatures",
        "Signatures",
        dataTable({
          caption: "Until when each role’s signature holds",
          columns: ["Role", "Version", "Good until"],
          rows: roles.map(({ role, version, expiresAt }) => [
            role,
            version,
            html`${minute(expiresAt)} ${expiryBadge(expiresAt, now)}`,
          ]),
        }),
      )}
      ${section("swarms", "Swarms", swarmTable(swarms))}`,
  });
}

type Swarm = {
  readonly release: Parameters<typeof releasePath>[0] & { readonly lengthBytes: number };
  readonly live: Parameters<typeof swarmFigures>[1];
};

function swarmTable(swarms: readonly Swarm[]): Html {
  if (swarms.length === 0) return html`<p>Nothing is published, so there is no swarm.</p>`;
  return dataTable({
    caption: "The newest releases’ swarms",
    columns: ["Release", "Seeds", "Downloading", "Completed", "Came from peers", "Origin sends"],
    rows: swarms.map(({ release, live }) => {
      const { peerShare } = swarmFigures(release, live).texts;
      return [
        html`<a href="${releasePath(release)}">${release.product} ${release.version}</a>`,
        formatCount(live.seeds),
        formatCount(live.downloading),
        formatCount(live.traffic.completed),
        peerShare,
        `${formatBytes(live.originRate)}/s`,
      ];
    }),
  });
}
