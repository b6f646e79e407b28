// The signing keys: what a client pins, and which roles sign what until when.

import { FIRST_ROOT_PATH } from "../addresses.ts";
import { dataTable } from "../data-table.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { command, copyable, minute, section } from "../page-parts.ts";
import { formatDuration } from "../quantities.ts";
import type { SiteContext } from "../site-context.ts";

type Role = Awaited<ReturnType<SiteContext["parts"]["signing"]["status"]>>["roles"][number];

export async function keysText({ parts, site }: SiteContext): Promise<string> {
  const { rootFingerprint, roles } = await parts.signing.status();
  const now = parts.clock.wallMs();
  return layout({
    site,
    title: "Signing keys",
    description: `Fingerprint of the root of ${site.title}, the keys that sign its releases, and how to pin them.`,
    path: "/keys",
    section: "keys",
    scripts: ["copy.js"],
    body: html`<div class="intro">
        <h1>Signing keys</h1>
        <p class="lead">
          Releases are signed by The Update Framework’s rules (TUF). One value vouches for all the rest: the fingerprint
          of the first root.
        </p>
      </div>
      ${rootSection(rootFingerprint, site.publicUrl)} ${section("roles", "Roles", rolesTable(roles, now))}
      ${section("key-ids", "Key ids", keyIds(roles))}`,
  });
}

function rootSection(fingerprint: string, publicUrl: string): Html {
  return section(
    "root",
    "Pin the root",
    html`<p>SHA-256 of <a href="${FIRST_ROOT_PATH}">1.root.json</a>:</p>
      <p class="fingerprint">${copyable(fingerprint, "the root’s fingerprint")}</p>
      <p>
        Get this value by another way too (a colleague, the publisher’s printed page, the agent’s enrolment) and
        compare. A client that is given it trusts this origin only as far as that root allows, whatever this page says
        later:
      </p>
      ${command(`upswarm get --root ${fingerprint} ${publicUrl}/PRODUCT`, "Command that fetches with a pinned root")}`,
  );
}

function rolesTable(roles: readonly Role[], now: number): Html {
  return dataTable({
    caption: "Which role signs what, with which version, until when",
    columns: ["Role", "Version", "Signatures needed", "Good until"],
    rows: roles.map(({ role, version, threshold, keyIds, expiresAt }) => [
      role,
      version,
      `${threshold} of ${keyIds.length}`,
      html`${minute(expiresAt)} ${expiryBadge(expiresAt, now)}`,
    ]),
  });
}

/** How long a signature holds still. The origin signs again long before it ends, so an ended one is an alarm. */
export function expiryBadge(expiresAt: number, now: number): Html {
  return expiresAt > now
    ? html`<span class="badge badge-good">${formatDuration(expiresAt - now)} left</span>`
    : html`<span class="badge badge-bad">ended ${formatDuration(now - expiresAt)} ago</span>`;
}

function keyIds(roles: readonly Role[]): Html {
  return html`<dl class="facts">
    ${roles.map(
      ({ role, keyIds }) =>
        html`<div>
          <dt>${role}</dt>
          <dd>${keyIds.map((id) => html`<code class="key-id">${id}</code>`)}</dd>
        </div>`,
    )}
  </dl>`;
}
