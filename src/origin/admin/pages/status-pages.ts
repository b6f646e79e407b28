// /admin/keys, /admin/swarms, /admin/audit: what there is to look at.

import { refOf, type LiveSwarm, type Release } from "../../domain.ts";
import type { SigningStatus } from "../../origin-parts.ts";
import { releasePath } from "../../site/addresses.ts";
import { html } from "../../site/html.ts";
import type { ChainCheck, ChainEntry } from "../../notices/chain.ts";
import { brokenText } from "../../notices/pages/log-page.ts";
import { minute } from "../../site/page-parts.ts";
import { adminPage, tableOf, type AdminView } from "./frame.ts";

export function keysPage(view: AdminView, signing: SigningStatus): string {
  const rows = signing.roles.map(({ role, version, expiresAt, threshold, keyIds }) => [
    role,
    version,
    minute(expiresAt),
    `${threshold} of ${keyIds.length}`,
    html`${keyIds.map((id) => html`<code class="hash">${id.slice(0, 16)}…</code> `)}`,
  ]);
  return adminPage(
    view,
    "/admin/keys",
    "Keys and expiries",
    html`<p>Clients pin this root: <code class="hash">${signing.rootFingerprint}</code></p>
      ${tableOf("Roles", ["Role", "Version", "Expires", "Signatures", "Keys"], rows, "Nothing is signed yet.")}`,
  );
}

export interface ReleaseSwarm {
  readonly release: Release;
  readonly live: LiveSwarm;
}

export function swarmsPage(view: AdminView, swarms: readonly ReleaseSwarm[], nowMs: number): string {
  const rows = swarms.map(({ release, live }) => [
    html`<a href="/admin/releases${releasePath(release)}">${refOf(release)}</a>`,
    live.seeds,
    live.downloading,
    live.traffic.completed,
    `${megabytes(live.originRate)} MB/s`,
    `${megabytes(live.traffic.seedBytes + live.traffic.webSeedBytes + live.traffic.directBytes)} MB`,
    release.withdrawal === null ? "published" : `withdrawn (${release.withdrawal.kind})`,
  ]);
  const columns = ["Release", "Seeds", "Downloading", "Completed", "Origin sends", "Origin sent", "Status"];
  return adminPage(
    view,
    "/admin/swarms",
    "Swarms",
    html`<p>As of ${minute(nowMs)}. <a href="/admin/swarms">Look again</a></p>
      ${tableOf("Swarms", columns, rows, "Nothing is published yet.")}`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

export interface AuditView {
  /** In order. */
  readonly entries: readonly ChainEntry[];
  readonly check: ChainCheck;
}

export function auditPage(view: AdminView, { entries, check }: AuditView): string {
  const first = entries[0];
  const rows = entries.toReversed().map(({ sequence, at, subject, event, fields, hash }) => [
    sequence,
    minute(at),
    event,
    subject,
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(", "),
    html`<code class="hash">${hash.slice(0, 12)}…</code>`,
  ]);
  return adminPage(
    view,
    "/admin/audit",
    "Audit log",
    html`${
      check.isIntact
        ? html`<p>
            ${check.head.sequence} entries, chained and intact. Head: <code class="hash">${check.head.hash}</code>
          </p>`
        : html`<p class="callout callout-bad" role="alert">${brokenText(check)}</p>`
    }
    ${tableOf("Entries", ["No.", "When", "What", "About", "Details", "Hash"], rows, "Nothing was done yet.")}
    ${first !== undefined && first.sequence > 1 && html`<p><a href="/admin/audit?before=${first.sequence}">Older entries</a></p>`}`,
  );
}
