// The frame of every page: head, header, main, footer. Pages give a title and a body; styles and scripts are files under
// /assets, so the Content-Security-Policy allows nothing inline. Nothing of it comes from elsewhere.

import { SITE_QUERY_LENGTH_MAX } from "../../core/index.ts";
import { assetPath } from "./assets.ts";
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
  readonly section?: "catalogue" | "keys" | "notices" | "status" | "admin";
  /** Names of scripts under /assets. */
  readonly scripts?: readonly string[];
  /** Names of styles under /assets, besides the site's own. */
  readonly styles?: readonly string[];
  readonly isIndexed?: boolean;
  /** An Atom feed of what this page shows. */
  readonly feedPath?: string;
  /** What was asked, where the page answers a search. */
  readonly query?: string;
}

const sections = [
  { section: "catalogue", path: "/", name: "Releases" },
  { section: "keys", path: "/keys", name: "Keys" },
  { section: "status", path: "/status", name: "Status" },
  { section: "notices", path: "/notices", name: "Notices" },
] as const;

/** A whole document. */
export function layout(page: Page): string {
  const { site, body } = page;
  return render(
    html`<!doctype html>
      <html lang="en">
        ${head(page)}
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          <header class="masthead">
            <div class="frame">
              <a class="brand" href="/"
                ><img src="${assetPath("icon.svg")}" alt="" width="28" height="28" />${site.title}</a
              >
              <nav aria-label="Site">
                <ul>
                  ${sections.map(({ section, path, name }) => {
                    const current = page.section === section && (page.path === path ? "page" : "true");
                    return html`<li><a href="${path}" aria-current="${current || "false"}">${name}</a></li>`;
                  })}
                </ul>
              </nav>
              <form class="find" action="/search" role="search">
                <input
                  type="search"
                  name="q"
                  value="${page.query}"
                  aria-label="Search releases"
                  placeholder="Name, version or hash"
                  maxlength="${SITE_QUERY_LENGTH_MAX}"
                />
                <button>Search</button>
              </form>
            </div>
          </header>
          <main id="content" tabindex="-1"><div class="frame">${body}</div></main>
          <footer class="colophon">
            <div class="frame">
              <p>
                Published once, delivered by the machines that take it. Every byte is checked against a signed hash.
              </p>
              <ul>
                <li><a href="/feed.atom">Feed of all releases</a></li>
                <li><a href="/keys">Signing keys</a></li>
                <li><a href="/status">Status</a></li>
                <li><a href="/notices">Notices and policy</a></li>
              </ul>
            </div>
          </footer>
        </body>
      </html>`,
  );
}

function head({ site, title, description, path, feedPath, ...page }: Page): Html {
  const fullTitle = title === site.title ? title : `${title} · ${site.title}`;
  return html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${fullTitle}</title>
    <meta name="color-scheme" content="light dark" />
    ${description !== undefined && html`<meta name="description" content="${description}" />`}
    ${page.isIndexed === false && html`<meta name="robots" content="noindex" />`}
    ${path !== null && openGraph(site, title, description, path)}
    <link rel="alternate" type="application/atom+xml" title="All releases" href="/feed.atom" />
    ${feedPath !== undefined && html`<link rel="alternate" type="application/atom+xml" title="${title}" href="${feedPath}" />`}
    <link rel="icon" type="image/svg+xml" href="${assetPath("icon.svg")}" />
    <link rel="stylesheet" href="${assetPath("site.css")}" />
    ${page.styles?.map((name) => html`<link rel="stylesheet" href="${assetPath(name)}" />`)}
    ${page.scripts?.map((name) => html`<script type="module" src="${assetPath(name)}"></script>`)}
  </head>`;
}

function openGraph(site: SiteIdentity, title: string, description: string | undefined, path: string): Html {
  return html`<link rel="canonical" href="${site.publicUrl}${path}" />
    <meta property="og:type" content="website" />
    <meta property="og:site_name" content="${site.title}" />
    <meta property="og:title" content="${title}" />
    <meta property="og:url" content="${site.publicUrl}${path}" />
    ${description !== undefined && html`<meta property="og:description" content="${description}" />`}`;
}
