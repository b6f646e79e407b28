// The frame of every page: head, header, main, footer. Pages give a title and a body; styles and scripts are files under
// /assets, so the Content-Security-Policy allows nothing inline.

import { html, render, type Html } from "./html.ts";

export interface SiteIdentity {
  readonly title: string;
  /** Without a slash at the end. */
  readonly publicUrl: string;
}

export interface Page {
  readonly site: SiteIdentity;
  readonly title: string;
  readonly description?: string;
  /** "/product/1.0"; null for pages that have no lasting address (errors, forms' answers). */
  readonly path: string | null;
  readonly body: Html;
  readonly section?: "catalogue" | "notices" | "status" | "admin";
  /** Names of scripts under /assets. */
  readonly scripts?: readonly string[];
  readonly isIndexed?: boolean;
}

/** A whole document. */
export function layout({ site, title, path, body, scripts = [], isIndexed = true }: Page): string {
  return render(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title} · ${site.title}</title>
          ${path !== null && html`<link rel="canonical" href="${site.publicUrl}${path}" />`}
          ${!isIndexed && html`<meta name="robots" content="noindex" />`}
          <link rel="stylesheet" href="/assets/site.css" />
          ${scripts.map((name) => html`<script type="module" src="/assets/${name}"></script>`)}
        </head>
        <body>
          <header><a href="/">${site.title}</a></header>
          <main id="content">${body}</main>
          <footer><a href="/notices">Notices</a></footer>
        </body>
      </html>`,
  );
}
