// The frame of the administrators' pages: navigation, who is signed in, and forms that carry their CSRF token.

import type { OriginConfig } from "../../origin-parts.ts";
import { html, type Html } from "../../site/html.ts";
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
    body: html`<nav class="admin-nav" aria-label="Administration">
        <ul>
          ${places.map(([path, name]) => html`<li><a href="${path}" ${path === here && html`aria-current="page"`}>${name}</a></li>`)}
        </ul>
        <p>Signed in as ${view.session.actor}</p>
        ${postForm(view, "/admin/sign-out", html`<button type="submit" class="quiet">Sign out</button>`)}
        ${postForm(view, "/admin/sign-out-everywhere", html`<button type="submit" class="quiet">Sign out everywhere</button>`)}
      </nav>
      <h1>${title}</h1>
      ${view.done !== null && html`<p class="notice done" role="status">${view.done}</p>`} ${body}`,
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
    body: html`<h1>${title}</h1>
      <p>${message}</p>
      <p><a href="/admin">To the overview</a></p>`,
  });
}

/** Rows under a heading each, or a sentence where there are none. */
export function tableOf(
  label: string,
  columns: readonly string[],
  rows: readonly (readonly (Html | string | number)[])[],
  empty: string,
): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="table" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
