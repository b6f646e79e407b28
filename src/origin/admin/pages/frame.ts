// The frame of the administrators' pages: navigation, who is signed in, and forms that carry their CSRF token.

import type { OriginConfig } from "../../origin-parts.ts";
import { dataTable } from "../../site/data-table.ts";
import { html, type Html, type HtmlPart } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import type { Session } from "../sessions.ts";

export interface AdminView {
  readonly config: OriginConfig;
  readonly session: Session;
  readonly csrf: string;
  /** What was just done, as a sentence. */
  readonly done: string | null;
}

const places = [
  ["/admin", "Overview"],
  ["/admin/releases", "Releases"],
  ["/admin/cases", "Cases"],
  ["/admin/keys", "Keys"],
  ["/admin/swarms", "Swarms"],
  ["/admin/audit", "Audit log"],
] as const;

export function adminPage(view: AdminView, here: string, title: string, body: Html): string {
  return layout({
    site: view.config,
    title: `${title} · Admin`,
    path: null,
    section: "admin",
    isIndexed: false,
    styles: ["cases.css"],
    body: html`<nav class="places" aria-label="Administration">
        <ul>
          ${places.map(
            ([path, name]) =>
              html`<li><a href="${path}" aria-current="${path === here ? "page" : "false"}">${name}</a></li>`,
          )}
        </ul>
        <p>Signed in as ${view.session.actor}</p>
        ${postForm(view, "/admin/sign-out", html`<button type="submit">Sign out</button>`)}
        ${postForm(view, "/admin/sign-out-everywhere", html`<button type="submit">Sign out everywhere</button>`)}
      </nav>
      <div class="intro"><h1>${title}</h1></div>
      ${view.done !== null && html`<p class="callout callout-good done" role="status">${view.done}</p>`} ${body}`,
  });
}

export function postForm({ csrf }: Pick<AdminView, "csrf">, action: string, body: Html): Html {
  return html`<form method="post" action="${action}" class="form">
    <input type="hidden" name="_csrf" value="${csrf}" />${body}
  </form>`;
}

export function problemPage(config: OriginConfig, title: string, message: string): string {
  return layout({
    site: config,
    title,
    path: null,
    section: "admin",
    isIndexed: false,
    body: html`<div class="intro"><h1>${title}</h1></div>
      <p>${message}</p>
      <p><a href="/admin">To the overview</a></p>`,
  });
}

/** Rows under a heading each, or a sentence where there are none. */
export function tableOf(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly HtmlPart[])[],
  empty: string,
): Html {
  return rows.length === 0 ? html`<p class="empty">${empty}</p>` : dataTable({ caption, columns, rows });
}

/** What went wrong with a form, above it. */
export function problemNote(problem: string | null): Html | null {
  return problem === null ? null : html`<div class="callout callout-bad done" role="alert"><p>${problem}</p></div>`;
}
