// Releases as a list: mark, name, whose it is, size, date, and how many machines share it where that is known.

import type { LiveSwarm, Release } from "../domain.ts";
import { releasePath } from "./addresses.ts";
import { html, type Html } from "./html.ts";
import { day } from "./page-parts.ts";
import { counted, formatBytes } from "./quantities.ts";
import { releaseMark } from "./release-mark.ts";

export interface ListedRelease {
  readonly release: Release;
  readonly live?: Pick<LiveSwarm, "seeds" | "downloading">;
}

export function releaseList(listed: readonly ListedRelease[], heading: 2 | 3 = 3): Html {
  return html`<ul class="releases">
    ${listed.map((item) => releaseItem(item, heading))}
  </ul>`;
}

function releaseItem({ release, live }: ListedRelease, heading: 2 | 3): Html {
  const { product, version, vendor, withdrawal } = release;
  const link = html`<a href="${releasePath(release)}">${product} <span class="version">${version}</span></a>`;
  return html`<li class="release${withdrawal !== null && " is-withdrawn"}">
    ${releaseMark(release.infoHashV2, 44)}
    <div class="release-name">
      ${heading === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
      <p>${vendor === null ? release.name : html`by ${vendor.name}`}</p>
    </div>
    <div class="release-meta">
      <p class="release-state">
        ${withdrawal === null ? channelBadge(release.channel) : html`<span class="badge badge-bad">withdrawn</span>`}
      </p>
      <p class="release-size">${formatBytes(release.lengthBytes)}</p>
      <p class="release-swarm">${live !== undefined && counted(live.seeds + live.downloading, "machine")}</p>
      <p class="release-date">${day(release.publishedAt)}</p>
    </div>
  </li>`;
}

export function channelBadge(channel: string): Html {
  return html`<span class="badge${channel === "stable" && " badge-good"}">${channel}</span>`;
}
