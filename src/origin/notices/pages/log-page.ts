// /notices/log, and the same as a file to be published: every entry with its hash, and whether the chain is intact.

import { refOf } from "../../domain.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { dataTable } from "../../site/data-table.ts";
import { html, render, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import { callout, crumbs, minute } from "../../site/page-parts.ts";
import { entryText } from "../case-words.ts";
import type { ChainCheck, ChainEntry, ChainHead } from "../chain.ts";

export interface LogView {
  /** In order. */
  readonly entries: readonly ChainEntry[];
  readonly head: ChainHead;
  readonly check: ChainCheck;
}

export function logPage(config: OriginConfig, view: LogView): string {
  const first = view.entries[0];
  return layout({
    site: config,
    title: "Log of notices",
    path: "/notices/log",
    section: "notices",
    styles: ["cases.css"],
    body: html`${crumbs(["/notices", "Notices"])}
      <div class="intro">
        <h1>Log of notices</h1>
        <p class="lead">
          Every step of every case, newest first. It can only grow: each entry holds the hash of the one before.
          Personal data stand apart from it and are not published. The same <a href="/notices/log.json">as JSON</a>.
        </p>
      </div>
      ${brokenOf(view)} ${table(view, "/notices/cases/")}
      ${
        first !== undefined &&
        first.sequence > 1 &&
        html`<p><a href="/notices/log?before=${first.sequence}">Older entries</a></p>`
      }`,
  });
}

/** A document that stands by itself, without this site's styles. */
export function exportedLog(config: OriginConfig, view: LogView): string {
  return render(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Log of notices · ${config.title}</title>
        </head>
        <body>
          <main>
            <h1>Log of notices of ${config.title}</h1>
            <p>As JSON: <a href="log.json">log.json</a>. The head alone: <a href="head.json">head.json</a>.</p>
            ${brokenOf(view)} ${table(view, `${config.publicUrl}/notices/cases/`)}
          </main>
        </body>
      </html>`,
  );
}

function brokenOf({ check }: LogView): Html | null {
  return check.isIntact ? null : callout("bad", html`<p role="alert">${brokenText(check)}</p>`);
}

export function brokenText(check: Exclude<ChainCheck, { isIntact: true }>): string {
  return `The log is broken: entry ${check.sequence} ${check.reason}.`;
}

function table({ entries, head }: LogView, casesAt: string): Html {
  if (entries.length === 0) return html`<p class="empty">No notice was ever received here.</p>`;
  const rows = entries
    .toReversed()
    .map((entry) => [
      entry.sequence,
      minute(entry.at),
      html`<a href="${casesAt}${entry.subject}">${entry.subject}</a>`,
      html`${entryText(entry.event)}${details(entry)}`,
      html`<code class="hash">${entry.hash.slice(0, 16)}…</code>`,
    ]);
  return html`${dataTable({ caption: "Entries, newest first", columns: ["No.", "When", "Case", "What", "Hash"], rows })}
    <p>The head, after ${head.sequence} entries: <code class="hash">${head.hash}</code></p>`;
}

function details({ event, fields }: ChainEntry): Html | null {
  if (event === "received") {
    const { product, version, organization, work } = fields;
    const release = refOf({ product: String(product), version: String(version) });
    return html`: ${release}, by ${organization === null ? "a person" : String(organization)}<br />${String(work)}`;
  }
  const { missing } = fields;
  return Array.isArray(missing) && missing.length > 0 ? html`: ${missing.join(", ")}` : null;
}
