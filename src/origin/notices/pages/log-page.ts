// /notices/log, and the same as a file to be published: every entry with its hash, and whether the chain is intact.

import { refOf } from "../../domain.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { html, render, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import { entryText } from "../case-words.ts";
import type { ChainCheck, ChainEntry, ChainHead } from "../chain.ts";
import { timeTag } from "./time-tag.ts";

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
    body: html`<h1>Log of notices</h1>
      <p>
        Every step of every case, newest first. It can only grow: each entry holds the hash of the one before. Personal
        data stand apart from it and are not published. The same <a href="/notices/log.json">as JSON</a>.
      </p>
      ${headOf(view)} ${table(view.entries.toReversed(), "/notices/cases/")}
      ${first !== undefined && first.sequence > 1 && html`<p><a href="/notices/log?before=${first.sequence}">Older entries</a></p>`}`,
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
            ${headOf(view)} ${table(view.entries.toReversed(), `${config.publicUrl}/notices/cases/`)}
          </main>
        </body>
      </html>`,
  );
}

function headOf({ head, check }: LogView): Html {
  if (!check.isIntact) {
    return html`<p class="notice problem-summary" role="alert">
      The log is broken: entry ${check.sequence} ${check.reason}.
    </p>`;
  }
  return html`<dl class="facts">
    <dt>Entries</dt>
    <dd>${head.sequence}</dd>
    <dt>Head</dt>
    <dd><code class="hash">${head.hash}</code></dd>
  </dl>`;
}

function table(entries: readonly ChainEntry[], casesAt: string): Html {
  if (entries.length === 0) return html`<p class="empty">No notice was ever received here.</p>`;
  return html`<div class="table" role="region" aria-label="Entries" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">When</th>
          <th scope="col">Case</th>
          <th scope="col">What</th>
          <th scope="col">Hash</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map(
          (entry) =>
            html`<tr>
              <td>${entry.sequence}</td>
              <td>${timeTag(entry.at)}</td>
              <td><a href="${casesAt}${entry.subject}">${entry.subject}</a></td>
              <td>${entryText(entry.event)}${details(entry)}</td>
              <td><code class="hash">${entry.hash.slice(0, 12)}…</code></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
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
