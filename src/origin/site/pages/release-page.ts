// The page of a release that is not withdrawn: what it is, whose it is, three doors, proof, and its live swarm.

import { SITE_NOTES_LENGTH_MAX } from "../../../core/index.ts";
import type { Release } from "../../domain.ts";
import { productPath, releasePath } from "../addresses.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { crumbs, day, section } from "../page-parts.ts";
import { counted, exactBytes, formatBytes } from "../quantities.ts";
import { channelBadge } from "../release-list.ts";
import { releaseMark } from "../release-mark.ts";
import type { SiteContext } from "../site-context.ts";
import type { VisitorSystem } from "../visitor-system.ts";
import { doorSection } from "./door-section.ts";
import { liveSection } from "./live-section.ts";
import { hashSection, signatureSection, vendorSection, verifySection } from "./proof-sections.ts";

export async function releaseText(
  { parts, site, contents }: SiteContext,
  release: Release,
  system: VisitorSystem,
): Promise<string> {
  const [inside, live, signing] = await Promise.all([
    contents.of(release),
    parts.swarms.live(release),
    parts.signing.status(),
  ]);
  const { product, version, vendor } = release;
  const path = releasePath(release);
  return layout({
    site,
    title: `${product} ${version}`,
    description: descriptionOf(release),
    path,
    section: "catalogue",
    feedPath: `${productPath(product)}/feed.atom`,
    scripts: ["copy.js", "live.js"],
    styles: ["uplot.css"],
    body: html`${crumbs(["/", "Releases"], [productPath(product), product])} ${heading(release)}
    ${doorSection(release, inside)} ${liveSection(release, live, parts.clock.wallMs())}
    ${vendor !== null && vendorSection(release, vendor)} ${verifySection(release, `${site.publicUrl}${path}`, system)}
    ${hashSection(release)} ${signatureSection(release, signing)}
    ${release.notes !== null && notesSection(release.notes)}`,
  });
}

function descriptionOf({ product, version, vendor, lengthBytes }: Release): string {
  const whose = vendor === null ? "" : ` of ${vendor.name}`;
  return `${product} ${version}${whose}, ${formatBytes(lengthBytes)}: torrent, magnet link, direct download, hashes and signatures.`;
}

function heading(release: Release): Html {
  const { product, version, vendor, lengthBytes, kind, fileCount } = release;
  return html`<div class="title">
    ${releaseMark(release.infoHashV2, 88)}
    <div>
      <h1>${product} <span class="version">${version}</span></h1>
      <p class="lead">${vendor !== null && html`by ${vendor.name} · `}<span class="name">${release.name}</span></p>
      <ul class="tags">
        <li>${channelBadge(release.channel)}</li>
        <li title="${exactBytes(lengthBytes)}">${formatBytes(lengthBytes)}</li>
        <li>${kind === "file" ? "one file" : counted(fileCount, "file")}</li>
        <li>${day(release.publishedAt)}</li>
      </ul>
    </div>
  </div>`;
}

function notesSection(notes: string): Html {
  const shown = notes.slice(0, SITE_NOTES_LENGTH_MAX);
  return section(
    "notes",
    "Notes",
    html`<div class="notes">${shown}</div>
      ${shown.length < notes.length && html`<p>The notes go on; the signed metadata holds all of them.</p>`}`,
  );
}
