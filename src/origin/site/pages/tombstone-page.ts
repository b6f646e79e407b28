// The page of a withdrawn release: what happened, when, on whose demand, where the vendor's own page is, what replaces
// it, and what cannot be undone. Invariant: no torrent, magnet link or download is on it, nor a hash to find one by.

import type { LiveSwarm, Release, Withdrawal, WithdrawalKind } from "../../domain.ts";
import { productPath, releasePath } from "../addresses.ts";
import { externalLink } from "../external-link.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import type { Drawn } from "../page-cache.ts";
import { crumbs, minute, section } from "../page-parts.ts";
import { counted } from "../quantities.ts";
import type { SiteContext } from "../site-context.ts";

const told: Readonly<
  Record<WithdrawalKind, { readonly status: number; readonly badge: string; readonly what: string }>
> = {
  legal: {
    status: 451,
    badge: "Withdrawn on a legal notice",
    what: "This release is not offered here any more, because somebody who says to hold rights in it demanded that.",
  },
  recall: {
    status: 410,
    badge: "Recalled by the publisher",
    what: "The publisher recalled this release, because it is broken or insecure. Do not install it.",
  },
  "key-compromise": {
    status: 410,
    badge: "Withdrawn: a signing key was compromised",
    what: "A key that signed this release fell into wrong hands, so nothing vouches for it any more. Do not install it.",
  },
};

export async function tombstone(
  { parts, site }: SiteContext,
  release: Release,
  withdrawal: Withdrawal,
): Promise<Drawn> {
  const { status, badge, what } = told[withdrawal.kind];
  const live = await parts.swarms.live(release);
  const title = `${release.product} ${release.version}`;
  const text = layout({
    site,
    title: `${title}: withdrawn`,
    description: `${title} was withdrawn. ${what}`,
    path: releasePath(release),
    section: "catalogue",
    isIndexed: false,
    body: html`${crumbs(["/", "Releases"], [productPath(release.product), release.product])}
      <div class="tomb">
        <p><span class="badge badge-bad">${badge}</span></p>
        <h1>${release.product} <span class="version">${release.version}</span></h1>
        <p class="lead">${what}</p>
        ${insteadOf(release, withdrawal)}
      </div>
      ${happened(withdrawal)} ${beyondReach(live)}`,
  });
  return { text, status, headers: headersOf(withdrawal.kind, site.publicUrl) };
}

/** RFC 7725: the link names who blocks, which is this origin; who demanded it stands in the body. */
function headersOf(kind: WithdrawalKind, publicUrl: string): Readonly<Record<string, string>> {
  const headers = { "Cache-Control": "no-store" };
  return kind === "legal" ? { ...headers, Link: `<${publicUrl}/>; rel="blocked-by"` } : headers;
}

function insteadOf(release: Release, { vendorUrl, replacedBy }: Withdrawal): Html | null {
  const url = vendorUrl ?? release.vendor?.url ?? null;
  if (replacedBy === null && url === null) return null;
  const replacing = replacedBy === null ? null : releasePath({ product: release.product, version: replacedBy });
  return html`<div class="instead">
    <h2>Take this instead</h2>
    ${replacing !== null && html`<p><a class="button button-primary" href="${replacing}">${release.product} ${replacedBy}</a></p>`}
    ${url !== null && html`<p>${release.vendor?.name ?? "The vendor"}’s own page: ${externalLink(url)}</p>`}
  </div>`;
}

function happened({ at, reason, demandedBy, caseId }: Withdrawal): Html {
  return section(
    "happened",
    "What happened",
    html`<dl class="facts">
      <div>
        <dt>When</dt>
        <dd>${minute(at)}</dd>
      </div>
      <div>
        <dt>Why</dt>
        <dd>${reason}</dd>
      </div>
      <div>
        <dt>On whose demand</dt>
        <dd>${demandedBy ?? "The publisher’s own decision"}</dd>
      </div>
      ${
        caseId !== null &&
        html`<div>
          <dt>Case</dt>
          <dd><a href="/notices/cases/${encodeURIComponent(caseId)}">${caseId}</a>, where its course is told</dd>
        </div>`
      }
    </dl>`,
  );
}

function beyondReach({ seeds, downloading }: LiveSwarm): Html {
  const peers = seeds + downloading;
  return section(
    "reach",
    "What this reaches",
    html`<p>
        Tracker, downloads and first seed of this origin refuse the release. The signed metadata says that it is
        withdrawn, so Upswarm’s own programs refuse it and stop sharing it.
      </p>
      <p>
        <strong>Other BitTorrent clients that go on sharing cannot be recalled.</strong>
        ${peers === 0 ? "None of them was in the swarm when it was last seen." : html`${counted(peers, "peer was", "peers were")} in the swarm when it was last seen.`}
      </p>`,
  );
}
